import type { ReactNode } from 'react';
import { Button } from '../controls/button.tsx';
import { ProblemNote } from '../display/problem-note.tsx';
import { ScrollBox } from '../display/scroll-box.tsx';
import type { CursorList } from './use-cursor-list.ts';

export type Column<T> = {
  /** Empty for the buttons of the row. */
  name: string;
  cell: (item: T) => ReactNode;
  isNumeric?: boolean;
  /** The column that names the row. One of each table. */
  isMain?: boolean;
};

type TableProps<T> = {
  /** Of the whole table, for people who do not see it: "Webhooks". */
  label: string;
  columns: readonly Column<T>[];
  items: readonly T[];
  keyOf: (item: T) => string;
};

/** A table; on a phone each row becomes a card. */
export const Table = <T,>({ label, columns, items, keyOf }: TableProps<T>) => (
  <ScrollBox label={label} className="rounded-xl border border-line bg-pane">
    <table className="w-full border-collapse max-sm:block">
      <thead className="bg-soft max-sm:sr-only">
        <tr>
          {columns.map(({ name, isNumeric }) => (
            <th
              key={name}
              scope="col"
              className={`px-3 py-1.5 font-semibold whitespace-nowrap ${isNumeric ? 'text-right' : 'text-left'}`}
            >
              {name === '' ? <span className="sr-only">Buttons</span> : name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="max-sm:block">
        {items.map((item) => (
          <tr key={keyOf(item)} className="border-t border-line first:border-t-0 max-sm:block max-sm:p-2">
            {columns.map((column) => (
              <Cell key={column.name} column={column} item={item} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </ScrollBox>
);

function Cell<T>({ column: { name, cell, isMain, isNumeric }, item }: { column: Column<T>; item: T }) {
  const content = cell(item);
  const className = `min-w-0 px-3 py-1.5 align-top font-normal break-words max-sm:flex max-sm:gap-2 max-sm:px-1 max-sm:py-0.5 ${
    isNumeric ? 'text-right max-sm:text-left' : 'text-left'
  }`;
  if (isMain)
    return (
      <th scope="row" className={`${className} max-w-96`}>
        {content}
      </th>
    );
  return (
    <td className={className}>
      {name !== '' && (
        <span aria-hidden="true" className="w-28 shrink-0 text-dim sm:hidden">
          {name}
        </span>
      )}
      <span className="min-w-0">{content}</span>
    </td>
  );
}

type ListViewProps<T> = Omit<TableProps<T>, 'items'> & {
  list: CursorList<T>;
  /** Shown for a list without items: a sentence, and what to do. */
  empty: ReactNode;
};

/** A list in all of its states: being read, failed, empty, shown, with more to come. */
export function ListView<T>({ list, empty, ...table }: ListViewProps<T>) {
  const { items, error, isPending, hasMore, isFull, isReadingMore, readMore, readAgain } = list;
  if (isPending && !error) return <Skeleton label={table.label} />;
  return (
    <div className="flex min-w-0 flex-col gap-3">
      {error != null && <ProblemNote error={error} onRetry={readAgain} />}
      {items.length > 0 && <Table {...table} items={items} />}
      {items.length === 0 && error == null && <Empty>{empty}</Empty>}
      {hasMore && (
        <Button className="self-center" isBusy={isReadingMore} onClick={readMore}>
          Show more
        </Button>
      )}
      {isFull && (
        <p className="text-center text-dim">These are the first {items.length}. Narrow the list to see others.</p>
      )}
    </div>
  );
}

export const Empty = ({ children }: { children: ReactNode }) => (
  <div className="rounded-xl border border-dashed border-line p-6 text-center text-dim">{children}</div>
);

/** Keeps the place of a list that is being read. */
export const Skeleton = ({ label }: { label: string }) => (
  <div role="status" aria-label={`${label} are being read`} className="h-48 rounded-xl border border-line bg-pane" />
);

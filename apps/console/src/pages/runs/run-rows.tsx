import { Link } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import {
  type Dispatch,
  Fragment,
  memo,
  type ReactNode,
  type RefObject,
  type SetStateAction,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { Button } from '../../controls/button.tsx';
import { StatusMark } from '../../display/status.tsx';
import { Text } from '../../display/text.tsx';
import { useIntegrationNames } from '../../session/integrations.ts';
import { useWorkspaceId } from '../../session/workspace.tsx';
import type { ColumnId } from './column-ids.ts';
import { COLUMNS, ColumnNames, layoutOf, type Names, type RowLayout, tracksOf } from './columns.tsx';
import type { ListState, LiveRuns, Row, Run } from './live-runs.ts';
import { useCursor } from './use-cursor.ts';

/** The height of a row: of one line of facts, or of two on a narrow list. It is that of the classes of the row. */
const ROW_PX = 56;
const NARROW_ROW_PX = 88;
const OVERSCAN = 8;
/** Rows before the end at which the next page is read. */
const READ_AHEAD = 30;

type RunRowsProps = {
  list: LiveRuns;
  state: ListState;
  picked: ReadonlySet<string>;
  onPick: Dispatch<SetStateAction<ReadonlySet<string>>>;
  peek: string | undefined;
  onPeek: (runId: string | undefined) => void;
  columns: readonly ColumnId[];
};

/** The rows on the screen, of a list of any length. */
export function RunRows({
  list,
  state: { rows, unseen, hasMore, isReading, error },
  picked,
  onPick,
  peek,
  onPeek,
  columns,
}: RunRowsProps) {
  const frame = useRef<HTMLOListElement>(null);
  const { top, widthPx } = usePlacement(frame, rows.length === 0);
  const layout = useMemo(() => layoutOf(columns, widthPx), [columns, widthPx]);
  const rowPx = layout.isNarrow ? NARROW_ROW_PX : ROW_PX;
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowPx,
    overscan: OVERSCAN,
    scrollMargin: top,
    getItemKey: (index) => rows[index]!.run.runId,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another height of rows is another layout
  useEffect(() => virtual.measure(), [rowPx]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useVisibleRows(list, rows, [items[0]?.index ?? 0, last]);
  useEffect(() => {
    if (hasMore && !isReading && error === undefined && last >= rows.length - READ_AHEAD) void list.readMore();
  }, [hasMore, isReading, error, last, rows.length, list]);
  const toggle = useCallback((runId: string) => onPick((before) => toggled(before, runId)), [onPick]);
  const cursor = useCursor({ rows, peek, onPeek, onToggle: toggle, scrollTo: (index) => virtual.scrollToIndex(index) });
  if (rows.length === 0) return <Skeleton />;
  return (
    <>
      {unseen > 0 && <UnseenButton count={unseen} onShow={() => list.showUnseen()} />}
      {!layout.isNarrow && <ColumnNames layout={layout} />}
      <ol
        ref={frame}
        aria-label="Errands"
        className="relative border-t border-line"
        style={{ height: virtual.getTotalSize() }}
      >
        {items.map(({ index, key, start }) => (
          <li
            key={key}
            aria-setsize={hasMore ? -1 : rows.length}
            aria-posinset={index + 1}
            className="absolute inset-x-0 top-0"
            style={{ transform: `translateY(${start - top}px)` }}
          >
            <RunRow
              row={rows[index]!}
              layout={layout}
              isCurrent={cursor === rows[index]!.run.runId}
              isPicked={picked.has(rows[index]!.run.runId)}
              onToggle={toggle}
            />
          </li>
        ))}
      </ol>
    </>
  );
}

function toggled(picked: ReadonlySet<string>, runId: string): ReadonlySet<string> {
  const next = new Set(picked);
  if (!next.delete(runId)) next.add(runId);
  return next;
}

/** The distance of the list from the top of the page, and its width. */
function usePlacement(frame: RefObject<HTMLOListElement | null>, isEmpty: boolean): { top: number; widthPx: number } {
  const [placement, setPlacement] = useState({ top: 0, widthPx: window.innerWidth });
  useLayoutEffect(() => {
    const element = isEmpty ? null : frame.current;
    const container = element?.parentElement;
    if (!element || !container) return;
    const measure = () => {
      const top = Math.round(element.getBoundingClientRect().top + window.scrollY);
      const widthPx = element.clientWidth;
      setPlacement((before) => (before.top === top && before.widthPx === widthPx ? before : { top, widthPx }));
    };
    measure();
    // Filters and notes above the list change the size of the container.
    const observer = new ResizeObserver(measure);
    observer.observe(container);
    return () => observer.disconnect();
  }, [frame, isEmpty]);
  return placement;
}

/** Tells the list which rows are on the screen. */
function useVisibleRows(list: LiveRuns, rows: readonly Row[], [first, last]: [number, number]): void {
  useEffect(() => {
    const tell = () =>
      list.see(
        rows.slice(first, last + 1).map(({ run }) => run.runId),
        window.scrollY < ROW_PX,
      );
    tell();
    addEventListener('scroll', tell, { passive: true });
    return () => removeEventListener('scroll', tell);
  }, [list, rows, first, last]);
}

const UnseenButton = ({ count, onShow }: { count: number; onShow: () => void }) => (
  <div className="sticky top-14 z-10 flex h-0 justify-center">
    <Button
      look="accent"
      className="h-8 shadow-lg"
      onClick={() => {
        onShow();
        window.scrollTo({ top: 0 });
      }}
    >
      {count} new
    </Button>
  </div>
);

type RunRowProps = {
  row: Row;
  layout: RowLayout;
  isCurrent: boolean;
  isPicked: boolean;
  onToggle: (runId: string) => void;
};

const RunRow = memo(function RunRow({ row: { run, isUnmatched }, layout, isCurrent, isPicked, onToggle }: RunRowProps) {
  const workspaceId = useWorkspaceId();
  const names = useIntegrationNames();
  const { isNarrow, cells } = layout;
  const shape = isNarrow ? 'h-22 grid-cols-[28px_minmax(0,1fr)_auto]' : 'h-14';
  return (
    <div
      className={`grid content-center items-center gap-x-2 border-b border-line px-1 ${shape} ${isCurrent ? 'bg-soft' : ''} ${isUnmatched ? 'opacity-60' : ''}`}
      style={isNarrow ? undefined : { gridTemplateColumns: tracksOf(layout) }}
      title={isUnmatched ? 'This errand has changed and matches the filters no longer.' : undefined}
    >
      <input
        type="checkbox"
        aria-label={`Select: ${run.intent.slice(0, 80)}`}
        checked={isPicked}
        onChange={() => onToggle(run.runId)}
        className={`size-4 justify-self-center ${isNarrow ? 'row-span-2' : ''}`}
      />
      <StatusMark status={run.status} />
      <div className={`min-w-0 ${isNarrow ? 'order-last col-span-2 col-start-2' : ''}`}>
        <Link
          to="/w/$workspaceId/runs/$runId"
          params={{ workspaceId, runId: run.runId }}
          data-run={run.runId}
          className="block truncate font-semibold outline-offset-0 hover:underline"
        >
          <Text>{run.intent}</Text>
        </Link>
        <FactsBelow run={run} names={names} below={layout.below} />
      </div>
      {cells.map((id) => (
        <Cell key={id} id={id}>
          {COLUMNS[id].cell(run, names)}
        </Cell>
      ))}
    </div>
  );
});

const Cell = ({ id, children }: { id: ColumnId; children: ReactNode }) => (
  <span className={`min-w-0 truncate text-dim ${COLUMNS[id].isNumeric ? 'text-right' : 'pl-3'}`}>
    {children !== undefined && <span className="sr-only">{COLUMNS[id].name}: </span>}
    {children}
  </span>
);

function FactsBelow({ run, names, below }: { run: Run; names: Names; below: readonly ColumnId[] }) {
  const facts = below.flatMap((id) => {
    const fact = COLUMNS[id].cell(run, names);
    return fact === undefined ? [] : [{ id, fact }];
  });
  return (
    <p className="truncate text-sm text-dim">
      {facts.map(({ id, fact }, index) => (
        <Fragment key={id}>
          {index > 0 && ' · '}
          {WORDS[id]?.before} {fact} {WORDS[id]?.after}
        </Fragment>
      ))}
      {run.errorCode !== undefined && `${facts.length > 0 ? ' · ' : ''}${run.errorCode}`}
    </p>
  );
}

/** The words that facts need where no name of a column is above them. */
const WORDS: Partial<Record<ColumnId, { before?: string; after?: string }>> = {
  requester: { before: 'by' },
  steps: { after: 'steps' },
  calls: { after: 'calls' },
  tokens: { after: 'tokens' },
  duration: { before: 'took' },
  ended: { before: 'ended' },
  created: { before: 'created' },
};

const SKELETON_ROWS = 8;

/** Rows of the final height, so that nothing jumps. */
const Skeleton = () => (
  <div aria-busy="true">
    <p className="sr-only">Reading the errands…</p>
    <div className="h-7 @max-2xl:hidden" />
    {Array.from({ length: SKELETON_ROWS }, (_, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
      <div key={index} className="flex h-22 items-center border-b border-line @2xl:h-14">
        <span className="h-3 w-2/3 rounded bg-soft" />
      </div>
    ))}
  </div>
);

// A JSON value as a person would read it: a sentence, a table, a list, or names with values.
import { type ReactNode, useState } from 'react';
import { Button } from '../controls/button.tsx';
import { csvOf } from './csv.ts';
import { download, downloadJson } from './download.ts';
import { ScrollBox } from './scroll-box.tsx';
import { forPeople, isObject, isTime, labelOf, MAX_COLUMNS, type Row, shapeOf, textOf } from './shape.ts';
import { Text } from './text.tsx';
import { At } from './time.tsx';

const MAX_ROWS = 200;
const MAX_ITEMS = 100;
const MAX_TEXT = 5_000;
const MAX_CELL_TEXT = 300;
const MAX_SUMMARY = 80;
/** Deeper values are folded. */
const OPEN_DEPTH = 2;

type ValueViewProps = {
  value: unknown;
  /** Of the file of a download, without extension. */
  fileName?: string;
  depth?: number;
};

/** Any JSON value, for people. */
export function ValueView({ value, fileName = 'result', depth = 0 }: ValueViewProps) {
  const shape = shapeOf(value);
  switch (shape.kind) {
    case 'nothing':
      return <span className="text-dim">{Array.isArray(value) ? 'Empty list' : '–'}</span>;
    case 'text':
      return <TextValue value={value} text={shape.text} />;
    case 'rows':
      return <Table rows={shape.rows} columns={shape.columns} fileName={fileName} />;
    case 'list':
      return <List items={shape.items} fileName={fileName} depth={depth} />;
    case 'fields':
      return <Fields fields={shape.fields} fileName={fileName} depth={depth} />;
  }
}

function TextValue({ value, text, max = MAX_TEXT }: { value: unknown; text: string; max?: number }) {
  const [isWhole, setWhole] = useState(false);
  if (isTime(value)) return <At at={value} />;
  if (isWhole || text.length <= max)
    return (
      <span className="break-words whitespace-pre-wrap">
        <Text>{text}</Text>
      </span>
    );
  return (
    <span className="break-words whitespace-pre-wrap">
      <Text>{text.slice(0, max)}</Text>…{' '}
      <Button look="quiet" onClick={() => setWhole(true)}>
        Show all {text.length.toLocaleString()} characters
      </Button>
    </span>
  );
}

function Table({ rows, columns, fileName }: { rows: readonly Row[]; columns: readonly string[]; fileName: string }) {
  const visible = forPeople(columns).slice(0, MAX_COLUMNS);
  const isNumeric = new Set(
    visible.filter((name) => rows.slice(0, MAX_ROWS).every((row) => isNumberOrAbsent(row[name]))),
  );
  const align = (name: string) => (isNumeric.has(name) ? 'text-right' : 'text-left');
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <ScrollBox
        label={`${visible.slice(0, 3).map(labelOf).join(', ')} of ${fileName}`}
        className="max-h-80 rounded-lg border border-line"
      >
        <table className="w-full border-collapse">
          <thead className="sticky top-0 bg-soft">
            <tr>
              {visible.map((name) => (
                <th
                  key={name}
                  scope="col"
                  title={name}
                  className={`px-3 py-1.5 font-semibold whitespace-nowrap ${align(name)}`}
                >
                  {labelOf(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MAX_ROWS).map((row, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of a result have no identity and keep their order
              <tr key={index} className="border-t border-line">
                {visible.map((name) => (
                  <td key={name} className={`max-w-96 px-3 py-1.5 align-top break-words ${align(name)}`}>
                    <Cell value={row[name]} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <TableNote rows={rows} columns={columns} fileName={fileName} />
    </div>
  );
}

const isNumberOrAbsent = (value: unknown): boolean =>
  typeof value === 'number' || value === null || value === undefined;

function Cell({ value }: { value: unknown }): ReactNode {
  if (isTime(value))
    return (
      <span className="whitespace-nowrap">
        <At at={value} />
      </span>
    );
  if (isObject(value) || (Array.isArray(value) && value.some(isObject)))
    return <Folded label={summaryOf(value)}>{() => <ValueView value={value} depth={OPEN_DEPTH} />}</Folded>;
  return <TextValue value={value} text={textOf(value)} max={MAX_CELL_TEXT} />;
}

const NAMES = ['name', 'title', 'subject', 'label'];

/** The name of a folded value, or its size. */
function summaryOf(value: object): string {
  if (Array.isArray(value)) return `${value.length} items`;
  const named = NAMES.map((name) => (value as Row)[name]).find((name) => typeof name === 'string' && name !== '');
  return typeof named === 'string' ? named.slice(0, MAX_SUMMARY) : `${Object.keys(value).length} fields`;
}

function TableNote({
  rows,
  columns,
  fileName,
}: {
  rows: readonly Row[];
  columns: readonly string[];
  fileName: string;
}) {
  const notes = [
    rows.length > MAX_ROWS ? `${MAX_ROWS} of ${rows.length.toLocaleString()} rows` : rowsText(rows.length),
    columns.length > MAX_COLUMNS && `${MAX_COLUMNS} of ${columns.length} columns`,
  ];
  return (
    <div className="flex flex-wrap items-center gap-2 text-dim">
      <span>{notes.filter(Boolean).join(', ')}</span>
      <Button look="quiet" onClick={() => download(`${fileName}.csv`, 'text/csv', [csvOf(rows)])}>
        CSV
      </Button>
      <Button look="quiet" onClick={() => downloadJson(fileName, rows)}>
        JSON
      </Button>
    </div>
  );
}

const rowsText = (count: number): string => (count === 1 ? '1 row' : `${count} rows`);

type ListProps = { items: readonly unknown[]; fileName: string; depth: number };

function List({ items, fileName, depth }: ListProps) {
  return (
    <>
      <ul className="list-disc pl-5">
        {items.slice(0, MAX_ITEMS).map((item, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: items of a result have no identity and keep their order
          <li key={index}>
            <Nested value={item} fileName={fileName} depth={depth + 1} />
          </li>
        ))}
      </ul>
      <More count={items.length} value={items} fileName={fileName} />
    </>
  );
}

type FieldsProps = { fields: readonly (readonly [string, unknown])[]; fileName: string; depth: number };

function Fields({ fields, fileName, depth }: FieldsProps) {
  const [only] = fields;
  // One list under one name needs no second column.
  if (depth === 0 && fields.length === 1 && only && shapeOf(only[1]).kind === 'rows')
    return (
      <div>
        <p className="mb-1 font-semibold">{labelOf(only[0])}</p>
        <ValueView value={only[1]} fileName={fileName} depth={1} />
      </div>
    );
  return (
    <>
      <dl className="grid grid-cols-[minmax(72px,max-content)_minmax(0,1fr)] gap-x-4 gap-y-1">
        {fields.slice(0, MAX_ITEMS).map(([name, value]) => (
          <div key={name} className={isWide(value) ? 'col-span-2' : 'contents'}>
            <dt title={name} className="max-w-48 break-words text-dim">
              {labelOf(name)}
            </dt>
            <dd className={`min-w-0 ${isWide(value) ? 'border-l border-line pl-3' : ''}`}>
              <Nested value={value} fileName={fileName} depth={depth + 1} />
            </dd>
          </div>
        ))}
      </dl>
      <More count={fields.length} value={Object.fromEntries(fields)} fileName={fileName} />
    </>
  );
}

const isWide = (value: unknown): boolean => ['rows', 'fields'].includes(shapeOf(value).kind);

function Nested({ value, fileName, depth }: Required<ValueViewProps>) {
  const { kind } = shapeOf(value);
  const isSmall = kind === 'nothing' || kind === 'text' || depth < OPEN_DEPTH;
  if (isSmall) return <ValueView value={value} fileName={fileName} depth={depth} />;
  return (
    <Folded label={summaryOf(value as object)}>
      {() => <ValueView value={value} fileName={fileName} depth={depth} />}
    </Folded>
  );
}

function More({ count, value, fileName }: { count: number; value: unknown; fileName: string }) {
  if (count <= MAX_ITEMS) return null;
  return (
    <p className="flex items-center gap-2 text-dim">
      {MAX_ITEMS} of {count.toLocaleString()} are shown.
      <Button look="quiet" onClick={() => downloadJson(fileName, value)}>
        Download all
      </Button>
    </p>
  );
}

/** Content that is made when a person opens it. */
export function Folded({ label, children }: { label: ReactNode; children: () => ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary className="text-dim">{label}</summary>
      {isOpen && <div className="mt-1 border-l border-line pl-3">{children()}</div>}
    </details>
  );
}

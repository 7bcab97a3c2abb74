// The facts of an errand that a person may see as columns.
import { isTerminal } from '@errand/contracts/labels';
import type { ReactNode } from 'react';
import { Text } from '../../display/text.tsx';
import { Ago, duration, useNow } from '../../display/time.tsx';
import type { ColumnId } from './column-ids.ts';
import type { Run } from './live-runs.ts';

export type Names = ReadonlyMap<string, string>;

type Column = {
  name: string;
  px: number;
  isNumeric?: boolean;
  /** Undefined if the errand has no such fact. */
  cell: (run: Run, names: Names) => ReactNode;
};

export const COLUMNS: Readonly<Record<ColumnId, Column>> = {
  user: { name: 'User', px: 140, cell: ({ userId }) => <Text>{userId}</Text> },
  integrations: {
    name: 'Integrations',
    px: 140,
    cell: ({ integrations }, names) =>
      integrations.length > 0 ? <Text>{integrations.map((id) => names.get(id) ?? id).join(', ')}</Text> : undefined,
  },
  requester: {
    name: 'Created by',
    px: 140,
    cell: ({ requestedBy }) => (requestedBy ? <Text>{requestedBy.label}</Text> : undefined),
  },
  steps: { name: 'Steps', px: 88, isNumeric: true, cell: ({ progress }) => progress && <Steps {...progress} /> },
  calls: { name: 'Calls', px: 56, isNumeric: true, cell: ({ calls }) => calls.toLocaleString() },
  tokens: { name: 'Tokens', px: 80, isNumeric: true, cell: ({ tokens }) => tokens.toLocaleString() },
  cost: { name: 'Cost', px: 80, isNumeric: true, cell: ({ cost }) => cost },
  duration: { name: 'Duration', px: 88, isNumeric: true, cell: (run) => <Duration run={run} /> },
  ended: { name: 'Ended', px: 88, isNumeric: true, cell: ({ endedAt }) => endedAt && <Ago at={endedAt} /> },
  created: { name: 'Created', px: 88, isNumeric: true, cell: ({ createdAt }) => <Ago at={createdAt} /> },
};

const Steps = ({ done, total }: { done: number; total: number }) => (
  <span className="inline-flex items-center gap-1.5" title={`${done} of ${total} steps`}>
    <svg viewBox="0 0 40 6" aria-hidden="true" className="h-1.5 w-10 overflow-hidden rounded-full bg-line">
      <rect width={(40 * done) / Math.max(1, total)} height={6} className="fill-accent" />
    </svg>
    {done}/{total}
  </span>
);

function Duration({ run: { createdAt, endedAt, status } }: { run: Run }) {
  if (isTerminal(status) && endedAt) return duration(Date.parse(endedAt) - Date.parse(createdAt));
  return <Running since={createdAt} />;
}

const Running = ({ since }: { since: string }) => duration(useNow() - Date.parse(since));

/** Where the chosen columns are: beside the intent, or in the line below it where the list is too narrow. */
export type RowLayout = { isNarrow: boolean; cells: readonly ColumnId[]; below: readonly ColumnId[] };

const NARROW_PX = 672;
const [PICK_PX, STATUS_PX, MIN_INTENT_PX, GAP_PX] = [28, 168, 232, 8];
/** Facts that are below the intent if they are no columns. */
const CONTEXT: readonly ColumnId[] = ['user', 'integrations', 'requester'];

/** @param columns the columns of the person, in their order */
export function layoutOf(columns: readonly ColumnId[], widthPx: number): RowLayout {
  const isNarrow = widthPx < NARROW_PX;
  let left = isNarrow ? 0 : widthPx - PICK_PX - STATUS_PX - MIN_INTENT_PX - 2 * GAP_PX;
  const fitting = new Set<ColumnId>();
  // The time of creation orders the list, so it is the last that moves below.
  for (const id of columns.toSorted((a, b) => Number(b === 'created') - Number(a === 'created'))) {
    if (isNarrow && id === 'created') fitting.add(id);
    left -= COLUMNS[id].px + GAP_PX;
    if (left < 0) break;
    fitting.add(id);
  }
  const context = CONTEXT.filter((id) => !columns.includes(id));
  return {
    isNarrow,
    cells: columns.filter((id) => fitting.has(id)),
    below: [...context, ...columns.filter((id) => !fitting.has(id))],
  };
}

/** The tracks of the grid of a wide row. */
export const tracksOf = ({ cells }: RowLayout): string =>
  `${PICK_PX}px ${STATUS_PX}px minmax(0,1fr) ${cells.map((id) => `${COLUMNS[id].px}px`).join(' ')}`;

/** The names of the columns. Screen readers find the name in each cell. */
export const ColumnNames = ({ layout }: { layout: RowLayout }) => (
  <div
    aria-hidden="true"
    className="grid h-7 items-center gap-x-2 px-1 text-sm text-dim"
    style={{ gridTemplateColumns: tracksOf(layout) }}
  >
    <span />
    <span>Status</span>
    <span>Errand</span>
    {layout.cells.map((id) => (
      <span key={id} className={COLUMNS[id].isNumeric ? 'text-right' : 'pl-3'}>
        {COLUMNS[id].name}
      </span>
    ))}
  </div>
);

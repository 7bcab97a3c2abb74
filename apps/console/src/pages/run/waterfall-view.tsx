// The waterfall: where the time of each step went.
import { useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { memo, useCallback, useMemo, useRef, useState } from 'react';
import { duration } from '../../display/duration.ts';
import { ScrollBox } from '../../display/scroll-box.tsx';
import { type RunLog, timeOf } from './log/log.ts';
import type { Plan, Run } from './log/phases.ts';
import { useServiceNow } from './log/use-service-now.ts';
import { type Bar, type BarKind, isOpen, type Row, rowsOf, ticksOf } from './log/waterfall.ts';

const ROW_HEIGHT = 28;
/** A run that has just begun is drawn on an axis of a second. */
const MIN_SPAN = 1000;
const GRID =
  'grid grid-cols-[minmax(96px,220px)_minmax(0,1fr)_84px] items-center gap-3 px-3 max-sm:grid-cols-[112px_minmax(0,1fr)_56px] max-sm:gap-2';
/** A label further to the right would be cut. */
const LAST_TICK = 0.94;

const LOOKS: Record<BarKind, { color: string; label: string }> = {
  queued: { color: 'bg-edge', label: 'queued' },
  planning: { color: 'bg-plan', label: 'planned' },
  read: { color: 'bg-accent', label: 'reads' },
  write: { color: 'bg-write', label: 'writes' },
  retry: { color: 'hatched text-bad', label: 'failed attempts' },
  waiting: { color: 'hatched text-wait', label: 'waited for people' },
};

type WaterfallViewProps = {
  run: Run;
  log: RunLog;
  plan: Plan | undefined;
  selected: string | undefined;
  isExpanded: boolean;
};

export function WaterfallView({ run, log, plan, selected, isExpanded }: WaterfallViewProps) {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [onlyFailed, setOnlyFailed] = useState(false);
  const options = useMemo(() => ({ toggled, onlyFailed, isExpanded }), [toggled, onlyFailed, isExpanded]);
  const rows = useMemo(() => rowsOf(run, log, plan, options), [run, log, plan, options]);
  const toggle = useCallback((key: string) => {
    setToggled((before) => new Set(before.has(key) ? [...before].filter((each) => each !== key) : [...before, key]));
  }, []);
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <Legend />
        <label className="inline-flex items-center gap-1.5">
          <input type="checkbox" checked={onlyFailed} onChange={({ target }) => setOnlyFailed(target.checked)} />
          Failed only
        </label>
      </div>
      {rows.length === 0 ? (
        <p className="p-3 text-dim">Nothing has failed.</p>
      ) : (
        <Rows
          isLive={run.endedAt === undefined}
          rows={rows}
          from={timeOf(run.createdAt)}
          end={timeOf(run.endedAt ?? run.createdAt)}
          selected={selected}
          isOpen={(row) => isOpen(row, options)}
          onToggle={toggle}
        />
      )}
    </div>
  );
}

const Legend = () => (
  <ul aria-label="Colors" className="flex flex-wrap gap-x-4 text-sm text-dim">
    {Object.entries(LOOKS).map(([kind, { color, label }]) => (
      <li key={kind} className="inline-flex items-center gap-1.5">
        <span aria-hidden="true" className={`h-2 w-3 rounded-sm ${color}`} />
        {label}
      </li>
    ))}
  </ul>
);

type RowsProps = {
  rows: readonly Row[];
  from: number;
  isLive: boolean;
  end: number;
  selected: string | undefined;
  isOpen: (row: Row) => boolean;
  onToggle: (key: string) => void;
};

/** The same element while the run goes on and after its end, so that it keeps its place. */
function Rows({ rows, from, isLive, end, selected, isOpen, onToggle }: RowsProps) {
  const now = useServiceNow();
  const to = isLive ? Math.max(now, from + MIN_SPAN) : end;
  const box = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
    useFlushSync: false,
    getItemKey: (index) => rows[index]!.key,
  });
  const span = Math.max(1, to - from);
  return (
    <ScrollBox ref={box} label="Waterfall" className="max-h-[36rem] rounded-lg border border-line bg-pane">
      <Axis span={span} />
      <ul className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index]!;
          return (
            <li key={row.key} className="absolute inset-x-0" style={{ top: start, height: ROW_HEIGHT }}>
              <WaterfallRow
                row={row}
                from={from}
                to={to}
                isSelected={selected !== undefined && selected === (row.callId ?? row.stepId)}
                isOpen={isOpen(row)}
                onToggle={onToggle}
              />
            </li>
          );
        })}
      </ul>
    </ScrollBox>
  );
}

const Axis = ({ span }: { span: number }) => (
  <div aria-hidden="true" className={`${GRID} sticky top-0 z-[1] h-7 border-b border-line bg-pane text-sm text-dim`}>
    <span />
    <span className="relative h-full overflow-hidden">
      {ticksOf(span)
        .filter((tick) => tick <= span * LAST_TICK)
        .map((tick) => (
          <span
            key={tick}
            className="absolute top-1 border-l border-line pl-1 whitespace-nowrap"
            style={{ left: `${(tick / span) * 100}%` }}
          >
            {duration(tick)}
          </span>
        ))}
    </span>
    <span />
  </div>
);

type WaterfallRowProps = {
  row: Row;
  from: number;
  to: number;
  isSelected: boolean;
  isOpen: boolean;
  onToggle: (key: string) => void;
};

const WaterfallRow = memo(function WaterfallRow({ row, from, to, isSelected, isOpen, onToggle }: WaterfallRowProps) {
  const times = row.bars.map((bar) => ({ from: bar.from, to: bar.to ?? to }));
  const ms =
    times.length === 0
      ? undefined
      : Math.max(...times.map((bar) => bar.to)) - Math.min(...times.map((bar) => bar.from));
  return (
    <div className={`${GRID} h-full border-b border-line ${isSelected ? 'bg-soft' : ''}`}>
      <span className={`flex min-w-0 items-center gap-1 ${row.callId === undefined ? '' : 'pl-5'}`}>
        {row.calls !== undefined && <Toggle row={row} isOpen={isOpen} onToggle={onToggle} />}
        <RowName row={row} />
      </span>
      <span className="relative h-2.5 overflow-hidden rounded-sm" role="img" aria-label={textOfBars(row.bars, to)}>
        {row.bars.map((bar) => (
          <BarMark key={`${bar.kind} ${bar.from}`} bar={bar} from={from} to={to} />
        ))}
      </span>
      <span className={`text-right whitespace-nowrap ${row.isFailed ? 'text-bad' : 'text-dim'}`}>
        {ms === undefined ? '' : duration(ms)}
      </span>
    </div>
  );
});

const Toggle = ({ row, isOpen, onToggle }: Pick<WaterfallRowProps, 'row' | 'isOpen' | 'onToggle'>) => (
  <button
    type="button"
    aria-expanded={isOpen}
    aria-label={`${row.calls} calls of ${row.label}`}
    className="inline-flex size-6 shrink-0 items-center justify-center rounded hover:bg-soft"
    onClick={() => onToggle(row.key)}
  >
    {isOpen ? <ChevronDown size={14} aria-hidden="true" /> : <ChevronRight size={14} aria-hidden="true" />}
  </button>
);

function RowName({ row: { label, stepId, callId, calls } }: { row: Row }) {
  const navigate = useNavigate({ from: '/w/$workspaceId/runs/$runId' });
  const text = (
    <>
      {label}
      {calls !== undefined && <span className="text-dim"> ({calls})</span>}
    </>
  );
  if (stepId === undefined && callId === undefined) return <span className="truncate text-dim">{text}</span>;
  const search = { step: stepId ?? callId!.split('.')[0]!, call: callId };
  return (
    <button
      type="button"
      className="min-w-0 truncate text-left hover:underline"
      title={label}
      onClick={() =>
        void navigate({ search: ({ call: _, ...before }) => ({ ...before, ...definedOf(search) }), replace: true })
      }
    >
      {text}
    </button>
  );
}

const definedOf = ({ step, call }: { step: string; call: string | undefined }) =>
  call === undefined ? { step } : { step, call };

const BarMark = ({ bar, from, to }: { bar: Bar; from: number; to: number }) => {
  const span = Math.max(1, to - from);
  const end = bar.to ?? to;
  const color = bar.isFailed ? 'bg-bad' : LOOKS[bar.kind].color;
  return (
    <span
      className={`absolute inset-y-0 min-w-0.5 rounded-sm ${color} ${bar.to === undefined ? 'motion-safe:animate-running' : ''}`}
      style={{
        left: `min(${((bar.from - from) / span) * 100}%, calc(100% - 2px))`,
        width: `${Math.max(0, (end - bar.from) / span) * 100}%`,
      }}
    />
  );
};

/** "reads 62 ms, waited for people 4.1 s" */
function textOfBars(bars: readonly Bar[], now: number): string {
  const sums = new Map<string, number>();
  for (const { kind, from, to = now } of bars)
    sums.set(LOOKS[kind].label, (sums.get(LOOKS[kind].label) ?? 0) + Math.max(0, to - from));
  return [...sums].map(([label, ms]) => `${label} ${duration(ms)}`).join(', ') || 'not yet';
}

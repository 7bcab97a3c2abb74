// Errands by day. Each bar is a link with its figures as its name; the table of days has the same figures.
import { Link } from '@tanstack/react-router';
import { ScrollBox } from '../../display/scroll-box.tsx';
import { useWorkspaceId } from '../../session/workspace.tsx';
import { type Bar, barsOf } from './bars.ts';
import { dayText } from './numbers.ts';
import { runsSearchOf } from './runs-search.ts';
import type { Range, UsageSearch } from './search.ts';
import type { UsageRow } from './use-usage.ts';

const PARTS = [
  { name: 'failed', color: 'bg-bad' },
  { name: 'others', color: 'bg-edge' },
  { name: 'success', color: 'bg-good' },
] as const;

type DayChartProps = { range: Range; rows: readonly UsageRow[]; search: UsageSearch };

export function DayChart({ range, rows, search }: DayChartProps) {
  const bars = barsOf(range, rows);
  const most = Math.max(1, ...bars.map(({ runs }) => runs));
  return (
    <div className="rounded-xl border border-line bg-pane p-3">
      <p aria-hidden="true" className="text-sm text-dim">
        {most.toLocaleString()}
      </p>
      <ScrollBox label="Chart" className="flex flex-row-reverse overflow-y-hidden">
        <div className="min-w-fit flex-1">
          <ol aria-label="Errands by day" className="flex h-32 items-stretch gap-px border-b border-line">
            {bars.map((bar) => (
              <BarLink key={bar.from} bar={bar} most={most} search={search} />
            ))}
          </ol>
          <div aria-hidden="true" className="flex justify-between text-sm text-dim">
            <span>{dayText(range.from)}</span>
            <span>{dayText(range.to)}</span>
          </div>
        </div>
      </ScrollBox>
      <ul aria-label="Colors" className="mt-1 flex flex-wrap gap-x-4 text-sm text-dim">
        {PARTS.toReversed().map(({ name, color }) => (
          <li key={name} className="inline-flex items-center gap-1.5">
            <span aria-hidden="true" className={`size-2.5 rounded-sm ${color}`} />
            {name}
          </li>
        ))}
      </ul>
    </div>
  );
}

function BarLink({ bar, most, search }: { bar: Bar; most: number; search: UsageSearch }) {
  const workspaceId = useWorkspaceId();
  const { from, to, runs, succeeded, failed } = bar;
  const days = from === to ? dayText(from) : `${dayText(from)} to ${dayText(to)}`;
  const name = `${days}: ${runs.toLocaleString()} errands, ${succeeded.toLocaleString()} success, ${failed.toLocaleString()} failed`;
  const counts = { success: succeeded, others: runs - succeeded - failed, failed };
  return (
    <li className="flex min-w-6 flex-1">
      <Link
        to="/w/$workspaceId/runs"
        params={{ workspaceId }}
        search={runsSearchOf(search, { from, to })}
        aria-label={name}
        title={name}
        className="flex w-full flex-col justify-end hover:bg-soft"
      >
        {PARTS.map(({ name: part, color }) => (
          <span key={part} className={color} style={{ height: `${(100 * counts[part]) / most}%` }} />
        ))}
      </Link>
    </li>
  );
}

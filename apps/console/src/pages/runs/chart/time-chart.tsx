// Errands by the time of their creation. A bar leads to its errands; the table has the same for the keyboard and for screen readers.
import { Link } from '@tanstack/react-router';
import { ChartColumn, Table2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button } from '../../../controls/button.tsx';
import { formatTime, usesUtc } from '../../../display/time.tsx';
import { problemFor } from '../../../session/problem.ts';
import { useStore } from '../../../session/store.ts';
import { useWorkspaceId } from '../../../session/workspace.tsx';
import { periodName } from '../period.ts';
import type { RunsSearch } from '../search.ts';
import { ChartTable } from './chart-table.tsx';
import { type ChartBar, countsText, GROUPS, searchOfBar, sumOf } from './groups.ts';
import { useHistogram } from './use-histogram.ts';

/** The chart. It has the same height in all of its states. */
export function TimeChart({ search }: { search: RunsSearch }) {
  const { data, error, refetch, isPlaceholderData } = useHistogram(search);
  const [isTable, showTable] = useState(false);
  const sum = data && sumOf(data.bars);
  // After a failed reading the bars stay, as the rows of the list do.
  const isOld = isPlaceholderData || (data !== undefined && error !== null);
  const name = `Created in ${periodName(search, data?.isCut ?? false)}`;
  return (
    <section aria-label="Errands over time" className="mb-3 rounded-xl border border-line bg-pane px-3 py-2">
      <div className="flex h-8 items-center gap-2">
        <ChartColumn size={14} aria-hidden="true" className="shrink-0 text-dim" />
        <p className="min-w-0 truncate">
          {name}
          {sum && (
            <span className="text-dim">
              {' '}
              · {sum.total.toLocaleString()}
              <span className="sr-only"> {countsText(sum)}</span>
            </span>
          )}
        </p>
        <span className="flex-1" />
        <Button
          look="quiet"
          title="Show the chart as a table"
          offBecause={sum && sum.total > 0 ? undefined : 'There is nothing to show.'}
          onClick={() => showTable(true)}
        >
          <Table2 size={14} aria-hidden="true" />
          <span className="max-sm:sr-only">Table</span>
        </Button>
      </div>
      <div className={`h-16 border-b border-line ${isOld ? 'opacity-50' : ''}`}>
        {data && sum?.total !== 0 && <Bars bars={data.bars} search={search} />}
        {data && sum?.total === 0 && <Note>No errand was created in this time.</Note>}
        {error && !data && (
          <Note>
            <span role="alert">{problemFor(error).detail}</span>
            <Button onClick={() => void refetch()}>Try again</Button>
          </Note>
        )}
      </div>
      <Ends bars={data?.bars ?? []} />
      <ul aria-label="Colors" className="flex flex-wrap gap-x-4 text-sm text-dim">
        {GROUPS.map(({ name: group, dot }) => (
          <li key={group} className="inline-flex items-center gap-1.5">
            <span aria-hidden="true" className={`size-2.5 rounded-sm ${dot}`} />
            {group}
          </li>
        ))}
      </ul>
      {isTable && data && <ChartTable title={name} bars={data.bars} search={search} onClose={() => showTable(false)} />}
    </section>
  );
}

const Note = ({ children }: { children: ReactNode }) => (
  <div className="flex h-full flex-wrap items-center justify-center gap-3 overflow-auto text-dim">{children}</div>
);

const HEIGHT = 100;

/** Pointers alone use the bars: on a phone they are narrower than a finger, and there are too many for the order of the keyboard. */
function Bars({ bars, search }: { bars: readonly ChartBar[]; search: RunsSearch }) {
  const workspaceId = useWorkspaceId();
  const isUtc = useStore(usesUtc);
  const most = Math.max(1, ...bars.map(({ total }) => total));
  return (
    <div aria-hidden="true" className="flex h-full items-stretch gap-px">
      {bars.map((bar) => (
        <Link
          key={bar.from}
          to="/w/$workspaceId/runs"
          params={{ workspaceId }}
          search={searchOfBar(search, bar)}
          preload={false}
          resetScroll={false}
          tabIndex={-1}
          data-bar={bar.total}
          title={`${formatTime(bar.from, isUtc)} to ${formatTime(bar.to, isUtc)}\n${countsText(bar)}`}
          className="min-w-0 flex-1 rounded-t hover:bg-soft"
        >
          <svg
            viewBox={`0 0 1 ${HEIGHT}`}
            preserveAspectRatio="none"
            aria-hidden="true"
            className="block h-full w-full"
          >
            <Parts bar={bar} most={most} />
          </svg>
        </Link>
      ))}
    </div>
  );
}

/** The least height of a bar, so that a few errands stay visible next to many. */
const MIN_HEIGHT = 3;

function Parts({ bar: { counts, total }, most }: { bar: ChartBar; most: number }) {
  const scale = total === 0 ? 0 : Math.max(MIN_HEIGHT, (HEIGHT * total) / most) / total;
  let top = HEIGHT;
  return GROUPS.map(({ name, fill }, index) => {
    const height = counts[index]! * scale;
    top -= height;
    return height === 0 ? null : <rect key={name} x={0} y={top} width={1} height={height} className={fill} />;
  });
}

function Ends({ bars }: { bars: readonly ChartBar[] }) {
  const isUtc = useStore(usesUtc);
  const [first, last] = [bars[0], bars.at(-1)];
  return (
    <p aria-hidden="true" className="flex h-5 justify-between gap-2 overflow-hidden text-sm text-dim">
      <span className="truncate">{first && formatTime(first.from, isUtc, true)}</span>
      <span className="truncate">{last && formatTime(last.to, isUtc, true)}</span>
    </p>
  );
}

// The list of errands: live, filtered by the address, with a pane for the one at the cursor.
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { buttonClass } from '../../controls/button.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { useWorkspaceId } from '../../session/workspace.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { TimeChart } from './chart/time-chart.tsx';
import { EmptyList } from './empty-list.tsx';
import { FilterBar } from './filter-bar.tsx';
import { PeekPane } from './peek-pane.tsx';
import { RunRows } from './run-rows.tsx';
import type { ChangeSearch } from './search.ts';
import { useRuns } from './use-runs.ts';

export function RunsPage() {
  const search = useSearch({ from: '/w/$workspaceId/runs' });
  const { list, state } = useRuns(search);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const change = useChangeSearch();
  const { rows, error, isReading, hasMore, total } = state;
  const isEmpty = rows.length === 0 && !hasMore && error === undefined;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6 has-[aside]:xl:grid-cols-[minmax(0,1fr)_400px]">
      <title>Errands · Errand</title>
      <div className="@container min-w-0">
        <Heading total={total} />
        <FilterBar search={search} onChange={change} />
        <TimeChart search={search} />
        <BulkBar picked={picked} onPick={setPicked} list={list} search={search} />
        {error !== undefined && <ProblemNote error={error} onRetry={() => void list.readMore()} />}
        {isEmpty ? (
          <EmptyList search={search} onClear={() => change({}, { isWhole: true })} />
        ) : (
          <RunRows
            list={list}
            state={state}
            picked={picked}
            onPick={setPicked}
            peek={search.peek}
            onPeek={(peek) => change({ peek }, { isReplacing: true })}
          />
        )}
        {isReading && rows.length > 0 && <p className="p-3 text-dim">Reading more errands…</p>}
      </div>
      {search.peek !== undefined && <PeekPane runId={search.peek} onClose={() => change({ peek: undefined })} />}
    </div>
  );
}

function Heading({ total }: { total: number | undefined }) {
  const workspaceId = useWorkspaceId();
  return (
    <div className="mb-3 flex items-center gap-3">
      <h1 className="text-xl font-semibold">Errands</h1>
      <span className="text-dim">{total?.toLocaleString()}</span>
      <span className="flex-1" />
      <Link to="/w/$workspaceId/new" params={{ workspaceId }} className={buttonClass('accent')}>
        New errand
      </Link>
    </div>
  );
}

/** Changes the filters in the address. What was typed replaces the entry of the history; a choice adds one. */
function useChangeSearch(): ChangeSearch {
  const navigate = useNavigate({ from: '/w/$workspaceId/runs' });
  return (change, { isReplacing = false, isWhole = false } = {}) =>
    void navigate({
      to: '.',
      search: (before) => (isWhole ? change : { ...before, ...change }),
      replace: isReplacing,
      resetScroll: false,
    });
}

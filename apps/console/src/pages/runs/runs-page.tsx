// The list of errands: live, filtered by the address, with a pane for the one at the cursor.
import { Link, Navigate, useNavigate, useSearch } from '@tanstack/react-router';
import { Columns3 } from 'lucide-react';
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button, buttonClass } from '../../controls/button.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { useWorkspaceId } from '../../session/workspace.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { TimeChart } from './chart/time-chart.tsx';
import { EmptyList } from './empty-list.tsx';
import { FilterBar } from './filter-bar.tsx';
import { PeekPane } from './peek-pane.tsx';
import { RunRows } from './run-rows.tsx';
import { type ChangeSearch, hasFilters, type RunsSearch } from './search.ts';
import { filtersOf, useRuns } from './use-runs.ts';
import { ColumnsDialog } from './views/columns-dialog.tsx';
import { filtersOfView } from './views/stored-views.ts';
import { useViews, type Views } from './views/use-views.ts';
import { ViewBar } from './views/view-bar.tsx';
import { ViewDialog } from './views/view-dialog.tsx';

export function RunsPage() {
  const search = useSearch({ from: '/w/$workspaceId/runs' });
  const workspaceId = useWorkspaceId();
  const views = useViews(search);
  const isBare = !hasFilters(search) && !search.all && search.peek === undefined;
  if (isBare && views.opening)
    return <Navigate to="/w/$workspaceId/runs" params={{ workspaceId }} search={views.opening.search} replace />;
  return <RunsList search={search} views={views} />;
}

function RunsList({ search, views }: { search: RunsSearch; views: Views }) {
  const { list, state } = useRuns(search);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const change = useChangeSearch(views.opening !== undefined);
  const { rows, error, isReading, hasMore, total } = state;
  const isEmpty = rows.length === 0 && !hasMore && error === undefined;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6 has-[aside]:xl:grid-cols-[minmax(0,1fr)_400px]">
      <title>Errands · Errand</title>
      <div className="@container min-w-0">
        <Heading total={total} search={search} views={views} />
        <ViewBar views={views} search={search} />
        <FilterBar search={search} onChange={change}>
          <SaveViewButton search={search} views={views} />
        </FilterBar>
        {views.settings.hasChart && <TimeChart search={search} />}
        <BulkBar picked={picked} onPick={setPicked} rows={rows} search={search} />
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
            columns={views.columns}
          />
        )}
        {isReading && rows.length > 0 && <p className="p-3 text-dim">Reading more errands…</p>}
      </div>
      {search.peek !== undefined && <PeekPane runId={search.peek} onClose={() => change({ peek: undefined })} />}
    </div>
  );
}

function Heading({ total, search, views }: { total: number | undefined; search: RunsSearch; views: Views }) {
  const workspaceId = useWorkspaceId();
  const [isChoosing, choose] = useState(false);
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <h1 className="text-xl font-semibold">Errands</h1>
      <span className="text-dim">{total?.toLocaleString()}</span>
      <span className="flex-1" />
      <Button title="Columns" onClick={() => choose(true)}>
        <Columns3 size={14} aria-hidden="true" />
        <span className="max-lg:sr-only">Columns</span>
      </Button>
      <CodeButton title="List errands from code" operation="runs.list" input={filtersOf(search, Date.now())} />
      <Link to="/w/$workspaceId/new" params={{ workspaceId }} className={buttonClass('accent')}>
        New errand
      </Link>
      {isChoosing && <ColumnsDialog views={views} onClose={() => choose(false)} />}
    </div>
  );
}

/** Offered for filters that are no view yet. */
function SaveViewButton({ search, views }: { search: RunsSearch; views: Views }) {
  const [isOpen, setOpen] = useState(false);
  const view = { name: '', search: filtersOfView(search), columns: views.columns };
  return (
    <>
      {hasFilters(search) && !views.currentView && <Button onClick={() => setOpen(true)}>Save as a view…</Button>}
      {isOpen && <ViewDialog views={views} view={view} isNew onClose={() => setOpen(false)} />}
    </>
  );
}

/**
 * Changes the filters in the address. What was typed replaces the entry of the history; a choice adds one.
 * @param hasOpening whether the bare address shows a view, so that all errands need a filter of their own
 */
function useChangeSearch(hasOpening: boolean): ChangeSearch {
  const navigate = useNavigate({ from: '/w/$workspaceId/runs' });
  return (change, { isReplacing = false, isWhole = false } = {}) =>
    void navigate({
      to: '.',
      search: (before) => {
        const { all: _, ...filters } = isWhole ? change : { ...before, ...change };
        return hasOpening && !hasFilters(filters) ? { ...filters, all: true as const } : filters;
      },
      replace: isReplacing,
      resetScroll: false,
    });
}

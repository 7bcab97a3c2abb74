// What ended errands took: counts, times, tokens and cost. Each bar and row leads to its errands.
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { csvOf } from '../../display/csv.ts';
import { download } from '../../display/download.ts';
import { ProblemNote } from '../../display/problem-note.tsx';
import { At } from '../../display/time.tsx';
import { Empty, Skeleton } from '../../manage/list-view.tsx';
import { Page, Section } from '../../manage/page.tsx';
import { useIntegrationNames } from '../../session/integrations.ts';
import { useWorkspaceId } from '../../session/workspace.tsx';
import { csvRowsOf } from './csv-rows.ts';
import { DayChart } from './day-chart.tsx';
import { DecisionTable } from './decision-table.tsx';
import { FilterChip } from './filter-chip.tsx';
import { PhaseTable } from './phase-table.tsx';
import { RangeBar } from './range-bar.tsx';
import { BY_LABELS, filterOf, rangeOf, type UsageBy, type UsageSearch } from './search.ts';
import { Summary } from './summary.tsx';
import { UsageTable } from './usage-table.tsx';
import { inputOf, type UsageReport, useUsage } from './use-usage.ts';

const route = getRouteApi('/w/$workspaceId/usage');

export function UsagePage() {
  const search = route.useSearch();
  const go = useGo();
  const { by = 'day' } = search;
  const days = useUsage({ ...search, ...rangeOf(search) }, 'day');
  const table = useUsage(search, by);
  return (
    <Page
      title="Usage"
      about="What ended errands took. An errand counts on the day (UTC) on which it ended, also after it was deleted."
      actions={
        <>
          <CodeButton title="Read usage from code" operation="usage.get" input={inputOf(search, by)} />
          <CsvButton report={table.data} />
        </>
      }
    >
      <RangeBar search={search} onChange={go} />
      <FilterChip search={search} />
      {days.error && <ProblemNote error={days.error} onRetry={() => void days.refetch()} />}
      {days.data ? <Overview report={days.data} search={search} /> : !days.error && <Skeleton label="Usage" />}
      <Groups search={search} />
      {by !== 'day' && table.error && <ProblemNote error={table.error} onRetry={() => void table.refetch()} />}
      {table.data ? <Rows report={table.data} search={search} /> : !table.error && <Skeleton label="Rows" />}
    </Page>
  );
}

function useGo() {
  const navigate = useNavigate();
  const workspaceId = useWorkspaceId();
  return (search: UsageSearch) =>
    void navigate({ to: '/w/$workspaceId/usage', params: { workspaceId }, search, resetScroll: false });
}

function Overview({ report, search }: { report: UsageReport; search: UsageSearch }) {
  const { total, feedback, rows, asOf } = report;
  if (!total) return null;
  return (
    <>
      <Summary total={total} feedback={feedback} />
      <Section title="Errands that ended">
        <DayChart range={report} rows={rows} search={search} />
      </Section>
      <Section title="Where the time went">
        <p className="text-dim">Half of the errands, and 95 % of them, took at most these times.</p>
        <PhaseTable total={total} />
      </Section>
      <p className="text-sm text-dim">
        Counted until <At at={asOf} />. Times are exact to {report.relativeError * 100} %.
      </p>
    </>
  );
}

/** The groupings as links. A filter leaves only the days. */
function Groups({ search }: { search: UsageSearch }) {
  const workspaceId = useWorkspaceId();
  const { by: chosen = 'day', from, to } = search;
  if (Object.keys(filterOf(search)).length > 0) return null;
  return (
    <nav aria-label="Grouped by" className="flex flex-wrap gap-1 border-b border-line pb-2">
      {(Object.keys(BY_LABELS) as UsageBy[]).map((by) => (
        <Link
          key={by}
          to="/w/$workspaceId/usage"
          params={{ workspaceId }}
          search={{ ...(from && { from }), ...(to && { to }), ...(by !== 'day' && { by }) }}
          resetScroll={false}
          aria-current={by === chosen ? 'page' : undefined}
          className="rounded-lg px-2.5 py-1 text-dim hover:bg-soft aria-[current=page]:bg-soft aria-[current=page]:font-semibold aria-[current=page]:text-ink"
        >
          {BY_LABELS[by]}
        </Link>
      ))}
    </nav>
  );
}

function Rows({ report, search }: { report: UsageReport; search: UsageSearch }) {
  if (report.rows.length === 0)
    return (
      <Empty>
        {report.by === 'request' ? 'No errand that ended asked a person.' : 'No errand ended in these days.'}
      </Empty>
    );
  if (report.by === 'request') return <DecisionTable rows={report.rows} />;
  return <UsageTable report={report} search={search} />;
}

function CsvButton({ report }: { report: UsageReport | undefined }) {
  const names = useIntegrationNames();
  const isEmpty = !report || report.rows.length === 0;
  const save = () => {
    if (!report) return;
    const { by, from, to } = report;
    download(`usage-by-${by}-${from}-${to}.csv`, 'text/csv', [csvOf(csvRowsOf(report, names))]);
  };
  return (
    <Button
      title="Download the rows of the table"
      offBecause={isEmpty ? 'There are no rows.' : undefined}
      onClick={save}
    >
      <Download size={14} aria-hidden="true" />
      <span className="max-lg:sr-only">CSV</span>
    </Button>
  );
}

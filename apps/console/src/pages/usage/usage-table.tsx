import { phaseLabels } from '@errand/contracts/labels';
import { Link } from '@tanstack/react-router';
import { money } from '../../display/money.ts';
import { Text } from '../../display/text.tsx';
import { type Column, Table } from '../../manage/list-view.tsx';
import { useIntegrationNames } from '../../session/integrations.ts';
import { useWorkspaceId } from '../../session/workspace.tsx';
import { keyText } from './key-names.ts';
import { percent, quantiles, time } from './numbers.ts';
import { runsSearchOfRow, usageSearchOfRow } from './runs-search.ts';
import { BY_LABELS, type UsageSearch } from './search.ts';
import type { UsageReport, UsageRow } from './use-usage.ts';

type UsageTableProps = { report: UsageReport; search: UsageSearch };

export function UsageTable({ report: { by, rows }, search }: UsageTableProps) {
  const most = Math.max(1, ...rows.map(({ runs }) => runs));
  const columns: Column<UsageRow>[] = [
    { name: BY_LABELS[by], isMain: true, cell: (row) => <Key by={by} row={row} search={search} /> },
    { name: 'Errands', isNumeric: true, cell: ({ runs }) => <Runs runs={runs} most={most} /> },
    { name: 'Success', isNumeric: true, cell: ({ succeeded, runs }) => percent(succeeded, runs) },
    { name: 'Failed', isNumeric: true, cell: ({ failed, runs }) => percent(failed, runs) },
    { name: 'Calls', isNumeric: true, cell: ({ calls }) => calls.toLocaleString() },
    { name: 'Call errors', isNumeric: true, cell: ({ callErrors, calls }) => errorsText(callErrors, calls) },
    { name: 'Tokens', isNumeric: true, cell: ({ tokens }) => tokens.toLocaleString() },
    { name: 'Cost', isNumeric: true, cell: ({ cost }) => (cost ? money(cost) : '–') },
    { name: 'p50', isNumeric: true, cell: ({ p50Ms }) => time(p50Ms) },
    { name: 'p95', isNumeric: true, cell: ({ p95Ms }) => time(p95Ms) },
    { name: `${phaseLabels.queuedMs}, p50 / p95`, isNumeric: true, cell: ({ phases }) => quantiles(phases?.queued) },
    { name: phaseLabels.planningMs, isNumeric: true, cell: ({ phases }) => quantiles(phases?.planning) },
    { name: phaseLabels.callsMs, isNumeric: true, cell: ({ phases }) => quantiles(phases?.calls) },
    { name: phaseLabels.waitingMs, isNumeric: true, cell: ({ phases }) => quantiles(phases?.waiting) },
  ];
  return (
    <Table
      label={`Usage by ${by}`}
      columns={columns}
      items={rows}
      keyOf={({ key, other }) => `${other ?? ''} ${key}`}
    />
  );
}

const errorsText = (errors: number, calls: number): string =>
  errors === 0 ? '0' : `${errors.toLocaleString()} (${percent(errors, calls)})`;

const Runs = ({ runs, most }: { runs: number; most: number }) => (
  <span className="flex flex-col items-end gap-1">
    {runs.toLocaleString()}
    <span aria-hidden="true" className="flex h-1 w-20 justify-end rounded bg-soft">
      <span className="rounded bg-accent" style={{ width: `${(100 * runs) / most}%` }} />
    </span>
  </span>
);

/** The key; leads to its errands, and to its days. */
function Key({ by, row, search }: { by: UsageReport['by']; row: UsageRow; search: UsageSearch }) {
  const workspaceId = useWorkspaceId();
  const text = keyText(by, row, useIntegrationNames());
  const runsSearch = runsSearchOfRow(search, by, row);
  const usageSearch = usageSearchOfRow(search, by, row);
  return (
    <span className="inline-flex min-w-32 flex-wrap items-center gap-x-2 break-words">
      {runsSearch ? (
        <Link
          to="/w/$workspaceId/runs"
          params={{ workspaceId }}
          search={runsSearch}
          title="Show its errands"
          className="min-w-0 font-semibold break-all text-accent hover:underline"
        >
          <Text>{text}</Text>
        </Link>
      ) : (
        <span className="min-w-0 break-all">
          <Text>{text}</Text>
        </span>
      )}
      {usageSearch && (
        <Link
          to="/w/$workspaceId/usage"
          params={{ workspaceId }}
          search={usageSearch}
          aria-label={`by day: ${text}`}
          className="inline-flex min-h-7 items-center text-sm text-dim underline"
        >
          by day
        </Link>
      )}
    </span>
  );
}

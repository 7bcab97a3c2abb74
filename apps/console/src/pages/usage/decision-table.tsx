import { requestKindLabels } from '@errand/contracts/labels';
import { Link } from '@tanstack/react-router';
import { type Column, Table } from '../../manage/list-view.tsx';
import { useWorkspaceId } from '../../session/workspace.tsx';
import { time } from './numbers.ts';
import type { UsageRow } from './use-usage.ts';

const COLUMNS: Column<UsageRow>[] = [
  { name: 'Kind of request', isMain: true, cell: ({ key }) => <Kind kind={key} /> },
  { name: 'Errands that asked', isNumeric: true, cell: ({ runs }) => runs.toLocaleString() },
  { name: 'Decided by people', isNumeric: true, cell: ({ decided = 0 }) => decided.toLocaleString() },
  { name: 'Half decided within', isNumeric: true, cell: ({ timeToDecide }) => time(timeToDecide?.p50Ms) },
  { name: '95 % decided within', isNumeric: true, cell: ({ timeToDecide }) => time(timeToDecide?.p95Ms) },
];

/** How long people took to decide, by the kind of the request. */
export const DecisionTable = ({ rows }: { rows: readonly UsageRow[] }) => (
  <Table label="Usage by request" columns={COLUMNS} items={rows} keyOf={({ key }) => key} />
);

function Kind({ kind }: { kind: string }) {
  const workspaceId = useWorkspaceId();
  const known = Object.entries(requestKindLabels).find(([each]) => each === kind);
  if (!known) return kind;
  return (
    <Link
      to="/w/$workspaceId/inbox"
      params={{ workspaceId }}
      search={{ state: 'decided', kind: known[0] as keyof typeof requestKindLabels }}
      className="font-semibold text-accent hover:underline"
    >
      {known[1]}
    </Link>
  );
}

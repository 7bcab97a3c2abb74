import type { Outputs } from '@errand/client/console';
import { Link } from '@tanstack/react-router';
import { StatusMark } from '../display/status.tsx';
import { Text } from '../display/text.tsx';
import { Ago } from '../display/time.tsx';
import { useWorkspaceId } from '../session/workspace.tsx';
import { type Column, Table } from './list-view.tsx';

type Run = Outputs['runs']['list']['runs'][number];

/** Some errands of a thing, newest first; the list of errands has all. */
export const RunsTable = ({ runs }: { runs: readonly Run[] }) => (
  <Table label="Newest errands" columns={columns} items={runs} keyOf={({ runId }) => runId} />
);

const columns: Column<Run>[] = [
  { name: 'Errand', isMain: true, cell: (run) => <RunLink run={run} /> },
  { name: 'Status', cell: ({ status }) => <StatusMark status={status} /> },
  {
    name: 'Requested by',
    cell: ({ requestedBy }) => (requestedBy ? <Text>{requestedBy.label}</Text> : <span className="text-dim">–</span>),
  },
  { name: 'Created', cell: ({ createdAt }) => <Ago at={createdAt} /> },
];

function RunLink({ run: { runId, intent } }: { run: Run }) {
  const workspaceId = useWorkspaceId();
  return (
    <Link
      to="/w/$workspaceId/runs/$runId"
      params={{ workspaceId, runId }}
      className="line-clamp-2 font-semibold text-accent underline"
    >
      <Text>{intent}</Text>
    </Link>
  );
}

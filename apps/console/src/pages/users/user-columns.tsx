import type { Outputs } from '@errand/client/console';
import { Link } from '@tanstack/react-router';
import { Badge } from '../../display/badge.tsx';
import { StatusMark } from '../../display/status.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import type { Column } from '../../manage/list-view.tsx';
import { useWorkspaceId } from '../../session/workspace.tsx';
import { ConnectionBadge } from '../user/connection-badge.tsx';

export type User = Outputs['users']['list']['users'][number];

const MAX_BADGES = 5;

/** @param names of the integrations by their ids */
export const userColumns = (names: ReadonlyMap<string, string>): Column<User>[] => [
  { name: 'User', isMain: true, cell: (user) => <UserLink user={user} /> },
  { name: 'Connections', cell: ({ connections }) => <Connections connections={connections} names={names} /> },
  { name: 'Last errand', cell: ({ lastRun }) => <LastRun run={lastRun} /> },
];

function UserLink({ user: { userId, erasingAt } }: { user: User }) {
  const workspaceId = useWorkspaceId();
  return (
    <span className="flex flex-wrap items-center gap-2">
      <Link
        to="/w/$workspaceId/users/$userId"
        params={{ workspaceId, userId }}
        className="font-semibold break-all text-accent underline"
      >
        <Text>{userId}</Text>
      </Link>
      {erasingAt !== undefined && <Badge look="bad">is being erased</Badge>}
    </span>
  );
}

type ConnectionsProps = { connections: User['connections']; names: ReadonlyMap<string, string> };

/** Those that a person must look at come first. */
function Connections({ connections, names }: ConnectionsProps) {
  if (connections.length === 0) return <span className="text-dim">none</span>;
  const sorted = [...connections].sort((a, b) => Number(b.needsReconnect === true) - Number(a.needsReconnect === true));
  const more = sorted.length - MAX_BADGES;
  return (
    <span className="flex flex-wrap gap-1">
      {sorted.slice(0, MAX_BADGES).map((connection) => (
        <ConnectionBadge
          key={connection.customerIntegrationId}
          connection={connection}
          name={names.get(connection.customerIntegrationId) ?? connection.customerIntegrationId}
        />
      ))}
      {more > 0 && <span className="text-dim">and {more} more</span>}
    </span>
  );
}

function LastRun({ run }: { run: User['lastRun'] }) {
  const workspaceId = useWorkspaceId();
  if (!run) return <span className="text-dim">none</span>;
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      <StatusMark status={run.status} />
      <Link
        to="/w/$workspaceId/runs/$runId"
        params={{ workspaceId, runId: run.runId }}
        className="text-accent underline"
      >
        <Ago at={run.createdAt} />
      </Link>
    </span>
  );
}

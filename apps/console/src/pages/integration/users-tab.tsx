import type { Outputs } from '@errand/client/console';
import { reconnectReasonLabels, userStateLabels } from '@errand/contracts/labels';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { Select } from '../../controls/field.tsx';
import { Badge } from '../../display/badge.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import { ConfirmDialog } from '../../manage/confirm-dialog.tsx';
import { type Column, ListView } from '../../manage/list-view.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { useCursorList } from '../../manage/use-cursor-list.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';
import { ConnectDialog } from '../user/connect-dialog.tsx';
import { USER_STATES, type UserState } from './search.ts';
import { AFTER_CHANGE, type Integration, useChangeSearch } from './use-integration.ts';

type User = Outputs['integrations']['users']['users'][number];
/** A dialog about a user; a link also for one that is still to be named. */
type Opened = { dialog: 'revoke'; userId: string } | { dialog: 'link'; userId?: string };

const route = getRouteApi('/w/$workspaceId/integrations/$customerIntegrationId');

/** The users of an integration, with the state of their credentials. */
export function UsersTab({ integration }: { integration: Integration }) {
  const { customerIntegrationId, name } = integration;
  const client = useClient();
  const { state } = route.useSearch();
  const [opened, setOpened] = useState<Opened>();
  const close = () => setOpened(undefined);
  const list = useCursorList<User>({
    key: ['integrations', 'users', customerIntegrationId, state],
    read: async (page, signal) => {
      const input = { customerIntegrationId, ...(state && { state }), ...page };
      const { users, nextCursor } = await client.integrations.users.query(input, { signal });
      return { items: users, nextCursor };
    },
  });
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <Bar customerIntegrationId={customerIntegrationId} state={state} onLink={() => setOpened({ dialog: 'link' })} />
      <ListView
        label="Users"
        list={list}
        keyOf={({ userId }) => userId}
        columns={columnsOf(setOpened)}
        empty={
          state
            ? 'No user is in this state.'
            : 'No user has a credential here. A run asks its user for one, or you send a link to a consent.'
        }
      />
      {opened?.dialog === 'revoke' && (
        <ConfirmDialog
          title="Revoke the credential?"
          verb="Revoke"
          act={() => client.integrations.deleteCredentials.mutate({ customerIntegrationId, userId: opened.userId })}
          done="The credential is erased."
          refresh={[...AFTER_CHANGE, ['users']]}
          onClose={close}
        >
          <p>
            The credential of <Text>{opened.userId}</Text> at <Text>{name}</Text> is erased, and revoked at the service
            if it can. Errands of this user that need it wait for a new one.
          </p>
        </ConfirmDialog>
      )}
      {opened?.dialog === 'link' && (
        <ConnectDialog
          customerIntegrationId={customerIntegrationId}
          {...(opened.userId !== undefined && { userId: opened.userId })}
          onClose={close}
        />
      )}
    </div>
  );
}

type BarProps = { customerIntegrationId: string; state: UserState | undefined; onLink: () => void };

function Bar({ customerIntegrationId, state, onLink }: BarProps) {
  const change = useChangeSearch();
  const offBecause = useOffReason('connections:write');
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Select
        aria-label="Shown users"
        className="!w-auto"
        value={state ?? ''}
        onChange={({ target }) => change({ state: USER_STATES.find((each) => each === target.value) })}
      >
        <option value="">All users</option>
        {USER_STATES.map((each) => (
          <option key={each} value={each}>
            {userStateLabels[each]}
          </option>
        ))}
      </Select>
      <div className="ml-auto flex gap-2">
        <CodeButton
          title="Get a link to a consent from code"
          operation="integrations.authUrl"
          input={{ customerIntegrationId, userId: 'ada' }}
        />
        <Button offBecause={offBecause} onClick={onLink}>
          Link to a consent…
        </Button>
      </div>
    </div>
  );
}

const stateOf = ({ active, needsReconnect }: User): UserState => {
  if (active) return 'connected';
  return needsReconnect ? 'needs_reconnect' : 'not_connected';
};
const LOOKS = { connected: 'good', needs_reconnect: 'wait', not_connected: 'plain' } as const;

const columnsOf = (open: (opened: Opened) => void): Column<User>[] => [
  { name: 'User', isMain: true, cell: (user) => <UserLink userId={user.userId} /> },
  {
    name: 'State',
    cell: (user) => (
      <span className="flex flex-wrap items-center gap-1">
        <Badge look={LOOKS[stateOf(user)]}>{userStateLabels[stateOf(user)]}</Badge>
        {user.reconnectReason !== undefined && (
          <span className="text-dim">
            <Text>{reconnectReasonLabels[user.reconnectReason] ?? user.reconnectReason}</Text>
          </span>
        )}
      </span>
    ),
  },
  {
    name: 'Credential',
    cell: ({ token, scope }) => (
      <span className="break-words text-dim">
        {token ? `token ${token.last4 && `…${token.last4}`}` : scope === undefined ? '–' : <Text>{scope}</Text>}
      </span>
    ),
  },
  {
    name: 'Last used',
    cell: ({ lastUsedAt }) =>
      lastUsedAt === undefined ? <span className="text-dim">–</span> : <Ago at={lastUsedAt} />,
  },
  { name: 'Stored', cell: ({ updatedAt }) => <Ago at={updatedAt} /> },
  { name: '', cell: (user) => <UserButtons user={user} open={open} /> },
];

function UserLink({ userId }: { userId: string }) {
  const workspaceId = useWorkspaceId();
  return (
    <Link
      to="/w/$workspaceId/users/$userId"
      params={{ workspaceId, userId }}
      className="break-all text-accent underline"
    >
      <Text>{userId}</Text>
    </Link>
  );
}

function UserButtons({ user, open }: { user: User; open: (opened: Opened) => void }) {
  const offBecause = useOffReason('connections:write');
  const { userId } = user;
  return (
    <span className="flex flex-wrap justify-end gap-2 max-sm:justify-start">
      <Button offBecause={offBecause} onClick={() => open({ dialog: 'link', userId })}>
        Link…
      </Button>
      {stateOf(user) !== 'not_connected' && (
        <Button look="danger" offBecause={offBecause} onClick={() => open({ dialog: 'revoke', userId })}>
          Revoke…
        </Button>
      )}
    </span>
  );
}

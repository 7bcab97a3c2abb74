// The end users of the workspace, found by the beginning of their ids.
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { ListView } from '../../manage/list-view.tsx';
import { Page } from '../../manage/page.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { SearchField } from '../../manage/search-field.tsx';
import { useCursorList } from '../../manage/use-cursor-list.ts';
import { useIntegrationNames } from '../../session/integrations.ts';
import { useClient } from '../../session/workspace.tsx';
import { ConnectDialog } from '../user/connect-dialog.tsx';
import { userColumns } from './user-columns.tsx';

const route = getRouteApi('/w/$workspaceId/users');

export function UsersPage() {
  const client = useClient();
  const { q } = route.useSearch();
  const navigate = useNavigate({ from: '/w/$workspaceId/users' });
  const names = useIntegrationNames();
  const [isConnecting, setConnecting] = useState(false);
  const off = useOffReason('connections:write');
  const filter = q === undefined ? {} : { q };
  const list = useCursorList({
    key: ['users', 'list', q],
    read: async (page, signal) => {
      const { users, nextCursor } = await client.users.list.query({ ...filter, ...page }, { signal });
      return { items: users, nextCursor };
    },
  });
  return (
    <Page
      title="Users"
      about="The users of your product for whom errands run. Each connects their own accounts; calls of an errand use the credentials of its user."
      actions={
        <>
          <SearchField
            label="Search users by the beginning of the id"
            value={q}
            onChange={(words) => void navigate({ search: words === undefined ? {} : { q: words }, replace: true })}
          />
          <CodeButton title="List the users from code" operation="users.list" input={filter} />
          <Button look="accent" offBecause={off} onClick={() => setConnecting(true)}>
            Connect a user
          </Button>
        </>
      }
    >
      <ListView
        label="Users"
        list={list}
        columns={userColumns(names)}
        keyOf={({ userId }) => userId}
        empty={
          q === undefined
            ? 'There is no user yet. A user appears with their first errand or connection: connect one, or create an errand.'
            : 'No id of a user begins with this. Upper and lower case differ.'
        }
      />
      {isConnecting && <ConnectDialog onClose={() => setConnecting(false)} />}
    </Page>
  );
}

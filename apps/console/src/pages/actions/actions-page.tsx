// Plans that are kept under a key and run without planning.
import type { Outputs } from '@errand/client/console';
import { Link } from '@tanstack/react-router';
import { CodeButton } from '../../code/code-button.tsx';
import { buttonClass } from '../../controls/button.tsx';
import { Badge } from '../../display/badge.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import { type Column, ListView } from '../../manage/list-view.tsx';
import { Page } from '../../manage/page.tsx';
import { useCursorList } from '../../manage/use-cursor-list.ts';
import { useIntegrationNames } from '../../session/integrations.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';

type Action = Outputs['actions']['list']['actions'][number];

export function ActionsPage() {
  const client = useClient();
  const workspaceId = useWorkspaceId();
  const names = useIntegrationNames();
  const list = useCursorList({
    key: ['actions', 'list'],
    read: async (page, signal) => {
      const { actions, nextCursor } = await client.actions.list.query(page, { signal });
      return { items: actions, nextCursor };
    },
  });
  return (
    <Page
      title="Actions"
      about="An action is the plan of an errand that you keep under a key. It runs again with other values: no planner is asked, and no model is paid."
      actions={
        <>
          <CodeButton title="List the actions from code" operation="actions.list" input={{}} />
          <Link
            to="/w/$workspaceId/runs"
            params={{ workspaceId }}
            search={{ status: ['SUCCESS'] }}
            className={buttonClass('accent')}
            title="Open an errand that succeeded, then choose “Keep”"
          >
            New action
          </Link>
        </>
      }
    >
      <ListView
        label="Actions"
        list={list}
        columns={columnsOf(names)}
        keyOf={({ key }) => key}
        empty="There is no action. Open an errand that succeeded, and choose “Keep” on its page."
      />
    </Page>
  );
}

/** @param names of the integrations by their ids */
const columnsOf = (names: ReadonlyMap<string, string>): Column<Action>[] => [
  { name: 'Action', isMain: true, cell: (action) => <ActionLink action={action} /> },
  { name: 'Inputs', cell: (action) => <Inputs action={action} /> },
  {
    name: 'Integrations',
    cell: ({ customerIntegrationIds }) => (
      <Text>{customerIntegrationIds.map((id) => names.get(id) ?? id).join(', ')}</Text>
    ),
  },
  {
    name: 'State',
    cell: ({ state }) => <Badge look={state === 'active' ? 'good' : 'wait'}>{state}</Badge>,
  },
  { name: 'Owner', cell: ({ madeBy }) => <Text>{madeBy}</Text> },
  { name: 'Changed', cell: ({ updatedAt }) => <Ago at={updatedAt} /> },
];

function ActionLink({ action: { key, intent } }: { action: Action }) {
  const workspaceId = useWorkspaceId();
  return (
    <span className="flex min-w-0 flex-col">
      <Link
        to="/w/$workspaceId/actions/$key"
        params={{ workspaceId, key }}
        className="font-semibold break-all text-accent underline"
      >
        {key}
      </Link>
      <span className="line-clamp-2 text-dim">
        <Text>{intent}</Text>
      </span>
    </span>
  );
}

function Inputs({ action: { inputSchema, leftOut = [] } }: { action: Action }) {
  if (leftOut.includes('inputSchema')) return <span className="text-dim">see the action</span>;
  const inputs = Object.keys((inputSchema?.properties as object | undefined) ?? {});
  if (inputs.length === 0) return <span className="text-dim">none</span>;
  return (
    <code className="font-mono text-sm break-words">
      <Text>{inputs.join(', ')}</Text>
    </code>
  );
}

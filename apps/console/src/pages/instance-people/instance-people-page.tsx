import type { Outputs } from '@errand/client/console';
import { Button } from '../../controls/button.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import { type Column, ListView } from '../../manage/list-view.tsx';
import { Page } from '../../manage/page.tsx';
import { useAct } from '../../manage/use-act.ts';
import { useCursorList } from '../../manage/use-cursor-list.ts';
import { sessionClient } from '../../session/clients.ts';

type Person = Outputs['people']['list']['people'][number];

/** The people of the instance. */
export function InstancePeoplePage() {
  const list = useCursorList({
    key: ['people'],
    read: async (page, signal) => {
      const { people, nextCursor } = await sessionClient.people.list.query(page, { signal });
      return { items: people, nextCursor };
    },
  });
  return (
    <Page
      title="People"
      about="Everyone who can sign in to this instance. A disabled person has no access to any workspace. Keys that the person made stay valid."
    >
      <ListView
        label="People"
        list={list}
        columns={columns}
        keyOf={({ personId }) => personId}
        empty="There are no people."
      />
    </Page>
  );
}

const columns: Column<Person>[] = [
  {
    name: 'Name',
    isMain: true,
    cell: ({ name, isOperator }) => (
      <span className="flex flex-wrap gap-x-2">
        <span className="font-semibold">
          <Text>{name}</Text>
        </span>
        {isOperator && <span className="text-dim">operator of the instance</span>}
      </span>
    ),
  },
  { name: 'Workspaces', isNumeric: true, cell: ({ memberships }) => memberships.toLocaleString() },
  { name: 'Since', cell: ({ createdAt }) => <Ago at={createdAt} /> },
  {
    name: 'Access',
    cell: ({ disabledAt }) =>
      disabledAt === undefined ? (
        'may sign in'
      ) : (
        <span className="text-bad">
          disabled <Ago at={disabledAt} />
        </span>
      ),
  },
  { name: '', cell: (person) => <AccessButton person={person} /> },
];

function AccessButton({ person: { personId, name, disabledAt } }: { person: Person }) {
  const isDisabled = disabledAt !== undefined;
  const { run, isBusy } = useAct({
    act: () => sessionClient.people[isDisabled ? 'enable' : 'disable'].mutate({ personId }),
    done: isDisabled ? `${name} may sign in again.` : `${name} is disabled.`,
    refresh: [['people']],
  });
  const verb = isDisabled ? 'Enable' : 'Disable';
  return (
    <Button
      look="quiet"
      className={isDisabled ? '' : '!text-bad'}
      aria-label={`${verb} ${name}`}
      isBusy={isBusy}
      onClick={run}
    >
      {verb}
    </Button>
  );
}

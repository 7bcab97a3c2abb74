import { Button } from '../../controls/button.tsx';
import { CopyButton } from '../../display/copy-button.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import type { Column } from '../../manage/list-view.tsx';
import { LIMITS, type Workspace, type WorkspaceDialogName } from './workspace-dialogs.tsx';

type Open = (name: WorkspaceDialogName, workspace: Workspace) => void;

export const workspaceColumns = (open: Open): Column<Workspace>[] => [
  {
    name: 'Name',
    isMain: true,
    cell: ({ name, workspaceId }) => (
      <span className="flex items-center gap-1">
        <span className="font-semibold">
          <Text>{name}</Text>
        </span>
        <CopyButton text={workspaceId} name={`the id of ${name}`} />
      </span>
    ),
  },
  { name: 'Since', cell: ({ createdAt }) => <Ago at={createdAt} /> },
  { name: 'Limits', cell: ({ limits }) => <LimitList limits={limits} /> },
  { name: 'State', cell: (workspace) => <State workspace={workspace} /> },
  { name: '', cell: (workspace) => <RowButtons workspace={workspace} open={open} /> },
];

function LimitList({ limits }: { limits: Workspace['limits'] }) {
  const set = LIMITS.filter(({ field }) => limits[field] !== undefined);
  if (set.length === 0) return <span className="text-dim">those of the instance</span>;
  return (
    <ul>
      {set.map(({ field, name }) => (
        <li key={field}>
          {name}: {limits[field]?.toLocaleString()}
        </li>
      ))}
    </ul>
  );
}

function State({ workspace: { suspendedAt, deletingAt } }: { workspace: Workspace }) {
  if (deletingAt !== undefined)
    return (
      <span className="text-bad">
        being deleted since <Ago at={deletingAt} />
      </span>
    );
  if (suspendedAt === undefined) return <span className="text-good">in use</span>;
  return (
    <span className="text-wait">
      suspended <Ago at={suspendedAt} />
    </span>
  );
}

function RowButtons({ workspace, open }: { workspace: Workspace; open: Open }) {
  const { name, suspendedAt, deletingAt } = workspace;
  if (deletingAt !== undefined) return null;
  const names: [WorkspaceDialogName, string][] = [
    ['limits', 'Limits'],
    ['access', 'First access'],
    ['rename', 'Rename'],
    ...(suspendedAt === undefined
      ? ([['suspend', 'Suspend']] as const)
      : ([
          ['resume', 'Resume'],
          ['delete', 'Delete'],
        ] as const)
    ).map(([dialog, text]): [WorkspaceDialogName, string] => [dialog, text]),
  ];
  return (
    <span className="flex flex-wrap gap-1 sm:justify-end">
      {names.map(([dialog, text]) => (
        <Button
          key={dialog}
          look="quiet"
          className={dialog === 'delete' || dialog === 'suspend' ? '!text-bad' : ''}
          aria-label={`${text}: ${name}`}
          onClick={() => open(dialog, workspace)}
        >
          {text}
        </Button>
      ))}
    </span>
  );
}

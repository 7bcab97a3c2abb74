import { Link } from '@tanstack/react-router';
import { Badge } from '../../display/badge.tsx';
import { Text } from '../../display/text.tsx';
import { Ago, At } from '../../display/time.tsx';
import type { Column } from '../../manage/list-view.tsx';
import { useWorkspaceId } from '../../session/workspace.tsx';
import type { Schedule } from './schedule.ts';
import { ScheduleButtons } from './schedule-buttons.tsx';
import type { ScheduleDialogName } from './schedule-dialogs.tsx';

type Options = {
  /** Why the person may change nothing. */
  off: string | undefined;
  open: (name: ScheduleDialogName, schedule: Schedule) => void;
};

export const scheduleColumns = ({ off, open }: Options): Column<Schedule>[] => [
  { name: 'Schedule', isMain: true, cell: (schedule) => <Title schedule={schedule} /> },
  { name: 'Times', cell: (schedule) => <Times schedule={schedule} /> },
  { name: 'Last time', cell: (schedule) => <LastTime schedule={schedule} /> },
  { name: 'State', cell: (schedule) => <State schedule={schedule} /> },
  {
    name: '',
    cell: (schedule) => <ScheduleButtons schedule={schedule} off={off} open={(name) => open(name, schedule)} />,
  },
];

const Title = ({ schedule: { name, run, createdBy } }: { schedule: Schedule }) => (
  <span className="flex min-w-0 flex-col">
    <span className="font-semibold">
      <Text>{name}</Text>
    </span>
    {run.intent !== name && (
      <span className="line-clamp-2">
        <Text>{run.intent}</Text>
      </span>
    )}
    <span className="text-dim">
      for <Text>{run.userId}</Text> · owner: <Text>{createdBy}</Text>
    </span>
  </span>
);

function Times({ schedule: { cron, timeZone, next } }: { schedule: Schedule }) {
  const [first, ...others] = next;
  return (
    <span className="flex flex-col">
      <span>
        <code className="font-mono text-sm">{cron}</code> <span className="text-dim">{timeZone}</span>
      </span>
      {first !== undefined && (
        <details>
          <summary className="text-dim">
            next <Ago at={first} />
          </summary>
          <ul className="text-sm text-dim">
            {[first, ...others].map((at) => (
              <li key={at}>
                <At at={at} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </span>
  );
}

const OUTCOMES: Readonly<Record<NonNullable<Schedule['last']>['outcome'], string>> = {
  created: 'created an errand',
  skipped: 'left out: the previous errand had not ended',
  refused: 'refused',
};

function LastTime({ schedule: { last } }: { schedule: Schedule }) {
  const workspaceId = useWorkspaceId();
  if (!last) return <span className="text-dim">none yet</span>;
  const { dueAt, outcome, runId, missed, problem } = last;
  return (
    <span className="flex flex-col">
      <span>
        <Ago at={dueAt} />:{' '}
        {runId === undefined ? (
          <span className={outcome === 'refused' ? 'text-bad' : ''}>{OUTCOMES[outcome]}</span>
        ) : (
          <Link to="/w/$workspaceId/runs/$runId" params={{ workspaceId, runId }} className="text-accent underline">
            {OUTCOMES[outcome]}
          </Link>
        )}
      </span>
      {problem && (
        <span className="text-bad">
          <Text>{problem.detail}</Text> <code className="font-mono text-sm">{problem.code}</code>
        </span>
      )}
      {missed > 0 && <span className="text-dim">Missed before: {missed}</span>}
    </span>
  );
}

const State = ({ schedule: { active, pausedBecause } }: { schedule: Schedule }) => (
  <span className="flex flex-col items-start gap-1">
    <Badge look={active ? 'good' : 'wait'}>{active ? 'active' : 'paused'}</Badge>
    {pausedBecause !== undefined && (
      <span className="text-sm text-dim">Its owner may no longer create errands. Resume it to become its owner.</span>
    )}
  </span>
);

import { Link, useNavigate } from '@tanstack/react-router';
import { Button, buttonClass } from '../../controls/button.tsx';
import { useAct } from '../../manage/use-act.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';
import type { Schedule } from './schedule.ts';
import type { ScheduleDialogName } from './schedule-dialogs.tsx';

type ScheduleButtonsProps = {
  schedule: Schedule;
  off: string | undefined;
  open: (name: ScheduleDialogName) => void;
};

export function ScheduleButtons({ schedule, off, open }: ScheduleButtonsProps) {
  const workspaceId = useWorkspaceId();
  const { scheduleId, name, active } = schedule;
  return (
    <span className="flex flex-wrap gap-1 sm:max-w-56 sm:justify-end">
      <RunButton schedule={schedule} off={off} />
      {active ? (
        <PauseButton schedule={schedule} off={off} />
      ) : (
        <Button look="quiet" offBecause={off} aria-label={`Resume ${name}`} onClick={() => open('resume')}>
          Resume
        </Button>
      )}
      <Button look="quiet" offBecause={off} aria-label={`Edit ${name}`} onClick={() => open('edit')}>
        Edit
      </Button>
      <Link
        to="/w/$workspaceId/runs"
        params={{ workspaceId }}
        search={{ scheduleId }}
        aria-label={`Errands of ${name}`}
        className={buttonClass('quiet')}
      >
        Errands
      </Link>
      <Button
        look="quiet"
        className="!text-bad"
        offBecause={off}
        aria-label={`Delete ${name}`}
        onClick={() => open('delete')}
      >
        Delete
      </Button>
    </span>
  );
}

/** Creates the errand now, and opens it. */
function RunButton({ schedule: { scheduleId, name }, off }: { schedule: Schedule; off: string | undefined }) {
  const client = useClient();
  const workspaceId = useWorkspaceId();
  const navigate = useNavigate();
  const { run, isBusy } = useAct({
    act: () => client.schedules.run.mutate({ scheduleId, idempotencyKey: crypto.randomUUID() }),
    onDone: ({ runId }) => void navigate({ to: '/w/$workspaceId/runs/$runId', params: { workspaceId, runId } }),
  });
  return (
    <Button look="quiet" offBecause={off} isBusy={isBusy} aria-label={`Run now: ${name}`} onClick={run}>
      Run now
    </Button>
  );
}

function PauseButton({ schedule: { scheduleId, name }, off }: { schedule: Schedule; off: string | undefined }) {
  const client = useClient();
  const { run, isBusy } = useAct({
    act: () => client.schedules.patch.mutate({ scheduleId, active: false }),
    done: 'The schedule is paused.',
    refresh: [['schedules']],
  });
  return (
    <Button look="quiet" offBecause={off} isBusy={isBusy} aria-label={`Pause ${name}`} onClick={run}>
      Pause
    </Button>
  );
}

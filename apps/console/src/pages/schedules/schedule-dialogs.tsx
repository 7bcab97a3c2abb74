import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Text } from '../../display/text.tsx';
import { ScheduleFields, type ScheduleValues } from '../../keep/schedule-fields.tsx';
import { ConfirmDialog } from '../../manage/confirm-dialog.tsx';
import { FormDialog } from '../../manage/form-dialog.tsx';
import { useClient } from '../../session/workspace.tsx';
import type { Schedule } from './schedule.ts';

export type ScheduleDialogName = 'edit' | 'resume' | 'delete';
type DialogProps = { schedule: Schedule; onClose: () => void };

const SCHEDULES = [['schedules']];

export function ScheduleActionDialog({ name, ...rest }: DialogProps & { name: ScheduleDialogName }) {
  if (name === 'edit') return <EditDialog {...rest} />;
  return name === 'resume' ? <ResumeDialog {...rest} /> : <DeleteDialog {...rest} />;
}

function EditDialog({ schedule, onClose }: DialogProps) {
  const client = useClient();
  const { scheduleId, name, cron, timeZone, overlap } = schedule;
  const [values, setValues] = useState<ScheduleValues>({ name, cron, timeZone, overlap });
  const input = { scheduleId, ...changesOf(schedule, values) };
  return (
    <FormDialog
      title={`Edit ${name}`}
      verb="Save"
      act={() => client.schedules.patch.mutate(input)}
      done="The schedule is changed."
      refresh={SCHEDULES}
      onClose={onClose}
      onDone={onClose}
      actions={<CodeButton title="Change the schedule from code" operation="schedules.patch" input={input} />}
    >
      <ScheduleFields values={values} onChange={setValues} />
      <p className="text-dim">After a change of the times you are the owner: its errands act as you.</p>
    </FormDialog>
  );
}

/** Only these are sent: times that stay the same leave the owner. */
const changesOf = (schedule: Schedule, values: ScheduleValues): Partial<ScheduleValues> =>
  Object.fromEntries(
    Object.entries(values).filter(([name, value]) => schedule[name as keyof ScheduleValues] !== value),
  );

function ResumeDialog({ schedule: { scheduleId, name }, onClose }: DialogProps) {
  const client = useClient();
  return (
    <ConfirmDialog
      title={`Resume ${name}`}
      verb="Resume"
      look="accent"
      act={() => client.schedules.patch.mutate({ scheduleId, active: true })}
      done="The schedule is active."
      refresh={SCHEDULES}
      onClose={onClose}
    >
      <p>You become its owner: its errands act as you. Times that passed meanwhile are not made up for.</p>
    </ConfirmDialog>
  );
}

function DeleteDialog({ schedule: { scheduleId, name }, onClose }: DialogProps) {
  const client = useClient();
  return (
    <ConfirmDialog
      title={`Delete ${name}`}
      verb="Delete"
      act={() => client.schedules.delete.mutate({ scheduleId })}
      done="The schedule is deleted."
      refresh={SCHEDULES}
      onClose={onClose}
    >
      <p>
        <Text>{name}</Text> creates no more errands. Those that it created stay.
      </p>
    </ConfirmDialog>
  );
}

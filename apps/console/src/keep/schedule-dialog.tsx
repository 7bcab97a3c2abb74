// An errand that is created again and again.
import type { Inputs } from '@errand/client/console';
import { useState } from 'react';
import { CodeButton } from '../code/code-button.tsx';
import { FormDialog } from '../manage/form-dialog.tsx';
import { useClient } from '../session/workspace.tsx';
import { ScheduleFields, type ScheduleValues } from './schedule-fields.tsx';

export type ScheduledRun = Inputs['schedules']['create']['run'];

/** Asks when to create the errand, and shows the next times before it is saved. */
export function ScheduleDialog({ run, onClose }: { run: ScheduledRun; onClose: () => void }) {
  const client = useClient();
  const [values, setValues] = useState<ScheduleValues>({
    name: run.intent.slice(0, 100),
    cron: '0 9 * * 1',
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    overlap: 'skip',
  });
  const input = { ...values, run };
  return (
    <FormDialog
      title="Schedule this errand"
      verb="Save the schedule"
      act={() => client.schedules.create.mutate(input)}
      done="The schedule is saved."
      refresh={[['schedules']]}
      onClose={onClose}
      onDone={onClose}
      actions={
        <CodeButton
          title="Create the schedule from code"
          operation="schedules.create"
          input={input}
          note="Each call creates another schedule."
        />
      }
    >
      <ScheduleFields values={values} onChange={setValues} />
    </FormDialog>
  );
}

// Errands that are created again and again.
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { ListView } from '../../manage/list-view.tsx';
import { Page } from '../../manage/page.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { useCursorList } from '../../manage/use-cursor-list.ts';
import { useClient } from '../../session/workspace.tsx';
import { NewScheduleDialog } from './new-schedule-dialog.tsx';
import type { Schedule } from './schedule.ts';
import { scheduleColumns } from './schedule-columns.tsx';
import { ScheduleActionDialog, type ScheduleDialogName } from './schedule-dialogs.tsx';

type Opened = { name: ScheduleDialogName; schedule: Schedule };

export function SchedulesPage() {
  const client = useClient();
  const off = useOffReason('runs:write');
  const [opened, open] = useState<Opened>();
  const [isCreating, setCreating] = useState(false);
  const list = useCursorList({
    key: ['schedules'],
    read: async (page, signal) => {
      const { schedules, nextCursor } = await client.schedules.list.query(page, { signal });
      return { items: schedules, nextCursor };
    },
  });
  return (
    <Page
      title="Schedules"
      about="A schedule creates an errand at the times of a cron expression. Its errands act as its owner: the person or the key that made it or changed its times last. A workspace has at most 100."
      actions={
        <>
          <CodeButton title="List the schedules from code" operation="schedules.list" input={{}} />
          <Button look="accent" offBecause={off} onClick={() => setCreating(true)}>
            New schedule
          </Button>
        </>
      }
    >
      <ListView
        label="Schedules"
        list={list}
        columns={scheduleColumns({ off, open: (name, schedule) => open({ name, schedule }) })}
        keyOf={({ scheduleId }) => scheduleId}
        empty="There is no schedule. Make one here, or schedule an errand that has run on its page."
      />
      {isCreating && <NewScheduleDialog onClose={() => setCreating(false)} />}
      {opened && <ScheduleActionDialog {...opened} onClose={() => open(undefined)} />}
    </Page>
  );
}

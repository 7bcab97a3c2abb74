import type { contract } from '@errand/contracts';
import { timesOf } from '@errand/engine';
import type { Handler } from '../context.ts';
import { orNotFound } from '../problems.ts';
import { checkRun } from './check-run.ts';
import { toSchedule } from './to-schedule.ts';

/** Changes the fields that are present. Runs act as the key that last changed the run or its times. */
export const patchSchedule: Handler<typeof contract.schedules.patch> = async ({ input, ctx }) => {
  const { scheduleId, ...patch } = input;
  const { cron, timeZone, active } = {
    ...orNotFound(await ctx.workspaceDb.schedules.get(scheduleId), 'schedule'),
    ...patch,
  };
  const times = timesOf(cron, timeZone);
  if (patch.run) await checkRun(ctx, patch.run);
  const rescheduled = patch.cron !== undefined || patch.timeZone !== undefined || patch.active !== undefined;
  const nextAt = active ? times.next(1, new Date())[0]! : null;
  const remade = patch.run !== undefined || (rescheduled && active);
  const changed = await ctx.workspaceDb.schedules.patch(
    scheduleId,
    { ...patch, ...(rescheduled && { nextAt }) },
    remade,
  );
  return toSchedule(orNotFound(changed, 'schedule'));
};

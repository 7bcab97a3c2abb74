import { type contract, problem } from '@errand/contracts';
import { timesOf } from '@errand/engine';
import type { Handler } from '../context.ts';
import { checkRun } from './check-run.ts';
import { toSchedule } from './to-schedule.ts';

const MAX_SCHEDULES = 100;

/** Creates a schedule whose runs act as the caller. */
export const createSchedule: Handler<typeof contract.schedules.create> = async ({ input, ctx }) => {
  const times = timesOf(input.cron, input.timeZone);
  await checkRun(ctx, input.run);
  const nextAt = input.active ? times.next(1, new Date())[0]! : null;
  const schedule = await ctx.workspaceDb.schedules.create({ ...input, nextAt }, MAX_SCHEDULES);
  if (schedule) return toSchedule(schedule);
  throw problem('schedule_limit_reached', `A workspace can have at most ${MAX_SCHEDULES} schedules.`);
};

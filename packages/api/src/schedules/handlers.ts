import { problem } from '@errand/contracts';
import { timesOf } from '@errand/engine';
import type { ContractHandlers } from '../context.ts';
import { orNotFound } from '../problems.ts';
import { acceptRun } from '../runs/accept-run.ts';
import { checkRun } from './check-run.ts';
import { patchSchedule } from './patch-schedule.ts';
import { toSchedule } from './to-schedule.ts';

const MAX_SCHEDULES = 100;

export const schedules: ContractHandlers['schedules'] = {
  list: async ({ ctx }) => (await ctx.workspaceDb.schedules.list()).map(toSchedule),
  /** Creates a schedule whose runs act as the caller. */
  create: async ({ input, ctx }) => {
    const times = timesOf(input.cron, input.timeZone);
    await checkRun(ctx, input.run);
    const nextAt = input.active ? times.next(1, new Date())[0]! : null;
    const schedule = await ctx.workspaceDb.schedules.create({ ...input, nextAt }, MAX_SCHEDULES);
    if (schedule) return toSchedule(schedule);
    throw problem('schedule_limit_reached', `A workspace can have at most ${MAX_SCHEDULES} schedules.`);
  },
  get: async ({ input, ctx }) =>
    toSchedule(orNotFound(await ctx.workspaceDb.schedules.get(input.scheduleId), 'schedule')),
  patch: patchSchedule,
  delete: async ({ input, ctx }) => {
    orNotFound(await ctx.workspaceDb.schedules.remove(input.scheduleId), 'schedule');
    return null;
  },
  /** Creates the run of a schedule now. It acts as the caller, not as the author of the schedule. */
  run: ({ input, ctx, signal, reply }) => {
    const { scheduleId } = input;
    const run = async () => {
      const schedule = orNotFound(await ctx.workspaceDb.schedules.get(scheduleId), 'schedule');
      return { input: schedule.run, schedule: { scheduleId } };
    };
    return acceptRun({ ctx, signal, reply }, { operation: 'schedules.run', input, run });
  },
};

import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';
import { acceptRun } from '../runs/accept-run.ts';

/** Creates the run of a schedule now. It acts as the caller, not as the author of the schedule. */
export const runSchedule: Handler<typeof contract.schedules.run> = ({ input, ctx, signal, reply }) =>
  acceptRun(
    { ctx, signal, reply },
    {
      operation: 'schedules.run',
      input,
      run: async () => {
        const { scheduleId } = input;
        const { run } = orNotFound(await ctx.workspaceDb.schedules.get(scheduleId), 'schedule');
        return { input: run, schedule: { scheduleId } };
      },
    },
  );

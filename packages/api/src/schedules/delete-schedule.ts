import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';

export const deleteSchedule: Handler<typeof contract.schedules.delete> = async ({ input, ctx }) => {
  orNotFound(await ctx.workspaceDb.schedules.remove(input.scheduleId), 'schedule');
  return null;
};

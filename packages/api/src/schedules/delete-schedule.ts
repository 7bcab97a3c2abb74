import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';

export const deleteSchedule: Handler<typeof contract.schedules.delete> = async ({ input, ctx }) => {
  found(await ctx.workspaceDb.schedules.remove(input.scheduleId), 'schedule');
  return null;
};

import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';
import { toSchedule } from './to-schedule.ts';

export const getSchedule: Handler<typeof contract.schedules.get> = async ({ input, ctx }) =>
  toSchedule(found(await ctx.workspaceDb.schedules.get(input.scheduleId), 'schedule'));

import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { toSchedule } from './to-schedule.ts';

export const listSchedules: Handler<typeof contract.schedules.list> = async ({ ctx }) =>
  (await ctx.workspaceDb.schedules.list()).map(toSchedule);

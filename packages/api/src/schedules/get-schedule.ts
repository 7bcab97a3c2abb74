import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';
import { toSchedule } from './to-schedule.ts';

export const getSchedule: Handler<typeof contract.schedules.get> = async ({ input, ctx }) =>
  toSchedule(orNotFound(await ctx.workspaceDb.schedules.get(input.scheduleId), 'schedule'));

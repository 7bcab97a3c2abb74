import { type ErrorCode, ProblemError, problem, type Schedule, type ScheduledRun } from '@errand/contracts';
import type { StoredSchedule } from '@errand/db';
import { timesOf } from '@errand/engine';
import type { Context, ContractHandlers } from '../context.ts';
import { checkRedirect } from '../links/redirects.ts';
import { orNotFound } from '../problems.ts';
import { acceptRun } from '../runs/accept-run.ts';

const MAX_SCHEDULES = 100;
/** The number of coming times that an answer lists. */
const NEXT_TIMES = 5;

/** Runs that are created at set times. */
export const schedules: ContractHandlers['schedules'] = {
  list: async ({ input, ctx }) => {
    const list = { name: 'schedules.list', ownerId: ctx.principal.workspaceId };
    const { rows, ...next } = await ctx.deps.lists.read(list, input, {
      read: (after: string | undefined, limit) => ctx.workspaceDb.schedules.list({ after, limit }),
      positionOf: ({ scheduleId }) => scheduleId,
    });
    return { schedules: rows.map(toSchedule), ...next };
  },
  /** Creates a schedule whose runs act as the caller. */
  create: async ({ input, ctx }) => {
    const times = timesOf(input.cron, input.timeZone);
    await checkRun(ctx, input.run);
    const nextAt = input.active ? times.next(1, new Date())[0]! : null;
    const schedule = await ctx.workspaceDb.schedules.create({ ...input, nextAt }, MAX_SCHEDULES);
    if (schedule) return toSchedule(schedule);
    throw problem('schedule_limit_reached', `A workspace can have at most ${MAX_SCHEDULES} schedules.`, {
      values: { max: MAX_SCHEDULES },
    });
  },
  preview: async ({ input: { cron, timeZone, from } }) => ({
    next: nextTimes(cron, timeZone, from === undefined ? new Date() : new Date(from)),
  }),
  get: async ({ input, ctx }) => toSchedule(await findSchedule(ctx, input.scheduleId)),
  /** Changes the fields that are present. Runs act as the caller that last changed the run or its times. */
  patch: async ({ input: { scheduleId, ...patch }, ctx }) => {
    const { cron, timeZone, active } = { ...(await findSchedule(ctx, scheduleId)), ...patch };
    const times = timesOf(cron, timeZone);
    if (patch.run) await checkRun(ctx, patch.run);
    const isRescheduled = patch.cron !== undefined || patch.timeZone !== undefined || patch.active !== undefined;
    const nextAt = active ? times.next(1, new Date())[0]! : null;
    const hasNewAuthor = patch.run !== undefined || (isRescheduled && active);
    const change = { ...patch, ...(isRescheduled && { nextAt }) };
    const changed = await ctx.workspaceDb.schedules.patch(scheduleId, change, hasNewAuthor);
    return toSchedule(orNotFound(changed, 'schedule'));
  },
  delete: async ({ input, ctx }) => {
    orNotFound(await ctx.workspaceDb.schedules.remove(input.scheduleId), 'schedule');
    return null;
  },
  /** Creates the run of a schedule now. It acts as the caller, not as the author of the schedule. */
  run: ({ input, ctx, signal, reply }) => {
    const { scheduleId } = input;
    const prepare = async () => ({ input: (await findSchedule(ctx, scheduleId)).run, schedule: { scheduleId } });
    return acceptRun({ ctx, signal, reply }, { operation: 'schedules.run', input, prepare });
  },
};

/** @throws ProblemError not_found */
const findSchedule = async ({ workspaceDb }: Context, scheduleId: string): Promise<StoredSchedule> =>
  orNotFound(await workspaceDb.schedules.get(scheduleId), 'schedule');

/** Checks the run of a schedule as if it were created now. @throws ProblemError with pointers into `run` */
async function checkRun({ deps, principal }: Context, run: ScheduledRun): Promise<void> {
  try {
    checkRedirect(deps.consents, run.redirectUri);
    await deps.engine.checkRun(principal.workspaceId, run);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const errors = error.options.errors?.map(({ pointer, message }) => ({ pointer: `/run${pointer}`, message }));
    throw problem(error.code as ErrorCode, error.detail, { ...(errors && { errors }), cause: error });
  }
}

function toSchedule(schedule: StoredSchedule): Schedule {
  const { active, cron, timeZone } = schedule;
  return { ...schedule, next: active ? nextTimes(cron, timeZone, new Date()) : [] };
}

/** @throws ProblemError cron_invalid */
const nextTimes = (cron: string, timeZone: string, after: Date): string[] =>
  timesOf(cron, timeZone)
    .next(NEXT_TIMES, after)
    .map((time) => time.toISOString());

import {
  type ApproverInput,
  type ErrorCode,
  ProblemError,
  problem,
  type Schedule,
  type ScheduledRun,
  toStoredApprover,
} from '@errand/contracts';
import type { StoredSchedule } from '@errand/db';
import { timesOf } from '@errand/engine';
import { actingDb, actingPrincipal, resolveApprovers } from '../acting-for.ts';
import type { Context, ContractHandlers } from '../context.ts';
import { checkRedirect } from '../links/redirects.ts';
import { orNotFound } from '../problems.ts';
import { acceptRun } from '../runs/accept-run.ts';

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
  create: async ({ input: { onBehalfOf, ...input }, ctx }) => {
    const by = actingPrincipal(ctx.principal, onBehalfOf);
    const times = timesOf(input.cron, input.timeZone);
    const run = await checkRun(ctx, input.run);
    const nextAt = input.active ? times.next(1, new Date())[0]! : null;
    return toSchedule(await actingDb(ctx, by).schedules.create({ ...input, run, nextAt }));
  },
  preview: async ({ input: { cron, timeZone, from } }) => ({
    next: nextTimes(cron, timeZone, from === undefined ? new Date() : new Date(from)),
  }),
  get: async ({ input, ctx }) => toSchedule(await findSchedule(ctx, input.scheduleId)),
  /** Changes the fields that are present. Runs act as the caller that last changed the run or its times. */
  patch: async ({ input: { scheduleId, onBehalfOf, ...patch }, ctx }) => {
    const by = actingPrincipal(ctx.principal, onBehalfOf);
    const { cron, timeZone, active } = { ...(await findSchedule(ctx, scheduleId)), ...patch };
    const times = timesOf(cron, timeZone);
    const run = patch.run && (await checkRun(ctx, patch.run));
    const isRescheduled = patch.cron !== undefined || patch.timeZone !== undefined || patch.active !== undefined;
    const nextAt = active ? times.next(1, new Date())[0]! : null;
    const hasNewAuthor = patch.run !== undefined || (isRescheduled && active);
    const change = { ...patch, ...(run && { run }), ...(isRescheduled && { nextAt }) };
    const changed = await actingDb(ctx, by).schedules.patch(scheduleId, change, hasNewAuthor);
    return toSchedule(orNotFound(changed, 'schedule'));
  },
  delete: async ({ input, ctx }) => {
    orNotFound(await ctx.workspaceDb.schedules.remove(input.scheduleId), 'schedule');
    return null;
  },
  /** Creates the run of a schedule now. It acts as the caller, not as the author of the schedule. */
  run: ({ input, ctx, signal, reply }) => {
    const { scheduleId } = input;
    const prepare = async () => {
      const { run } = await findSchedule(ctx, scheduleId);
      const approvers = run.approvers?.map((approver) => toStoredApprover(approver));
      return { input: run, schedule: { scheduleId }, ...(approvers && { approvers }) };
    };
    return acceptRun({ ctx, signal, reply }, { operation: 'schedules.run', input, prepare });
  },
};

/** @throws ProblemError not_found */
const findSchedule = async ({ workspaceDb }: Context, scheduleId: string): Promise<StoredSchedule> =>
  orNotFound(await workspaceDb.schedules.get(scheduleId), 'schedule');

/**
 * Checks the run of a schedule as if it were created now.
 * @returns the run with the products of its approvers
 * @throws ProblemError with pointers into `run`
 */
async function checkRun(ctx: Context, run: ScheduledRun): Promise<ScheduledRun> {
  const { deps, principal } = ctx;
  await resolveApprovers(ctx, run.approvers, '/run/approvers');
  const product = 'product' in principal ? principal.product : undefined;
  try {
    checkRedirect(deps.consents, run.redirectUri);
    await deps.engine.checkRun(principal.workspaceId, run);
    return run.approvers ? { ...run, approvers: run.approvers.map((approver) => withProduct(approver, product)) } : run;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const errors = error.options.errors?.map(({ pointer, message }) => ({ pointer: `/run${pointer}`, message }));
    throw problem(error.code as ErrorCode, error.detail, { ...(errors && { errors }), cause: error });
  }
}

const withProduct = (approver: ApproverInput, product: string | undefined): ApproverInput =>
  approver.type === 'claimed' && product !== undefined ? { product, ...approver } : approver;

function toSchedule(schedule: StoredSchedule): Schedule {
  const { active, cron, timeZone } = schedule;
  return { ...schedule, next: active ? nextTimes(cron, timeZone, new Date()) : [] };
}

/** @throws ProblemError cron_invalid */
const nextTimes = (cron: string, timeZone: string, after: Date): string[] =>
  timesOf(cron, timeZone)
    .next(NEXT_TIMES, after)
    .map((time) => time.toISOString());

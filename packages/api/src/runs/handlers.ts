import { resolveApprovers, withApprovers } from '../acting-for.ts';
import { type ContractHandlers, readerQuery } from '../context.ts';
import { acceptRun } from './accept-run.ts';
import { cancelMany, rerunMany } from './many.ts';
import { preflight } from './preflight.ts';
import { runOrHandle } from './run-or-handle.ts';
import { streamEvents } from './stream-events.ts';
import { watchRuns } from './watch-runs.ts';

/** Creates, reads, cancels, deletes and streams runs. */
export const runs: ContractHandlers['runs'] = {
  create: ({ input, ctx, signal, reply }) => {
    const prepare = async () => ({ input, ...withApprovers(await resolveApprovers(ctx, input.approvers)) });
    return acceptRun({ ctx, signal, reply }, { operation: 'runs.create', input, prepare });
  },
  preflight,
  rerun: ({ input, ctx, signal, reply }) => {
    const prepare = async () => ({
      ...(await ctx.deps.engine.prepareRerun(ctx.principal.workspaceId, input)),
      ...withApprovers(await resolveApprovers(ctx, input.approvers)),
      rerunOf: input.runId,
    });
    return acceptRun({ ctx, signal, reply }, { operation: 'runs.rerun', input, prepare });
  },
  previewRerun: ({ input, ctx }) => ctx.deps.engine.previewRerun(ctx.principal.workspaceId, input),
  rerunMany,
  cancelMany,
  list: ({ input, ctx }) =>
    ctx.deps.largeAnswers.send(ctx, () => ctx.deps.engine.listRuns(ctx.principal.workspaceId, readerQuery(ctx, input))),
  histogram: ({ input, ctx }) => ctx.deps.engine.histogram(ctx.principal.workspaceId, input),
  get: ({ input, ctx }) =>
    ctx.deps.largeAnswers.send(ctx, () => ctx.deps.engine.getRun(ctx.principal.workspaceId, readerQuery(ctx, input))),
  cancel: async ({ input, ctx }) =>
    runOrHandle(ctx.principal, await ctx.deps.engine.cancel(ctx.principal.workspaceId, input.runId)),
  delete: async ({ input: { runId }, ctx }) => {
    await ctx.workspaceDb.runs.remove(runId);
    ctx.deps.engine.announceRemoved(ctx.principal.workspaceId, [runId]);
    return null;
  },
  events: ({ input, ctx }) =>
    ctx.deps.largeAnswers.send(ctx, () =>
      ctx.deps.engine.listEvents(ctx.principal.workspaceId, readerQuery(ctx, input)),
    ),
  toolCall: ({ input, ctx }) =>
    ctx.deps.largeAnswers.send(ctx, () =>
      ctx.deps.engine.readCall(ctx.principal.workspaceId, input.runId, input.toolCallId),
    ),
  stream: streamEvents,
  watch: watchRuns,
};

export const executionPlans: ContractHandlers['executionPlans'] = {
  get: ({ input, ctx }) => ctx.deps.engine.readPlanDetails(ctx.principal.workspaceId, input),
};

import type { Feedback } from '@errand/contracts';
import type { ContractHandlers } from '../context.ts';
import { orNotFound } from '../problems.ts';
import { mayReadRuns } from '../runs/run-or-handle.ts';

/** Ratings of the results of runs. */
export const feedback: ContractHandlers['feedback'] = {
  /** Null if the run has no feedback. @throws ProblemError not_found if the run does not exist */
  get: async ({ input: { runId }, ctx }) => {
    const stored = await ctx.workspaceDb.feedback.get(runId);
    if (!stored)
      await ctx.deps.engine.getRun(ctx.principal.workspaceId, { runId, includeEvents: false, includeToolCalls: false });
    return stored;
  },
  put: async ({ input: { runId, ...patch }, ctx }) => {
    const stored = orNotFound(await ctx.workspaceDb.feedback.put(runId, patch), 'run');
    const mayReadFeedback = mayReadRuns(ctx.principal) && ctx.principal.kind !== 'user_token';
    return mayReadFeedback ? stored : withoutUnsent(stored, patch);
  },
};

/** Without the members that this caller did not send. */
function withoutUnsent(
  { comment, feedbackSource, metadata, ...rest }: Feedback,
  sent: { comment?: unknown; source?: unknown; metadata?: unknown },
): Feedback {
  return {
    ...rest,
    ...(sent.comment !== undefined && { comment }),
    ...(sent.source !== undefined && { feedbackSource }),
    ...(sent.metadata !== undefined && { metadata }),
  };
}

import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

/** Null if the run has no feedback. @throws ProblemError not_found if the run does not exist */
export const getFeedback: Handler<typeof contract.feedback.get> = async ({ input: { runId }, ctx }) => {
  const feedback = await ctx.workspaceDb.feedback.get(runId);
  if (!feedback)
    await ctx.deps.engine.getRun(ctx.principal.workspaceId, { runId, includeEvents: false, includeToolCalls: false });
  return feedback;
};

import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

/** Null when the run has none; a run that does not exist is 404. */
export const getFeedback: Handler<typeof contract.feedback.get> = async ({ input: { runId }, ctx }) => {
  const feedback = await ctx.workspaceDb.feedback.get(runId);
  if (!feedback)
    await ctx.deps.engine.get(ctx.principal.workspaceId, { runId, includeEvents: false, includeToolCalls: false });
  return feedback;
};

import type { contract, Feedback } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';
import { readsRuns } from '../runs/run-for-reader.ts';

export const putFeedback: Handler<typeof contract.feedback.put> = async ({ input: { runId, ...patch }, ctx }) => {
  const feedback = orNotFound(await ctx.workspaceDb.feedback.put(runId, patch), 'run');
  return readsRuns(ctx.principal) ? feedback : withoutOthers(feedback, patch);
};

/** Only the members that this caller sent. */
function withoutOthers(
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

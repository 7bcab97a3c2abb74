import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';

export const putFeedback: Handler<typeof contract.feedback.put> = async ({ input: { runId, ...patch }, ctx }) =>
  found(await ctx.own.feedback.put(runId, patch), 'run');

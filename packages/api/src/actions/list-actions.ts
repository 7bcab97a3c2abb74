import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { toAction } from './to-action.ts';

/** Share of the answer for variable texts; JSON escapes and the fixed fields take the rest. */
const SHARE = 0.5;

export const listActions: Handler<typeof contract.actions.list> = async ({ input, ctx }) => {
  const listBytes = Math.floor(ctx.maxBytes * SHARE);
  const rows = await ctx.workspaceDb.actions.list({ ...input, maxBytes: listBytes });
  return rows.map(({ omittedFields: leftOut, ...row }) => ({ ...toAction(row), ...(leftOut && { leftOut }) }));
};

import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';

export const deleteAction: Handler<typeof contract.actions.delete> = async ({ input, ctx }) => {
  found((await ctx.workspaceDb.actions.delete(input.key)) || null, 'action');
  return null;
};

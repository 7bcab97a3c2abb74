import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';

export const deleteAction: Handler<typeof contract.actions.delete> = async ({ input, ctx }) => {
  orNotFound((await ctx.workspaceDb.actions.delete(input.key)) || null, 'action');
  return null;
};

import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';
import { detailsOf, findAction } from './to-action.ts';

/** Changes the schemas of an action. */
export const changeAction: Handler<typeof contract.actions.change> = async ({ input, ctx }) => {
  const { key, ...change } = input;
  const action = await findAction(ctx, key);
  const draft = await ctx.deps.engine.actions.change(ctx.principal.workspaceId, action, change);
  orNotFound((await ctx.workspaceDb.actions.change(key, draft)) || null, 'action');
  return detailsOf(ctx, key);
};

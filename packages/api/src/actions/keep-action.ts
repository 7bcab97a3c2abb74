import { type contract, problem } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { detailsOf } from './to-action.ts';

/** Keeps a run as an action. */
export const keepAction: Handler<typeof contract.actions.keep> = async ({ input, ctx }) => {
  const { key, ...draftInput } = input;
  const draft = await ctx.deps.engine.actions.draft(ctx.principal.workspaceId, draftInput);
  if (!(await ctx.workspaceDb.actions.create(key, draft)))
    throw problem('action_exists', 'Another action has this key.', {
      errors: [{ pointer: '/key', message: 'It is taken.' }],
    });
  return detailsOf(ctx, key);
};

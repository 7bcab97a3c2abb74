import { problem } from '@errand/contracts';
import type { ContractHandlers } from '../context.ts';
import { orNotFound } from '../problems.ts';
import { runAction } from './run-action.ts';
import { actionDetails, findAction, toAction } from './to-action.ts';

/** Share of the answer for variable texts; JSON escapes and the fixed fields take the rest. */
const TEXT_SHARE = 0.5;

/** Runs that are kept to be repeated by their key. */
export const actions: ContractHandlers['actions'] = {
  list: async ({ input, ctx }) => {
    const maxBytes = Math.floor(ctx.maxBytes * TEXT_SHARE);
    const list = { name: 'actions.list', ownerId: ctx.principal.workspaceId };
    const { rows, ...next } = await ctx.deps.lists.read(list, input, {
      read: (after: string | undefined, limit) => ctx.workspaceDb.actions.list({ after, limit, maxBytes }),
      positionOf: ({ key }) => key,
    });
    const actions = rows.map(({ omittedFields, ...row }) => ({
      ...toAction(row),
      ...(omittedFields && { leftOut: omittedFields }),
    }));
    return { actions, ...next };
  },
  keep: async ({ input: { key, ...draftInput }, ctx }) => {
    const draft = await ctx.deps.engine.actions.draft(ctx.principal.workspaceId, draftInput);
    if (!(await ctx.workspaceDb.actions.create(key, draft)))
      throw problem('action_exists', 'Another action has this key.', {
        errors: [{ pointer: '/key', message: 'It is taken.' }],
      });
    return actionDetails(ctx, key);
  },
  get: ({ input, ctx }) => actionDetails(ctx, input.key),
  change: async ({ input: { key, ...change }, ctx }) => {
    const action = await findAction(ctx, key);
    const draft = await ctx.deps.engine.actions.change(ctx.principal.workspaceId, action, change);
    orNotFound((await ctx.workspaceDb.actions.change(key, draft)) || null, 'action');
    return actionDetails(ctx, key);
  },
  delete: async ({ input, ctx }) => {
    orNotFound((await ctx.workspaceDb.actions.delete(input.key)) || null, 'action');
    return null;
  },
  run: runAction,
};

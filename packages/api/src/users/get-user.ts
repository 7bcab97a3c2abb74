import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';

export const getUser: Handler<typeof contract.users.get> = async ({ input, ctx }) =>
  found(await ctx.workspaceDb.users.get(input.userId), 'user');

import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';

export const getUser: Handler<typeof contract.users.get> = async ({ input, ctx }) =>
  orNotFound(await ctx.workspaceDb.users.get(input.userId), 'user');

import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';

export const getUser: Handler<typeof contract.integrations.getUser> = async ({ input, ctx }) =>
  orNotFound(
    await ctx.workspaceDb.credentials.getUser(input.customerIntegrationId, input.userId),
    'user at this integration',
  );

import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';

export const getIntegration: Handler<typeof contract.integrations.get> = async ({ input, ctx }) =>
  orNotFound(await ctx.workspaceDb.integrations.get(input.customerIntegrationId), 'integration');

import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';

export const getIntegration: Handler<typeof contract.integrations.get> = async ({ input, ctx }) =>
  found(await ctx.workspaceDb.integrations.get(input.customerIntegrationId), 'integration');

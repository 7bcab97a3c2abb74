import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';

export const listTools: Handler<typeof contract.integrations.tools> = async ({ input, ctx }) =>
  found(await ctx.own.tools.list(input.customerIntegrationId), 'integration');

import type { contract, Tool } from '@errand/contracts';
import { raw } from '@errand/trpc-openapi';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';

export const listTools: Handler<typeof contract.integrations.tools> = async ({ input, ctx }) =>
  raw<Tool[]>(found(await ctx.own.tools.json(input.customerIntegrationId), 'integration'));

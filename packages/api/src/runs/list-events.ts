import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const listEvents: Handler<typeof contract.runs.events> = async ({ input, ctx }) => ({
  events: await ctx.deps.engine.events(ctx.principal.workspaceId, { ...input, reader: ctx.principal }),
});

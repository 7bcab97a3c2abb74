import type { contract } from '@errand/contracts';
import { type Handler, mayDecide } from '../context.ts';

export const listEvents: Handler<typeof contract.runs.events> = async ({ input, ctx }) => ({
  events: await ctx.deps.engine.events(ctx.caller.workspaceId, { ...input, mayDecide: mayDecide(ctx.caller) }),
});

import type { contract } from '@errand/contracts';
import { type Handler, mayDecide } from '../context.ts';

export const listRuns: Handler<typeof contract.runs.list> = ({ input, ctx }) =>
  ctx.deps.engine.list(ctx.caller.workspaceId, { ...input, mayDecide: mayDecide(ctx.caller) });

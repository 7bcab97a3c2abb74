import type { contract } from '@errand/contracts';
import { type Handler, mayDecide } from '../context.ts';

export const getRun: Handler<typeof contract.runs.get> = ({ input, ctx }) =>
  ctx.deps.engine.get(ctx.caller.workspaceId, { ...input, mayDecide: mayDecide(ctx.caller) });

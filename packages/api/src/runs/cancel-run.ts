import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const cancelRun: Handler<typeof contract.runs.cancel> = ({ input, ctx }) =>
  ctx.deps.engine.cancel(ctx.principal.workspaceId, input.runId);

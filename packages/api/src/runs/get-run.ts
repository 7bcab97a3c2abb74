import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const getRun: Handler<typeof contract.runs.get> = ({ input, ctx }) =>
  ctx.deps.engine.get(ctx.principal.workspaceId, { ...input, reader: ctx.principal });

import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const listPending: Handler<typeof contract.pending.list> = ({ input, ctx }) =>
  ctx.deps.engine.listPending(ctx.principal.workspaceId, { ...input, reader: ctx.principal, maxBytes: ctx.maxBytes });

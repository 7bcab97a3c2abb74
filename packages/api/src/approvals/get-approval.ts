import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const getApproval: Handler<typeof contract.approvals.get> = ({ input, ctx }) =>
  ctx.deps.engine.readApprovalEntry(ctx.principal.workspaceId, {
    ...input,
    reader: ctx.principal,
    maxBytes: ctx.maxBytes,
  });

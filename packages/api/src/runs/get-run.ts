import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const getRun: Handler<typeof contract.runs.get> = ({ input, ctx }) =>
  ctx.deps.largeAnswers.send(ctx, () =>
    ctx.deps.engine.getRun(ctx.principal.workspaceId, { ...input, maxBytes: ctx.maxBytes, reader: ctx.principal }),
  );

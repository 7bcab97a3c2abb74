import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const listRuns: Handler<typeof contract.runs.list> = ({ input, ctx }) =>
  ctx.deps.largeAnswers.send(ctx, () =>
    ctx.deps.engine.listRuns(ctx.principal.workspaceId, { ...input, maxBytes: ctx.maxBytes, reader: ctx.principal }),
  );

import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const listEvents: Handler<typeof contract.runs.events> = ({ input, ctx }) =>
  ctx.deps.largeAnswers.send(ctx, () =>
    ctx.deps.engine.listEvents(ctx.principal.workspaceId, { ...input, maxBytes: ctx.maxBytes, reader: ctx.principal }),
  );

import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const listRuns: Handler<typeof contract.runs.list> = ({ input, ctx }) =>
  ctx.deps.held.send(ctx, () =>
    ctx.deps.engine.list(ctx.principal.workspaceId, { ...input, room: ctx.room, reader: ctx.principal }),
  );

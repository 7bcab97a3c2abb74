import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const getRun: Handler<typeof contract.runs.get> = ({ input, ctx }) =>
  ctx.deps.held.send(ctx, () =>
    ctx.deps.engine.get(ctx.principal.workspaceId, { ...input, room: ctx.room, reader: ctx.principal }),
  );

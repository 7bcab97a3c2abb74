import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const listEvents: Handler<typeof contract.runs.events> = ({ input, ctx }) =>
  ctx.deps.held.send(ctx, () =>
    ctx.deps.engine.events(ctx.principal.workspaceId, { ...input, room: ctx.room, reader: ctx.principal }),
  );

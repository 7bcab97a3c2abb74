import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { sent } from '../room.ts';

export const listRuns: Handler<typeof contract.runs.list> = ({ input, ctx }) =>
  sent(ctx.deps.engine.list(ctx.principal.workspaceId, { ...input, room: ctx.room, reader: ctx.principal }));

import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { sent } from '../room.ts';

export const getRun: Handler<typeof contract.runs.get> = ({ input, ctx }) =>
  sent(ctx.deps.engine.get(ctx.principal.workspaceId, { ...input, room: ctx.room, reader: ctx.principal }));

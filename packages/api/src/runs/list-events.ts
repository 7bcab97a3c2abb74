import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { sent } from '../room.ts';

export const listEvents: Handler<typeof contract.runs.events> = ({ input, ctx }) =>
  sent(ctx.deps.engine.events(ctx.principal.workspaceId, { ...input, room: ctx.room, reader: ctx.principal }));

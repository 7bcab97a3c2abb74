import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { sent } from '../room.ts';

export const getCall: Handler<typeof contract.runs.toolCall> = ({ input, ctx }) =>
  sent(ctx.deps.engine.call(ctx.principal.workspaceId, input.runId, input.toolCallId));

import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const getCall: Handler<typeof contract.runs.toolCall> = ({ input, ctx }) =>
  ctx.deps.largeAnswers.send(ctx, () =>
    ctx.deps.engine.readCall(ctx.principal.workspaceId, input.runId, input.toolCallId),
  );

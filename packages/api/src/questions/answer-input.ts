import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const answerInput: Handler<typeof contract.inputs.answer> = ({ input, ctx }) =>
  ctx.deps.engine.answerInput(ctx.principal.workspaceId, input, ctx.principal);

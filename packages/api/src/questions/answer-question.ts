import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const answerQuestion: Handler<typeof contract.questions.answer> = ({ input, ctx }) =>
  ctx.deps.engine.answerQuestion(ctx.principal.workspaceId, input, ctx.principal);

import type { ContractHandlers } from '../context.ts';

export const questions: ContractHandlers['questions'] = {
  answer: ({ input, ctx }) => ctx.deps.engine.answerQuestion(ctx.principal.workspaceId, input, ctx.principal),
};

export const inputs: ContractHandlers['inputs'] = {
  answer: ({ input, ctx }) => ctx.deps.engine.answerInput(ctx.principal.workspaceId, input, ctx.principal),
};

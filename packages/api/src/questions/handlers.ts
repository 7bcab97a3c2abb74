import type { ContractHandlers } from '../context.ts';

/** Answers to questions of runs and of services, from programs; pages for people are mounted separately. */
export const questionHandlers: ContractHandlers['questions'] = {
  answer: ({ input, ctx }) => ctx.deps.engine.answerQuestion(ctx.principal.workspaceId, input, ctx.principal),
};

export const inputs: ContractHandlers['inputs'] = {
  answer: ({ input, ctx }) => ctx.deps.engine.answerInput(ctx.principal.workspaceId, input, ctx.principal),
};

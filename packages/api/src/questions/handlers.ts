import { actorOf } from '@errand/contracts';
import type { ContractHandlers } from '../context.ts';
import { whenMade } from '../user-tokens/answers.ts';

/** Answers to questions of runs and of services, from programs; pages for people are mounted separately. */
export const questionHandlers: ContractHandlers['questions'] = {
  answer: ({ input, ctx: { deps, principal } }) =>
    whenMade(principal, deps.engine.answerQuestion(principal.workspaceId, input, actorOf(principal))),
};

export const inputs: ContractHandlers['inputs'] = {
  answer: ({ input, ctx: { deps, principal } }) =>
    whenMade(principal, deps.engine.answerInput(principal.workspaceId, input, actorOf(principal))),
};

import { actingPrincipal } from '../acting-for.ts';
import type { ContractHandlers } from '../context.ts';
import { whenMade } from '../user-tokens/answers.ts';

/** Answers to questions of runs and of services, from programs; pages for people are mounted separately. */
export const questionHandlers: ContractHandlers['questions'] = {
  answer: async ({ input: { onBehalfOf, ...input }, ctx: { deps, principal } }) => {
    const by = actingPrincipal(principal, onBehalfOf);
    return whenMade(principal, deps.engine.answerQuestion(principal.workspaceId, input, by));
  },
};

export const inputs: ContractHandlers['inputs'] = {
  answer: async ({ input: { onBehalfOf, ...input }, ctx: { deps, principal } }) => {
    const by = actingPrincipal(principal, onBehalfOf);
    return whenMade(principal, deps.engine.answerInput(principal.workspaceId, input, by));
  },
};

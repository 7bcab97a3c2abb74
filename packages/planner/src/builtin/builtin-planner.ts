import type { Plan, PlanOrNone, PlanRequest, TokenUsage } from '@errand/contracts';
import { candidates } from './match/candidates.ts';
import { refusal } from './refusal.ts';
import { planOf } from './write-plan.ts';

export type BuiltinPlannerOptions = {
  /** How many drafts are put to the checker before giving up. */
  tries?: number;
};

const NO_TOKENS: TokenUsage = { inputTokens: 0, outputTokens: 0 };

/**
 * A planner without a model and without a network: it reads the intent, searches the tools, fills arguments by schema, chains
 * lookups by type and name, and shapes the result. The same request always gives the same plan.
 */
export function createBuiltinPlanner(options: BuiltinPlannerOptions = {}) {
  const tries = options.tries ?? 5;
  return {
    async plan(request: PlanRequest): Promise<PlanOrNone> {
      const found = candidates(request);
      if (found.chosen.length === 0) return none(refusal(request, found));
      let errors: Awaited<ReturnType<PlanRequest['check']>> = [];
      for (const candidate of found.chosen.slice(0, tries)) {
        request.signal.throwIfAborted();
        const plan: Plan = planOf(request, candidate);
        const faults = await request.check(plan);
        if (faults.length === 0) return { kind: 'plan', plan, usage: NO_TOKENS, madeBy: 'builtin' };
        if (errors.length === 0) errors = faults;
      }
      return {
        kind: 'none',
        code: 'plan_failed',
        reason: 'A plan was drafted, and it did not pass the checks. Say it in other words, or give a plan.',
        errors,
        retryable: false,
        usage: NO_TOKENS,
      };
    },
  };
}

const none = (reason: string): PlanOrNone => ({
  kind: 'none',
  code: 'no_plan',
  reason,
  retryable: false,
  usage: NO_TOKENS,
});

import type { Json, Plan } from '@errand/contracts';
import { contextPairs } from '../analysis/context-pairs.ts';
import { analysePlan, readsRoot } from '../analysis/plan-analysis.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { RunPlanOptions } from './plan-execution.ts';

/** Roots of expressions that a run has from its beginning. */
const PRE_RUN_ROOTS: readonly string[] = ['now', 'timeZone', 'pairs', 'input'];
/** Maximum number of values of a plan. */
const MAX_VALUES = 20;

/**
 * The arguments that a plan computes from its run alone (`now`, the context's pairs, the input). They are known before any call, so people
 * see "26 Nov 2026, 10:00 UTC" and no formula.
 * @returns the values by their JSON pointers into the plan
 */
export async function evaluatePreRunArguments(
  plan: Plan,
  sandbox: Sandbox,
  scope: RunPlanOptions['scope'],
): Promise<Map<string, Json>> {
  const { sites, analyses } = await analysePlan(plan, sandbox);
  const computable = sites.filter(({ part, inText, expression }) => {
    if (part !== 'args' || inText) return false;
    const analysis = analyses.get(expression);
    return analysis?.ok && !readsRoot(analysis, (root) => !PRE_RUN_ROOTS.includes(root));
  });
  const firstSites = computable.slice(0, MAX_VALUES);
  const runScope = {
    now: scope.now,
    timeZone: scope.timeZone ?? 'UTC',
    input: scope.input ?? {},
    pairs: contextPairs(scope.context),
  };
  const expressions = firstSites.map(({ expression }) => expression);
  const outcomes = await sandbox.evaluate(expressions, runScope);
  return new Map(
    firstSites.flatMap(({ pointer }, index) => {
      const outcome = outcomes[index]!;
      return outcome.ok && !outcome.missing ? [[pointer, outcome.value] as const] : [];
    }),
  );
}

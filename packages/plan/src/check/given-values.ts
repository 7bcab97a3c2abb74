import type { Json, Plan } from '@errand/contracts';
import { argumentLabel } from '../execute/label.ts';
import type { RunPlanOptions } from '../execute/outcome.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { pairsOf } from './context-pairs.ts';
import { readPlan } from './reading.ts';

/** The maximum number of values of a plan, and of characters of a value. */
const LIMITS = { values: 10, letters: 100 };

/**
 * What the arguments of a plan are that it computes from its run alone (`now`, the context's pairs): known before anything is
 * called, so that a human who looks at the plan sees "2026-11-26T10:00:00Z" and no formula.
 * @returns such as `"scheduledAt" 2026-11-26T10:00:00Z`, in the order of the plan
 */
export async function givenValues(plan: Plan, sandbox: Sandbox, scope: RunPlanOptions['scope']): Promise<string[]> {
  const { sites, analyses } = await readPlan(plan, sandbox);
  const own = sites
    .filter(({ part }) => part === 'args')
    .flatMap((site) => {
      const analysis = analyses.get(site.expression);
      const known =
        analysis?.ok && !analysis.whole && analysis.roots.every((root) => root === 'now' || root === 'pairs');
      return known ? [site] : [];
    })
    .slice(0, LIMITS.values);
  const runScope = { now: scope.now, pairs: pairsOf(scope.context) };
  const outcomes = await sandbox.evaluate(own, runScope);
  return own.flatMap(({ pointer }, index) => {
    const outcome = outcomes[index]!;
    const label = argumentLabel(pointer.replace(/^\/steps\/\d+\/args/, ''));
    return outcome.ok && !outcome.missing ? [`${label} ${renderValue(outcome.value)}`] : [];
  });
}

function renderValue(value: Json): string {
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replace(/[\s\p{C}]+/gu, ' ');
  return text.length > LIMITS.letters ? `${text.slice(0, LIMITS.letters - 1).toWellFormed()}…` : text;
}

import type { Plan } from '@errand/contracts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { readPlan } from './reading.ts';

export type PlanReads = {
  /** Whether the plan computes something from the moment at which its run was created. */
  now: boolean;
  /** Keys of the context whose values it reads for each run. */
  pairs: ReadonlySet<string>;
};

/** What a plan takes from its run by bindings. */
export async function readsOf(plan: Plan, sandbox: Sandbox): Promise<PlanReads> {
  const { analyses } = await readPlan(plan, sandbox);
  const reads = { now: false, pairs: new Set<string>() };
  for (const [expression, analysis] of analyses) {
    if (!analysis.ok) continue;
    reads.now ||= analysis.roots.includes('now') || /\$(now|millis)\b/.test(expression);
    if (!analysis.roots.includes('pairs')) continue;
    for (const [, quoted, plain] of expression.matchAll(/(?<![\w.`$])pairs\.(?:`([^`]+)`|([A-Za-z_]\w*))/g))
      reads.pairs.add((quoted ?? plain)!);
  }
  return reads;
}

import type { Plan } from '@errand/contracts';
import { readPlan } from './reading.ts';
import type { Sandbox } from './sandbox.ts';

/** Whether a plan computes anything from the moment at which its run was created. */
export async function readsNow(plan: Plan, sandbox: Sandbox): Promise<boolean> {
  const { analyses } = await readPlan(plan, sandbox);
  return [...analyses].some(
    ([expression, analysis]) => analysis.ok && (analysis.roots.includes('now') || /\$(now|millis)\b/.test(expression)),
  );
}

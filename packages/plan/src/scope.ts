import type { Json } from '@errand/contracts';
import type { Analysis } from './expression.ts';
import type { RunPlanOptions, StepEnd } from './outcome.ts';
import type { Scope } from './sandbox.ts';

/**
 * The scope that some expressions see: only the roots and steps that they name, so that what they do not read is not sent to a thread.
 * One that takes the scope as a whole sees all of `ends`, which for a step are those it depends on: never a step that
 * happens to have ended.
 */
export function scopeFor(
  analyses: readonly (Analysis | undefined)[],
  given: RunPlanOptions['scope'],
  ends: ReadonlyMap<string, StepEnd>,
  extra: { item?: Json; index?: number } = {},
): Scope {
  const names = analyses.flatMap((analysis) => (analysis?.ok ? [analysis] : []));
  const whole = names.some((read) => read.whole);
  const roots = new Set(names.flatMap((read) => read.roots));
  const stepIds = new Set(names.flatMap((read) => read.steps.map((step) => step.id)));
  const steps = [...ends].filter(([id]) => whole || stepIds.has(id)).map(([id, end]) => [id, { output: end.output }]);
  const all: Record<string, unknown> = { ...given, ...extra, steps: Object.fromEntries(steps) };
  // `now` always goes along: $now() and $millis() read it.
  return whole ? all : Object.fromEntries(Object.entries(all).filter(([root]) => root === 'now' || roots.has(root)));
}

import type { Json, Plan } from '@errand/contracts';
import { createHole, fillHoles } from '../template/template.ts';
import { findSpans } from './spans.ts';

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Longest value in a sentence. */
const MAX_REPLACEMENT = 200;

/** Replaces values in a text for people: "deals of Northwind" becomes "deals of Contoso". Of overlapping values, the longer one counts. */
export function replaceValues(text: string, values: readonly { was: string | number; is: Json }[]): string {
  const replacements = values
    .flatMap(({ was, is }) => findSpans(text, was).map((span) => ({ span, is })))
    .sort((a, b) => a.span[0] - b.span[0] || b.span[1] - a.span[1]);
  let out = '';
  let from = 0;
  for (const { span, is } of replacements) {
    if (span[0] < from) continue;
    out += text.slice(from, span[0]) + textOf(is).slice(0, MAX_REPLACEMENT).toWellFormed();
    from = span[1];
  }
  return out + text.slice(from);
}

/** Replaces the values of a run in a plan's texts for people and for models. */
export function replaceValuesInPlan(plan: Plan, values: Parameters<typeof replaceValues>[1]): Plan {
  if (values.length === 0) return plan;
  const template = (value: Json): Json =>
    fillHoles(value, ({ kind, text }) =>
      createHole(kind, kind === 'fill' ? replaceValues(text, values).slice(0, MAX_FILL) : text),
    )!;
  return {
    ...plan,
    goal: replaceValues(plan.goal, values).slice(0, MAX_GOAL).toWellFormed(),
    steps: plan.steps.map((step) => ({
      ...step,
      args: template(step.args) as { [key: string]: Json },
      ...(step.reason !== undefined && {
        reason: replaceValues(step.reason, values).slice(0, MAX_REASON).toWellFormed(),
      }),
    })),
    ...(plan.result !== undefined && { result: template(plan.result) }),
  };
}

/** Maximum lengths in the contract. */
const MAX_GOAL = 10_000;
const MAX_REASON = 2000;
const MAX_FILL = 2000;

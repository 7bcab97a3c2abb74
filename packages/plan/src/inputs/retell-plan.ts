import type { Json, Plan } from '@errand/contracts';
import { fillHoles, holeOf } from '../template/template.ts';
import { retell } from './said.ts';

/** A plan whose texts for people and for models say the values of another run. @param values what they say now, and what instead */
export function retellPlan(plan: Plan, values: Parameters<typeof retell>[1]): Plan {
  if (values.length === 0) return plan;
  const template = (value: Json): Json =>
    fillHoles(value, ({ kind, text }) =>
      holeOf(kind, kind === 'fill' ? retell(text, values).slice(0, MAX_FILL) : text),
    )!;
  return {
    ...plan,
    goal: retell(plan.goal, values).slice(0, MAX_GOAL).toWellFormed(),
    steps: plan.steps.map((step) => ({
      ...step,
      args: template(step.args) as { [key: string]: Json },
      ...(step.reason !== undefined && { reason: retell(step.reason, values).slice(0, MAX_REASON).toWellFormed() }),
    })),
    ...(plan.result !== undefined && { result: template(plan.result) }),
  };
}

/** Letters that the contract allows. */
const MAX_GOAL = 10_000;
const MAX_REASON = 2000;
const MAX_FILL = 2000;

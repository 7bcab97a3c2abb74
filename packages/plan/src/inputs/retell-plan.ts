import { isRecord } from '@errand/basics/is-record';
import type { Json, Plan } from '@errand/contracts';
import { holeAt } from '../execute/template.ts';
import { retell } from './said.ts';

/** A plan whose texts for people and for models say the values of another run. @param values what they say now, and what instead */
export function retellPlan(plan: Plan, values: Parameters<typeof retell>[1]): Plan {
  if (values.length === 0) return plan;
  const template = (value: Json): Json => {
    const hole = holeAt(value, '');
    if (hole?.kind === 'fill') return { $fill: retell(hole.text, values).slice(0, MAX_FILL) };
    if (hole !== undefined) return value;
    if (Array.isArray(value)) return value.map(template);
    if (!isRecord(value)) return value;
    const members = Object.entries(value as { [key: string]: Json });
    return Object.fromEntries(members.map(([key, member]) => [key, template(member)]));
  };
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

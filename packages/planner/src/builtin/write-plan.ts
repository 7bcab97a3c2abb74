// A candidate as a plan of the contract.
import type { Json, Plan, PlanRequest, PlanStep } from '@errand/contracts';
import { nested, readableId, type Step } from './match/draft.ts';
import type { Candidate } from './match/finish.ts';

export function planOf(request: PlanRequest, candidate: Candidate): Plan {
  const names = new Map<string, string>();
  for (const step of candidate.steps) names.set(step.id, readableId(step, new Set(names.values())));
  const steps = candidate.steps.map(stepOf);
  const plan: Plan = { goal: request.intent.trim().slice(0, 10_000), steps };
  if (candidate.result !== undefined) plan.result = candidate.result as Json;
  return renamed(plan, names) as Plan;
}

/** Ids of drafts are unlike anything else that a plan holds, so they are replaced wherever they stand in an expression. */
function renamed(value: unknown, names: ReadonlyMap<string, string>, key = ''): unknown {
  if (typeof value === 'string') {
    if (key === '$')
      return value.replace(/\bsteps\.(d\d+x[0-9a-z]+x(?:p(?:\d+x)?)?)\b/g, (whole, id: string) =>
        names.has(id) ? `steps.${names.get(id)}` : whole,
      );
    return key === 'id' ? (names.get(value) ?? value) : value;
  }
  if (Array.isArray(value)) return value.map((one) => renamed(one, names));
  if (typeof value !== 'object' || value === null) return value;
  // Where there are several results, each is called as the step is that brings it.
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [names.get(name) ?? name, renamed(one, names, name)]),
  );
}

function stepOf(step: Step): PlanStep {
  const { tool } = step.operation;
  return {
    id: step.id,
    tool: tool.name,
    effect: tool.effect,
    args: nested(step.args),
    reason: step.reason.trim().slice(0, 2000) || tool.operation,
    ...(step.forEach !== undefined && { forEach: { $: step.forEach } }),
    ...(step.when !== undefined && { when: { $: step.when } }),
  };
}

// A candidate as a plan of the contract.
import type { Json, Plan, PlanRequest, PlanStep } from '@errand/contracts';
import type { Candidate } from './candidates.ts';
import { nested, type Step } from './draft.ts';

export function planOf(request: PlanRequest, candidate: Candidate): Plan {
  const steps = candidate.steps.map(stepOf);
  const plan: Plan = { goal: request.intent.trim().slice(0, 10_000), steps };
  if (candidate.result !== undefined) plan.result = candidate.result as Json;
  return plan;
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

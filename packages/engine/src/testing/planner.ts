import type { Plan, PlanInput, PlanRequest, ToolSource } from '@errand/contracts';
import type { Planner } from '@errand/ports/planner';

/** A planner with a script: each time it gives the next plan that passes the check. */
export type Script = {
  planner: Planner<ToolSource>;
  plans: PlanInput[];
  /** What it was asked. */
  asked: PlanRequest<ToolSource>[];
  /** Why plans did not pass. */
  faults: { pointer: string; message: string }[];
  /** Begins a new script. */
  reset(): void;
};

export function scriptedPlanner(): Script {
  const usage = { inputTokens: 1, outputTokens: 1 };
  const script: Script = {
    plans: [],
    asked: [],
    faults: [],
    reset() {
      script.plans = [];
      script.asked = [];
      script.faults = [];
    },
    planner: {
      replans: true,
      async plan(request) {
        script.asked.push(request);
        for (let next = script.plans.shift(); next; next = script.plans.shift()) {
          const plan = { ...next, steps: next.steps.map((step) => ({ args: {}, ...step })) } as Plan;
          const faults = await request.check(plan);
          if (faults.length === 0) return { kind: 'plan', plan, usage, madeBy: 'test' };
          script.faults.push(...faults);
        }
        return { kind: 'none', code: 'no_plan', reason: 'Nothing is left to do.', retryable: false, usage };
      },
    },
  };
  return script;
}

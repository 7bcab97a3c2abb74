import type { Planner } from '@errand/ports/planner';

/** Refuses each request: the service has no model, and no other planner is installed. */
export const noPlanner: Planner = {
  plan: async () => ({
    kind: 'none',
    code: 'no_plan',
    reason: 'No planner is installed. Set ERRAND_MODEL_PROVIDER and ERRAND_MODEL, or create the run with a plan.',
    retryable: false,
    usage: { inputTokens: 0, outputTokens: 0 },
  }),
};

import type { Planner } from '@errand/contracts';
import { createAsk } from './ask.ts';
import { fillWithModel } from './fill.ts';
import { type ModelPlannerOptions, readOptions } from './options.ts';
import { planWithModel } from './plan.ts';

/**
 * A planner with a model behind it. `plan` never throws for what the model or its endpoint does: it answers
 * `kind: 'none'` with a reason, also when the signal ends it. `fill` throws ModelFailure. Both count the tokens of
 * every answer that arrived. Throws at once when the options cannot work.
 */
export function createModelPlanner(options: ModelPlannerOptions): Required<Planner> {
  const settings = readOptions(options);
  const ask = createAsk(settings);
  const madeBy = `model:${settings.provider}/${settings.model}`;
  return {
    plan: (request) => planWithModel(request, ask, { ...settings, madeBy }),
    replans: true,
    fill: (request) => fillWithModel(request, ask),
  };
}

import type { Planner } from '@errand/contracts';
import { createAsk } from './ask.ts';
import { fillWithModel } from '../../../planner/src/model/fill.ts';
import { type ModelPlannerOptions, readOptions } from './options.ts';
import { type ModelPlanning, planWithModel } from '../../../planner/src/model/plan.ts';

/** A model that can be asked; throws at once when the options cannot work. */
export function createModel(options: ModelPlannerOptions) {
  const settings = readOptions(options);
  const { provider, model, maxRepairs, maxOutputTokens, maxToolsShown } = settings;
  const madeBy = `model:${provider}/${model}`;
  const planning: ModelPlanning = { maxRepairs, maxOutputTokens, maxToolsShown, madeBy };
  return { ask: createAsk(settings), planning };
}

/**
 * A planner with a model behind it. `plan` never throws for what the model or its endpoint does: it answers
 * `kind: 'none'` with a reason, also when the signal ends it. `fill` throws ModelFailure. Both count the tokens of
 * every answer that arrived. Throws at once when the options cannot work.
 */
export function createModelPlanner(options: ModelPlannerOptions): Required<Planner> {
  const { ask, planning } = createModel(options);
  return {
    plan: (request) => planWithModel(request, ask, planning),
    replans: true,
    fill: (request) => fillWithModel(request, ask),
  };
}

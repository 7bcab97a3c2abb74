import type { Model } from '@errand/ports/model';
import type { Planner } from '@errand/ports/planner';
import { charging } from './charging.ts';
import { fillWithModel } from './fill.ts';
import { planWithModel } from './plan.ts';

/**
 * A planner with a model. `plan` never throws for faults of the model or its endpoint, or for an abort: it answers `kind: 'none'` with a
 * reason. `fill` throws ModelFailure. Both count the tokens of every answer that arrived.
 */
export function createModelPlanner({ ask, planning }: Model): Required<Omit<Planner, 'looks'>> {
  return {
    plan: (request) => planWithModel(request, charging(ask, request.spend), planning),
    replans: true,
    fill: (request) => fillWithModel(request, ask),
  };
}

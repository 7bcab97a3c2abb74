import type { FillAnswer, FillRequest, PlanDraft, PlanRequest, ToolSpec } from '@errand/contracts';
import type { Traced } from './observer.ts';

/** Makes plans; with a model, also fills values. */
export interface Planner<Tools = readonly ToolSpec[]> {
  plan(request: PlanRequest<Tools> & Traced): Promise<PlanDraft>;
  /** Whether it makes another plan from the outcome of an earlier one (`previous`). */
  replans?: boolean;
  /** Whether it may be asked again after a plan that only looked, found nothing and changed nothing. `replans` implies it. */
  looks?: boolean;
  /** Absent: the planner has no model, so plans must not contain `{"$fill"}`. Throws when the model fails. */
  fill?(request: FillRequest & Traced): Promise<FillAnswer>;
}

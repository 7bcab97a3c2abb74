// The planner of the service. Its threads run thread.ts.
import type { Secret } from '@errand/contracts';
import { createModel, type Egress, type ModelOptions, withFallback } from '@errand/integrations';
import { createPlannerThreads, type PlannerThreads, type PlannerThreadsOptions } from '@errand/planner';
import type { Model } from '@errand/ports/model';
import type { Config } from '../config/config.ts';

const entry = new URL('../../dist/planning/thread.js', import.meta.url);

/** The planner of a service without a model, with the service's limits by default. */
export const plannerWithoutModel = (limits: Omit<PlannerThreadsOptions, 'entry' | 'model' | 'secret'> = {}) =>
  createPlannerThreads({ ...limits, entry });

/** @param delimiterSecret for the delimiters of data in prompts */
export function createPlanner(
  { model }: Config,
  egress: Egress,
  redact: (secret: Secret) => void,
  delimiterSecret: () => Buffer,
): PlannerThreads {
  if (!model) return plannerWithoutModel();
  const { fallback, ...first } = model;
  const modelFor = (options: Omit<ModelOptions, 'fetchFor'>): Model => {
    if (options.apiKey) redact(options.apiKey);
    return createModel({ ...options, fetchFor: egress.fetchFor });
  };
  const modelOrFallback = fallback
    ? withFallback(modelFor(first), modelFor({ ...first, ...fallback }))
    : modelFor(first);
  return createPlannerThreads({ entry, model: modelOrFallback, secret: delimiterSecret });
}

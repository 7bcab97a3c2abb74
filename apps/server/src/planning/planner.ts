// The planner of the service. Its threads run thread.ts.
import type { Secret } from '@errand/contracts';
import { createModel, type Egress, type ModelOptions, withFallback } from '@errand/integrations';
import { createPlannerThreads, type PlannerThreads, type PlannerThreadsOptions } from '@errand/planner';
import type { Model } from '@errand/ports/model';
import type { Config } from '../config/config.ts';
import type { ModelCalls } from './model-calls.ts';

const entry = new URL('../../dist/planning/thread.js', import.meta.url);

/** The planner of a service without a model, with the service's limits by default. */
export const plannerWithoutModel = (limits: Omit<PlannerThreadsOptions, 'entry' | 'model' | 'secret'> = {}) =>
  createPlannerThreads({ ...limits, entry });

type PlannerDeps = {
  redact: (secret: Secret) => void;
  modelCalls: ModelCalls;
  /** For the delimiters of data in prompts. */
  delimiterSecret: () => Buffer;
};

export function createPlanner(
  { model }: Config,
  egress: Egress,
  { redact, modelCalls, delimiterSecret }: PlannerDeps,
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
  return createPlannerThreads({ entry, model: modelCalls.watch(modelOrFallback), secret: delimiterSecret });
}

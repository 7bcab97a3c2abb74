export { ModelFailure } from './planner/model/failure.ts';
export { createModelPlanner } from './planner/model/model-planner.ts';
export { type ModelPlannerOptions, type ModelProvider, modelProviders } from './planner/model/options.ts';

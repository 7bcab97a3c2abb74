export { createBuiltinPlanner } from './builtin/builtin-planner.ts';
export type { AskModel, Message, Model, ModelAnswer, ModelPlanning, ModelPrompt } from './model/model.ts';
export { ModelFailure } from './model/model-failure.ts';
export { createModelPlanner } from './model/model-planner.ts';
export { plainWords } from './model/plain-words.ts';
export { type RankedTool, searchTools } from './search/search-tools.ts';
export { createPlannerThreads, type PlannerThreads, type PlannerThreadsOptions } from './threads/planner-threads.ts';

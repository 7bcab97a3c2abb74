export { createModelPlanner } from './model/model-planner.ts';
export { type RankedTool, searchTools } from './search/search-tools.ts';
export { createPlannerThreads, type PlannerThreads, type PlannerThreadsOptions } from './threads/planner-threads.ts';

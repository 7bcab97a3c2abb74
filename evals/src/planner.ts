// The planner that the evals measure.
export { createBuiltinPlanner } from '@errand/planner-english';

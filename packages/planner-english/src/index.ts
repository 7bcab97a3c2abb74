export { createBuiltinPlanner } from './builtin-planner.ts';

export { demoServices } from './demo-services.ts';
export type { EvalCase } from './eval-case.ts';
export { planRequest } from './plan-request.ts';
export { openPlanner } from './planner.ts';
export { ANYWHERE, readTools } from './read-tools.ts';
export { type EvalSet, judgeSet, lineOf, verdictsOf } from './score.ts';
export { evalSets } from './sets.ts';

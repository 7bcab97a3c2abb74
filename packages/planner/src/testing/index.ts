export { aPlanRequest, aTool, garage, goodPlan } from './planning.ts';

export { aPlanRequest, aTool, garage, goodPlan } from './planning.ts';
export { aSource, ask, sampleThread, toolsOf } from './sources.ts';

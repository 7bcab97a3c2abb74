export { canonicalJson, sha256Hex } from './canonical.ts';
export { type CheckedPlan, type CheckPlanOptions, checkPlan } from './check.ts';
export type { Complaint } from './complaint.ts';
export { partsOfContext } from './context-pairs.ts';
export { runPlan } from './execute.ts';
export type { Analysis, Outcome } from './expression.ts';
export { givenValues } from './given-values.ts';
export { integrationLabel, operationLabel, titleLabel, toolLabel } from './label.ts';
export { dateAdd, isoOf, startOf, type Unit } from './moments.ts';
export type {
  CallEnd,
  CallOutcome,
  FillAsk,
  FillOutcome,
  Invocation,
  PlanEnd,
  RunPlanOptions,
  StepEnd,
  StepError,
  StepState,
} from './outcome.ts';
export { type Output, type StepOutput, shownOutputs, toOutput, type WithTexts } from './output.ts';
export { type PlanReads, readsOf } from './reads-of.ts';
export { renderPlan } from './render.ts';
export { createSandbox, type Sandbox, type SandboxOptions, type Scope } from './sandbox.ts';
export type { Mismatch, Verdict } from './schema.ts';
export type { Dialect, SchemaFault, SchemaFaultCode } from './schema-policy.ts';
export { fillHoles, type Hole, holesOf } from './template.ts';
export { unusableText } from './unusable.ts';
export type { Bound } from './worker-protocol.ts';

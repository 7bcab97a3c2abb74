export { ASK, toolNamed } from './ask.ts';
export { canonicalJson } from './canonical.ts';
export { type CheckedPlan, type CheckPlanOptions, checkPlan } from './check/check.ts';
export type { Complaint } from './check/complaint.ts';
export { partsOfContext } from './check/context-pairs.ts';
export { type Flow, type Flows, flowsOf } from './check/flows.ts';
export { givenValues } from './check/given-values.ts';
export { type Doubt, stepIndexOf } from './check/meaning/doubt.ts';
export { isIdForm, isMoment } from './check/meaning/kinds.ts';
export { isOfTool } from './check/meaning/made-up.ts';
export type { MeaningContext } from './check/meaning/meaning.ts';
export { addressesIn, hostOf, UserTexts } from './check/meaning/user-texts.ts';
export { type PlanReads, readsOf } from './check/reads-of.ts';
export { unusableText } from './check/unusable.ts';
export { runPlan } from './execute/execute.ts';
export { integrationLabel, operationLabel, titleLabel, toolLabel } from './execute/label.ts';
export { holdsValue } from './execute/missing-values.ts';
export type {
  CallEnd,
  CallOutcome,
  FillAsk,
  FillOutcome,
  FillWanted,
  Invocation,
  PlanEnd,
  RunPlanOptions,
  StepEnd,
  StepError,
  StepState,
} from './execute/outcome.ts';
export { type Output, outputExcerpts, type StepOutput, toOutput, type WithTexts } from './execute/output.ts';
export { readsOnly } from './execute/reads-only.ts';
export { fillHoles, type Hole, holesOf } from './execute/template.ts';
export { bindInputs, NotBindable } from './inputs/bind-inputs.ts';
export { type FoundInput, findInputs } from './inputs/find-inputs.ts';
export { inputSchemaOf } from './inputs/input-schema.ts';
export { retellPlan } from './inputs/retell-plan.ts';
export { retell } from './inputs/said.ts';
export type { Analysis, Outcome } from './sandbox/expression.ts';
export { dateAdd, isoOf, startOf, type Unit } from './sandbox/moments.ts';
export type { Bound } from './sandbox/protocol.ts';
export { createSandbox, type Sandbox, type SandboxOptions, type Scope } from './sandbox/sandbox.ts';
export { itemsAsLists } from './schema/items-as-lists.ts';
export type { Mismatch } from './schema/mismatch.ts';
export type { Verdict } from './schema/schema.ts';
export { schemaAt } from './schema/schema-at.ts';
export type { Dialect, SchemaFault, SchemaFaultCode } from './schema/schema-policy.ts';
export { callWords, type KnownCall, type Said } from './words/call-words.ts';
export { manyCallsWords } from './words/many-calls.ts';
export { MAX_NAMES_BYTES, Names } from './words/names.ts';
export { originsOf, planDetails, stepTitle } from './words/plan-details.ts';
export { planWords, renderPlan } from './words/plan-words.ts';
export { PlanView } from './words/source.ts';
export { type AnsweredQuestion, type DoneStep, summaryOf } from './words/summary.ts';
export { counted, cut, valueText, words } from './words/text.ts';
export { titleOf, titleText } from './words/title.ts';

export { parseContext } from './analysis/context-pairs.ts';
export { type Flow, type Flows, traceFlows } from './analysis/flows.ts';
export { findRunInputs, type RunInputs, traceNeeds } from './analysis/plan-analysis.ts';
export { stepText } from './analysis/step-text.ts';
export { canonicalJson } from './canonical-json.ts';
export { type CheckedPlan, type CheckPlanOptions, checkPlan } from './check/check.ts';
export { type Doubt, stepIndexOf } from './check/complaint.ts';
export { isNamedByTool } from './check/meaning/literal-doubts.ts';
export { isIdForm, isMoment } from './check/meaning/literals.ts';
export { addressesIn, UserTexts } from './check/meaning/user-texts.ts';
export { runPlan } from './execute/execute.ts';
export { type Output, outputExcerpts, type StepOutput, toOutput, type WithTexts } from './execute/output.ts';
export type {
  CallEnd,
  CallOutcome,
  EarlierSteps,
  FillBatch,
  FillOutcome,
  FillRequest,
  Invocation,
  PlanEnd,
  StepEnd,
  StepError,
} from './execute/plan-execution.ts';
export { evaluatePreRunArguments } from './execute/pre-run-arguments.ts';
export { bindInputs, NotBindable } from './inputs/bind-inputs.ts';
export { type FoundInput, findInputs } from './inputs/find-inputs.ts';
export { inputSchemaOf } from './inputs/input-schema.ts';
export { replaceValues, replaceValuesInPlan } from './inputs/replace-values.ts';
export { dateAdd, isoOf, startOf, type Unit } from './sandbox/expression/moments.ts';
export { createSandbox, type Sandbox } from './sandbox/sandbox.ts';
export { schemaAt } from './schema/schema-at.ts';
export { wrapSingleItems } from './schema/wrap-single-items.ts';
export { namesIn, under } from './template/pointer.ts';
export { fillHoles, holdsValue, holesOf } from './template/template.ts';
export { ASK, toolNamed } from './tools/ask.ts';
export { cut, integrationLabel, operationLabel, titleLabel, toolLabel, unusableText, words } from './tools/label.ts';
export { readsOnly } from './tools/reads-only.ts';
export { type CallWithArgs, callWords, manyCallsWords, type RunRequest } from './words/call-words.ts';
export { MAX_NAMES_BYTES, Names } from './words/names.ts';
export { PlanView } from './words/plan-view.ts';
export { originsOf, planDetails, planWords, renderPlan, renderWords, stepTitle } from './words/plan-words.ts';
export { type AnsweredQuestion, type DoneStep, summaryOf } from './words/summary.ts';
export { counted } from './words/text.ts';
export { parseTitle, titleText } from './words/title.ts';

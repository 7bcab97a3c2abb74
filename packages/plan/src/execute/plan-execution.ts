import type { Awaitable } from '@errand/basics/awaitable';
import type { ErrorValues, Json, JsonSchema, PlanStep, ToolSpec } from '@errand/contracts';
import type { PlanAnalysis } from '../analysis/plan-analysis.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { stepLabel, stepPointer } from '../tools/label.ts';
import type { CallLimiter } from './call-limiter.ts';
import { type Output, StepOutput, type WithTexts } from './output.ts';

export type Args = PlanStep['args'];

export type StepError = {
  code: string;
  /** For people: without expressions, ids and texts of libraries. */
  message: string;
  /** For developers, by JSON pointer into the plan. */
  errors?: readonly { pointer: string; message: string }[];
  /** Facts about it, as the table of values of run errors has them. */
  values?: ErrorValues;
  /** The message of the underlying failure, for the log and for planners. */
  cause?: string;
  /** The reason that the person gave for denying it. */
  reason?: string;
};

/** A call of the interpreter. The same plan and the same outputs always lead to the same calls. */
export type Invocation = {
  step: PlanStep;
  /** Position in the forEach list; null without forEach. */
  iteration: number | null;
  /** The call's name within the plan: `<stepId>` or `<stepId>.<iteration>`, for later pages with `.p<page>` appended. */
  toolCallId: string;
  tool: ToolSpec;
  /** Bound, filled and valid for the tool's input schema. */
  args: Args;
  /** Whether it reads a page after the first. */
  laterPage?: true;
  /** The item of the forEach list, as JSON text. */
  item?: string;
  /** Length of the forEach list. */
  itemCount?: number;
};

export type CallOutcome =
  /**
   * `unknown`: the call happened, but its answer is unknown; steps that read it fail. `args`: the arguments used, when a person edited
   * them. `link`: the query parameters of the next page, when the service links to one.
   */
  | { kind: 'done'; output: Output; unknown?: boolean; args?: Args; link?: Json }
  | ({ kind: 'failed' } & StepError)
  | ({ kind: 'denied' } & StepError)
  /** A person must act first; independent steps go on. */
  | { kind: 'waiting' }
  /** The run was cancelled or belongs to another worker: everything stops at once. */
  | { kind: 'stopped' };

export type FillRequest = {
  iteration: number | null;
  /** The item of the iteration, as JSON text. */
  item?: string;
  /** JSON pointer into the step's args, or into the result. */
  pointer: string;
  prompt: string;
  /** JSON Schema of the value, if the tool's input schema describes it. */
  schema?: JsonSchema;
};

/** Values of one step, requested together. The same plan and the same outputs always lead to the same requests. */
export type FillBatch = {
  /** null: the values belong to the plan's result. */
  stepId: string | null;
  values: readonly FillRequest[];
  /** Outputs of the steps that certainly ended before, as JSON texts, large ones cut: the same on every run of the plan. */
  outputs: Readonly<Record<string, string>>;
};

/** In the order of the request. */
export type FillOutcome =
  | { kind: 'done'; values: readonly ({ value: Json } | { failed: StepError })[] }
  | { kind: 'stopped' };

/** How one call ended. `args`: of a failed or denied call, if they could be computed. */
export type CallEnd = {
  toolCallId: string;
  iteration: number | null;
  args?: Args;
  outcome: Exclude<CallOutcome, { kind: 'stopped' }> | { kind: 'skipped' };
};

/**
 * done · failed · denied: how its calls ended. skipped: `when` was false, or all its dependencies were skipped. blocked: a dependency
 * failed, was denied or is blocked. waiting: one of its calls waits for a person. pending: a dependency waits.
 */
export type StepState = 'done' | 'failed' | 'denied' | 'skipped' | 'blocked' | 'waiting' | 'pending';

/** Why a step has no full answer, as a predicate for people. */
export const STATE_WORDS: Partial<Record<StepState, string>> = {
  failed: 'failed',
  denied: 'was denied',
  blocked: 'was not run',
};

export type StepEnd = {
  state: StepState;
  /** With forEach a list in the order of its items, with null for a call without an output. Otherwise null unless done. */
  output: StepOutput;
  error?: StepError;
  /** Whether the step is done, but the answer of one of its calls is unknown. */
  unknown?: boolean;
  /** With `pages`: the number of items that were read; `capped` when there may be more. */
  paged?: { itemCount: number; capped: boolean };
  /** In the order of the items, and of their pages. */
  calls: CallEnd[];
};

/** The ends of steps, by step id. */
export type StepEnds = ReadonlyMap<string, StepEnd>;

export const endWithoutCalls = (state: StepState, error?: StepError): StepEnd => ({
  state,
  output: StepOutput.none,
  ...(error && { error }),
  calls: [],
});

/** Steps that an earlier run of the plan has run, or begun to run. The plan continues from their calls. */
export type EarlierSteps = {
  /** The moment of that run, with which the step computes the same values again; undefined for steps that start again. */
  nowOf: (stepId: string) => string | undefined;
  /** Whether the step has ended there: no `unless` of another step decides again whether it starts. */
  isDone: (stepId: string) => boolean;
  /** The outcome of a call that was made there: its arguments are not computed again. */
  outcomeOf: (toolCallId: string) => (CallOutcome & { kind: 'done' }) | undefined;
};

export type RunPlanOptions = {
  /** Without `input`, expressions that read it find no value. `now`: the run's moment, ISO-8601; `timeZone`: its user's, UTC by default. */
  scope: { intent: string; context: string; input?: Json; now: string; timeZone?: string };
  sandbox: Sandbox;
  tools: readonly ToolSpec[];
  /** A specific reason why a tool is not among them, if there is one. */
  whyNoTool?: (name: string) => StepError | undefined;
  /** Makes a call, or returns its outcome from the ledger. An exception ends the plan with that error. */
  call: (invocation: Invocation) => Awaitable<CallOutcome>;
  /** Steps of an earlier run of the plan, which must include all dependencies of each. */
  earlier?: EarlierSteps;
  /** Loads outputs that are not in memory; by default all are. */
  withTexts?: WithTexts;
  /** A reason not to prepare a call at all. */
  refusal?: (toolCallId: string) => StepError | undefined;
  /** Fills a `$fill`. Absent: steps with one fail. */
  fill?: (ask: FillBatch) => Promise<FillOutcome>;
  /** Called once for each step that ended or waits, before the steps that depend on it start. */
  onStep?: (step: PlanStep, end: StepEnd) => Awaitable<void>;
  /** Schema of the whole result, for `$fill` in it. */
  outputSchema?: JsonSchema;
  signal?: AbortSignal;
  /** Maximum number of concurrent calls. Default 8. */
  concurrency?: number;
  /** Maximum number of items of one forEach. Default 1000. */
  maxForEach?: number;
};

export type PlanEnd = {
  /** finished: nothing is left to do. waiting: run the plan again after a person has decided. stopped: outcome unknown. */
  state: 'finished' | 'waiting' | 'stopped';
  steps: StepEnds;
  /** Only when finished. */
  result?: Json;
  /** Whether a step that the result names did not get done. */
  partial?: boolean;
  /** Whether at least one value of the result comes from a step with an answer, or from a model that read such an answer. */
  hasFindings?: boolean;
  /** The values of the result that are null because `steps` steps have no answer: in sentences for people, and by pointer. */
  missing?: { steps: number; text: string; errors: readonly { pointer: string; message: string }[] };
  resultError?: StepError;
};

/** A running plan: its reading, the caller's options, and the limiter of its calls and fills. */
export type Execution = {
  readonly planAnalysis: PlanAnalysis;
  readonly options: RunPlanOptions;
  readonly limiter: CallLimiter;
};

/** A step that starts. `before`: the ends of the steps that it depends on. */
export type StepRun = { readonly execution: Execution; readonly step: PlanStep; readonly before: StepEnds };

export const labelOf = ({ step, execution: { planAnalysis, options } }: StepRun): string =>
  stepLabel(planAnalysis.plan, options.tools, step.id);

/** The JSON pointer of a part of the step, such as `when`, in the plan. */
export const pointerTo = ({ step, execution: { planAnalysis } }: StepRun, part: string): string =>
  `${stepPointer(planAnalysis.plan, step.id)}/${part}`;

import type { Json, JsonSchema, PlanStep, ToolSpec } from '@errand/contracts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { type Output, StepOutput, type WithTexts } from './output.ts';

export type StepError = {
  code: string;
  /** For people: no expression, id or text of a library stands in it. */
  message: string;
  /** For developers: what is at fault, by JSON pointer into the plan. */
  errors?: readonly { pointer: string; message: string }[];
  /** What the failure underneath said: for the log and for planners. */
  cause?: string;
  /** What the person said who denied it. */
  reason?: string;
};

/** One call that the interpreter asks for. The same plan and the same outputs always ask for the same calls. */
export type Invocation = {
  step: PlanStep;
  /** Position in the forEach list; null without forEach. */
  iteration: number | null;
  /** `<stepId>` or `<stepId>.<iteration>`, for later pages with `.p<page>` after it: names the call within the plan. */
  toolCallId: string;
  tool: ToolSpec;
  /** Bound, filled and valid for the tool's input schema. */
  args: { [key: string]: Json };
  /** Whether it reads a page after the first, as the call of the first would. */
  laterPage?: true;
  /** The item of the forEach list, as JSON text. */
  item?: string;
  /** How many items the forEach list has. */
  items?: number;
};

export type CallOutcome =
  /**
   * `unknown`: it happened, but what it answered is not known; steps that read it fail. `args`: what it was made with, when a human
   * edited that. `link`: the query parameters of the next page, when the service links to one.
   */
  | { kind: 'done'; output: Output; unknown?: boolean; args?: { [key: string]: Json }; link?: Json }
  | ({ kind: 'failed' } & StepError)
  | ({ kind: 'denied' } & StepError)
  /** A human must act first; everything that does not depend on it goes on. */
  | { kind: 'waiting' }
  /** The run is no longer ours or was cancelled: everything stops at once. */
  | { kind: 'stopped' };

/** One value that a model fills in. */
export type FillWanted = {
  iteration: number | null;
  /** The item of the iteration, as JSON text. */
  item?: string;
  /** JSON pointer into the step's args, or into the result. */
  pointer: string;
  prompt: string;
  /** JSON Schema of the value, where the tool's input schema tells it. */
  schema?: JsonSchema;
};

/** Values of one step that are asked for together. The same plan and the same outputs always ask for the same. */
export type FillAsk = {
  /** null: the values belong to the plan's result. */
  stepId: string | null;
  values: readonly FillWanted[];
  /** Outputs of the steps that certainly ended before, as JSON texts, large ones cut: the same on every run of the plan. */
  outputs: Readonly<Record<string, string>>;
};

/** In the order of what was asked for. */
export type FillOutcome =
  | { kind: 'done'; values: readonly ({ value: Json } | { failed: StepError })[] }
  | { kind: 'stopped' };

/** How one call ended; `args` are kept of one that failed or was denied, when they could be made. */
export type CallEnd = {
  toolCallId: string;
  iteration: number | null;
  args?: { [key: string]: Json };
  outcome: Exclude<CallOutcome, { kind: 'stopped' }> | { kind: 'skipped' };
};

/**
 * done · failed · denied: how its calls ended. skipped: `when` was false, or all it needed was skipped. blocked: a step it needs
 * failed, was denied or is blocked. waiting: a call of it waits for a human. pending: a step it needs waits.
 */
export type StepState = 'done' | 'failed' | 'denied' | 'skipped' | 'blocked' | 'waiting' | 'pending';

export type StepEnd = {
  state: StepState;
  /** With forEach a list in the order of its items, null where an item's call gave nothing. Null unless done, but for that list. */
  output: StepOutput;
  error?: StepError;
  /** Whether the step is done, but what a call of it answered is not known. */
  unknown?: boolean;
  /** With `pages`: the number of items that were read; `capped` when there may be more. */
  paged?: { items: number; capped: boolean };
  /** In the order of the items, and of their pages. */
  calls: CallEnd[];
};

/** The end of a step that made no call. */
export const endWithoutCalls = (state: StepState, error?: StepError): StepEnd => ({
  state,
  output: StepOutput.none,
  ...(error && { error }),
  calls: [],
});

export type RunPlanOptions = {
  /** Without `input` expressions that read it find no value. `now` is the run's moment, ISO-8601; `timeZone` that of its user, UTC by default. */
  scope: { intent: string; context: string; input?: Json; now: string; timeZone?: string };
  sandbox: Sandbox;
  tools: readonly ToolSpec[];
  /** Why a tool is not among them, when there is more to say. */
  absent?: (name: string) => StepError | undefined;
  /** Makes a call, or returns its outcome from the ledger. What it throws ends the plan with that error. */
  call: (invocation: Invocation) => Promise<CallOutcome>;
  /** Brings outputs that are not in memory back; without it all are. */
  withTexts?: WithTexts;
  /** Why a call is not even prepared; undefined when it is. */
  over?: (toolCallId: string) => StepError | undefined;
  /** Fills a `$fill`. Absent: steps that hold one fail. */
  fill?: (ask: FillAsk) => Promise<FillOutcome>;
  /** Called once for each step that ended or waits, before the steps that depend on it start. */
  onStep?: (step: PlanStep, end: StepEnd) => void | Promise<void>;
  /** Schema of the whole result, for `$fill` in it. */
  outputSchema?: JsonSchema;
  signal?: AbortSignal;
  /** Most calls at a time. Default 8. */
  concurrency?: number;
  /** Most items of one forEach. Default 1000. */
  maxForEach?: number;
};

export type PlanEnd = {
  /** finished: nothing is left to do. waiting: run the plan again when a human has decided. stopped: outcome unknown. */
  state: 'finished' | 'waiting' | 'stopped';
  steps: ReadonlyMap<string, StepEnd>;
  /** Only when finished. */
  result?: Json;
  /** Whether a step that the result names did not get done. */
  partial?: boolean;
  /** Whether a step that has an answer, or a model that had one, gave a value of the result. */
  found?: boolean;
  /** The values of the result that are null because `steps` steps have no answer: in sentences for people, and by pointer. */
  missing?: { steps: number; text: string; errors: readonly { pointer: string; message: string }[] };
  resultError?: StepError;
};

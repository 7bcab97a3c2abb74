// The messages between the engine, planners, models and tools. Types only: callers do not see them.
import type { Json, JsonSchema } from '../base/json.ts';
import type { Plan } from '../base/plan.ts';
import type { ErrorValues } from '../base/problem-values.ts';
import type { InputAnswer, InputRequest } from '../decisions/input.ts';
import type { Answer, Question } from '../decisions/question.ts';
import type { Secret } from '../integrations/secret.ts';
import type { ToolSpec } from '../integrations/tool.ts';
import type { RunUser } from './create.ts';
import type { TokenUsage } from './model-usage.ts';

/** off: it is not enabled. in review: its service changed it, and the change is not reviewed yet. */
export type UnusableTool = 'off' | 'in review';

/** Tools that are read on demand: a service may have thousands of them, of megabytes. */
export interface ToolSource {
  /** Their workspace. Workspaces that wait for a planner take turns. */
  readonly workspaceId: string;
  /** The tools with these names. Unknown names are ignored. */
  named(names: readonly string[]): Promise<readonly ToolSpec[]>;
  /** Why the tools with these names cannot be used. Unknown names are ignored. */
  unusable(names: readonly string[]): Promise<ReadonlyMap<string, UnusableTool>>;
  names(): Promise<readonly string[]>;
  /** One set for each integration. */
  readonly sets: readonly ToolSet[];
}

/** The tools of one integration. */
export type ToolSet = {
  /** Changes when the tools change, so tools can be cached under it. */
  readonly key: string;
  /** JSON texts of ToolSpec, in slices. */
  read(): AsyncIterable<readonly string[]>;
};

/**
 * The input of a planner. Everything except the shapes of tools is untrusted text.
 * `Tools` is `ToolSource` for the engine, and the tools themselves inside the planner.
 */
export type PlanRequest<Tools = readonly ToolSpec[]> = {
  intent: string;
  context: string;
  userId: string;
  user?: RunUser;
  /** When the run was created, ISO-8601: "tomorrow" is relative to it. */
  now: string;
  /** The only tools that the plan may name. */
  tools: Tools;
  /** The instructions of integrations that have some. */
  instructions: readonly { customerIntegrationId: string; text: string }[];
  /** For tools without an output schema, by name: the members and types of earlier answers, never a value. */
  observedOutputSchemas?: Readonly<Record<string, JsonSchema>>;
  outputSchema?: JsonSchema;
  /** Set if an earlier plan of this run failed, was denied or only read: the plan and its outcome. */
  previous?: {
    plan: Plan;
    /** It ended with `"then": "plan"`, and nothing failed. */
    looked?: true;
    failures: readonly PlanFailure[];
    /** Outputs of the steps that succeeded, as JSON texts. Large ones are cut. */
    outputs: Readonly<Record<string, string>>;
  };
  /** Delimits data in prompts: equal for requests with the same tools, and secret. Absent: a random one. */
  dataKey?: string;
  /** Earlier questions of this planner to the people of the run, with their answers. */
  answers?: readonly AnsweredPlannerQuestion[];
  /** Whether the planner may ask another question. */
  mayAsk?: boolean;
  /** Whether a plan may only read (`"then": "plan"`); the planner then plans again with the outputs. */
  mayLook?: boolean;
  signal: AbortSignal;
  /**
   * Charges the usage of a model as soon as its answer arrives. Returns a sentence once the budget is spent. A planner that calls it charges
   * all its usage this way; otherwise the usage of the draft is charged.
   */
  spend?: (usage: TokenUsage) => string | undefined;
  /** Returns the faults of a plan, so that the planner can correct it. Empty: the plan is valid. */
  check: (plan: unknown) => Promise<readonly { pointer: string; message: string }[]>;
};

/** A question of a planner and the answer. `label` is the label of a chosen answer. */
export type AnsweredPlannerQuestion = { question: string; answer: Answer; label?: string };

/** Why a step of a plan failed, or its result. `message` is for people; `detail` is complete. */
export type PlanFailure = {
  stepId: string;
  code: string;
  message: string;
  detail?: string;
  /** The reason of the person who denied it, which may ask for another way. Absent: the denial is final. */
  reason?: string;
  /** Arguments and answers of some of its calls, as JSON texts that may be cut. */
  calls?: readonly { args: string; answer?: string }[];
  /** The beginning of a result that does not fit, as JSON text. */
  result?: string;
};

/** The output of a planner: a plan that passed `check`, a question to the people of the run, or why there is no plan. */
export type PlanDraft = PlanOrNone | { kind: 'question'; question: Question; usage: TokenUsage };

/** The output of a planner that asks no question. */
export type PlanOrNone =
  | { kind: 'plan'; plan: Plan; usage: TokenUsage; madeBy: string }
  | {
      kind: 'none';
      code: 'no_plan' | 'plan_failed' | 'model_failed';
      /** For people. */
      reason: string;
      /** For developers: what was wrong with the last plan that was drafted. */
      errors?: readonly { pointer: string; message: string }[];
      /** Facts about it, as the table of values of run errors has them. */
      values?: ErrorValues;
      retryable: boolean;
      usage: TokenUsage;
    };

/** A value for a model to write. */
export type ValueToFill = {
  /** The description of the value in the plan. */
  prompt: string;
  /** JSON Schema of the value, if the tool's input schema or the outputSchema has it. */
  schema?: JsonSchema;
  /** Inside forEach: the item that the value is for, as JSON text, and its position. */
  item?: { index: number; text: string };
};

/** A request to a model while a plan runs: values of a step, or of the result, that depend on earlier outputs. */
export type FillRequest = {
  intent: string;
  context: string;
  now: string;
  user?: RunUser;
  /** All in one request to the model. */
  values: readonly ValueToFill[];
  /** Outputs of the steps that have ended, by step id, as JSON texts. Large ones are cut. */
  outputs: Readonly<Record<string, string>>;
  signal: AbortSignal;
};

/** For each requested value, in their order: the value, or why there is none. */
export type FillAnswer = { values: readonly ({ value: Json } | { none: string })[]; usage: TokenUsage };

/** The outcome of one call of a tool. Errors are data: they are recorded, shown and planned around. */
export type ToolOutcome =
  /**
   * `outputText`: the JSON text of `output`, if the service sent it in a form that can be kept. `link`: query parameters of the next page,
   * when the service links to one in a header, or in the member that the rules of its integration name.
   */
  | { ok: true; output: Json; outputText?: string; status?: number; link?: { [parameter: string]: string } }
  | {
      ok: false;
      code: string;
      message: string;
      /** Whether the same call may succeed later. */
      retryable: boolean;
      /** no: the service cannot have acted. unknown: it may have (the reply was lost, the call timed out). */
      effectKnown: 'no' | 'unknown';
      status?: number;
      output?: Json;
      /** The scopes that the service requires, if it reports that those of the access token are not enough. */
      scopes?: readonly string[];
      /** Time to wait before the next attempt, in ms, if the service sent one. */
      retryAfterMs?: number;
      /** The service limits requests: the call was refused for no other reason. */
      limited?: boolean;
      /** Nothing was sent: calls wait, because the service limits requests (`limited`) or its last calls failed. */
      unsent?: boolean;
      /** The failure says nothing about the service: it arose on this side of the connection. */
      isOurs?: boolean;
      /** Input requests of the service. The same call continues with the answers, and with `state`, which is opaque. */
      asks?: { inputs: readonly InputRequest[]; state?: Secret };
    };

/** The answers to input requests, by the names of the inputs, and the `state` of the outcome. The call continues with them. */
export type InputResponses = { answers: Readonly<Record<string, InputAnswer>>; state?: Secret };

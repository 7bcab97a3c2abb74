import type { Json, JsonSchema } from '../base/json.ts';
import type { Plan } from '../base/plan.ts';
import type { AskedInput, InputAnswer } from '../decisions/input.ts';
import type { Answer, Question } from '../decisions/question.ts';
import type { Secret } from '../integrations/secret.ts';
import type { ToolSpec } from '../integrations/tool.ts';
import type { RunUser } from './create.ts';
import type { TokenUsage } from './token-usage.ts';

/** off: nobody has switched it on. in review: it changed at its service, and nobody has looked at that yet. */
export type UnusableTool = 'off' | 'in review';

/** Tools that are read where they are needed: a service may have thousands of them, of megabytes. */
export interface ToolSource {
  /** Whose they are; workspaces that wait for a planner take turns. */
  readonly workspaceId: string;
  /** The tools of these names; those that there are not are left out. */
  named(names: readonly string[]): Promise<readonly ToolSpec[]>;
  /** Why tools of these names may not be used; those that there are not are left out. */
  unusable(names: readonly string[]): Promise<ReadonlyMap<string, UnusableTool>>;
  /** The names of all. */
  names(): Promise<readonly string[]>;
  /** All of them, a set for each integration. */
  readonly sets: readonly ToolSet[];
}

/** The tools of one integration. */
export type ToolSet = {
  /** Another one once the tools are others: what was read under a key need not be read again. */
  readonly key: string;
  /** JSON texts of ToolSpec, in slices. */
  read(): AsyncIterable<readonly string[]>;
};

/**
 * The input of a planner. Everything in it but the tools' shapes is untrusted text.
 * `Tools` is `ToolSource` for the engine, and the tools themselves inside the planner.
 */
export type PlanRequest<Tools = readonly ToolSpec[]> = {
  intent: string;
  context: string;
  userId: string;
  /** Who the user is, as far as that is known. */
  user?: RunUser;
  /** The moment the run was created, ISO-8601: "tomorrow" is relative to it. */
  now: string;
  /** The only tools that the plan may name. */
  tools: Tools;
  /** Soft guidance for each integration that has some. */
  instructions: readonly { customerIntegrationId: string; text: string }[];
  /** The forms of earlier answers of tools whose outputs are not described, by name: members and types, never a value. */
  seenOutputs?: Readonly<Record<string, JsonSchema>>;
  outputSchema?: JsonSchema;
  /** Set when an earlier plan of this run failed, was denied or only looked: the plan and its outcome. */
  previous?: {
    plan: Plan;
    /** It ended with `"then": "plan"`, and nothing failed. */
    looked?: true;
    failures: readonly PlanFailure[];
    /** Outputs of the steps that were done, as JSON texts; large ones are cut. */
    outputs: Readonly<Record<string, string>>;
  };
  /** Delimits data in prompts: equal for requests with the same tools, and secret. Absent: a random one. */
  dataKey?: string;
  /** The questions that this planner has asked the people of the run, with their answers. */
  answers?: readonly AnsweredByPeople[];
  /** Whether it may ask another one. */
  mayAsk?: boolean;
  /** Whether it may plan to look only (`"then": "plan"`), and be asked again with what was read. */
  mayLook?: boolean;
  signal: AbortSignal;
  /**
   * Charges what an answer of a model cost, as soon as it is there; gives a sentence once nothing more may be spent. A planner that calls it charges
   * everything so; of one that does not, the usage of the draft is charged.
   */
  spend?: (usage: TokenUsage) => string | undefined;
  /** Tells why a plan is unusable, so that the planner can mend it. Empty: it is fine. */
  check: (plan: unknown) => Promise<readonly { pointer: string; message: string }[]>;
};

/** A question of a planner and the answer; `label` says what a chosen answer stands for. */
export type AnsweredByPeople = { question: string; answer: Answer; label?: string };

/** Why a step of a plan failed, or its result. `message` is for people; `detail` tells all that is known. */
export type PlanFailure = {
  stepId: string;
  code: string;
  message: string;
  detail?: string;
  /** What the person said who denied it: it may ask for another way. Absent: the denial is final. */
  reason?: string;
  /** Some of its calls, as JSON texts that may be cut: what was sent, and what the service answered. */
  calls?: readonly { args: string; answer?: string }[];
  /** The beginning of a result that does not fit, as JSON text. */
  result?: string;
};

/** What a planner answers: a plan that passed `check`, a question to the people of the run, or why there is no plan. */
export type PlanDraft = PlanOrNone | { kind: 'question'; question: Question; usage: TokenUsage };

/** What a planner answers that asks nobody. */
export type PlanOrNone =
  | { kind: 'plan'; plan: Plan; usage: TokenUsage; madeBy: string }
  | {
      kind: 'none';
      code: 'no_plan' | 'plan_failed' | 'model_failed';
      /** For people. */
      reason: string;
      /** For developers: what was wrong with the last plan that was drafted. */
      errors?: readonly { pointer: string; message: string }[];
      retryable: boolean;
      usage: TokenUsage;
    };

/** One value that a model is asked for. */
export type FillValue = {
  /** What the value must be, as the plan says. */
  prompt: string;
  /** JSON Schema of the value, when the tool's input schema or the outputSchema tells it. */
  schema?: JsonSchema;
  /** Inside forEach: the item that the value is for, as JSON text, and its position. */
  item?: { index: number; text: string };
};

/** What a model is asked while a plan runs: values of one step, or of the result, that only earlier outputs can tell. */
export type FillRequest = {
  intent: string;
  context: string;
  now: string;
  user?: RunUser;
  /** Asked for together, in one request to the model. */
  values: readonly FillValue[];
  /** Outputs of the steps that have ended, by step id, as JSON texts; large ones are cut. */
  outputs: Readonly<Record<string, string>>;
  signal: AbortSignal;
};

/** For each value that was asked for, in that order: the value, or why it cannot be told. */
export type FillAnswer = { values: readonly ({ value: Json } | { none: string })[]; usage: TokenUsage };

/** The outcome of one call of a tool. Errors are data: they are recorded, shown and planned around. */
export type ToolOutcome =
  /** `link`: query parameters of the next page, when the service links to one in a header. */
  | { ok: true; output: Json; status?: number; link?: { [parameter: string]: string } }
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
      /** The scopes that the service wants, when it says that those of the access token are not enough. */
      scopes?: readonly string[];
      /** Wait this long before trying again, in ms, when the service said so. */
      retryAfterMs?: number;
      /** The service asks the user something first; the same call goes on with the answers, and with `state`, which says where it was. */
      asks?: { inputs: readonly AskedInput[]; state?: Secret };
    };

/** With what a call goes on that had to ask: an answer to each input by its name, and the state of before. */
export type InputResponses = { answers: Readonly<Record<string, InputAnswer>>; state?: Secret };

import type { CallBudget } from '@errand/basics/call-budget';
import type {
  ApprovalStrategy,
  InputAnswer,
  Json,
  JsonSchema,
  Secret,
  ToolOutcome,
  ToolSource,
  ToolSpec,
} from '@errand/contracts';

/** The run and user for which a tool is called. */
export type RunIdentity = {
  workspaceId: string;
  userId: string;
  runId: string;
  /** What the caller of the run passes through to integrations, sealed. Only the code that makes the call opens it. */
  sealedPassThrough?: Uint8Array;
};

export type CallInput = {
  answers: Readonly<Record<string, InputAnswer>>;
  state?: { requestId: string; sealed: Uint8Array };
};

/** One call that the engine requests. */
export type ToolRequest = RunIdentity & {
  tool: ToolSpec;
  args: Json;
  /** Present for writes: the same for every attempt at the same effect. */
  idempotencyKey?: string;
  /** The answers with which a call goes on that had to ask, and the sealed state of before, with the id that it is sealed for. */
  input?: CallInput;
  signal: AbortSignal;
  /** What all attempts at the call may cost together. */
  budget: CallBudget;
  /** Milliseconds after which the attempt is aborted. */
  timeoutMs: number;
};

/** The tools that a run may use; they are read when they are needed. */
export interface Catalog extends ToolSource {
  /** Selected integrations with tools that are not enabled: `off` of `of` tools each. */
  off(): Promise<readonly { customerIntegrationId: string; integrationName: string; off: number; of: number }[]>;
  /** The forms of earlier answers of tools whose outputs are not described, by name. */
  seenOutputs(): Promise<Readonly<Record<string, JsonSchema>>>;
  /** Integrations that the selection names although they are inactive. */
  readonly inactive?: readonly { customerIntegrationId: string; name: string }[];
  readonly instructions: readonly { customerIntegrationId: string; text: string }[];
}

/** An integration whose tools cannot be called for the user yet: a consent or credential is missing. */
export type MissingCredential = { customerIntegrationId: string; integrationName: string };

/** The tools of a workspace, as the engine needs them. */
export interface Toolbox {
  /**
   * Enabled tools of active integrations. This is cheap: no tool is read yet.
   * @param selection ids of integrations, or ["*"]
   * @param registeredBy excludes integrations that were registered later: after a delete another one may get the same id
   * @throws ProblemError connection_not_found when the selection names an integration that the workspace does not have
   */
  tools(workspaceId: string, selection: readonly string[], registeredBy?: Date): Promise<Catalog>;
  /** The approval floor of an integration, as it is set now. */
  floor(workspaceId: string, customerIntegrationId: string): Promise<ApprovalStrategy>;
  /**
   * The integrations among the given ones at which the user must give a consent or a credential before a tool can be called.
   * @param widened whether a consent must also be for the rights that the service has wanted since
   */
  missingCredentials(
    run: RunIdentity,
    customerIntegrationIds: readonly string[],
    widened?: boolean,
  ): Promise<readonly MissingCredential[]>;
  /** Seals what a service gets back with the answer to what it asked. */
  sealState(workspaceId: string, requestId: string, state: Secret): Uint8Array;
  /** Calls a tool with the user's credentials. Failures of the service are in the outcome; it throws only before anything is sent. */
  call(request: ToolRequest): Promise<ToolOutcome>;
}

/** The log of the engine; pino fits. */
export interface Log {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** One request to a webhook. */
export type WebhookRequest = {
  workspaceId: string;
  url: string;
  /** Each signs. */
  secrets: readonly Secret[];
  /** The header webhook-id. */
  id: string;
  /** JSON. */
  body: string;
  signal: AbortSignal;
};

/** How it ended: `error` says why it failed, for people; null when it was taken. */
export type WebhookAnswer = { status: number | null; error: string | null; retryAfterS?: number };

/** Signs and posts to a webhook. Never rejects. */
export type WebhookSender = (request: WebhookRequest) => Promise<WebhookAnswer>;

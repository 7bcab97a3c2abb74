import type { Awaitable } from '@errand/basics/awaitable';
import type { CallBudget } from '@errand/basics/call-budget';
import type {
  ApprovalStrategy,
  FoundTool,
  InputAnswer,
  Json,
  JsonSchema,
  Secret,
  ToolOutcome,
  ToolSource,
  ToolSpec,
} from '@errand/contracts';
import type { Traced } from './observer.ts';

export type RunIdentity = {
  workspaceId: string;
  userId: string;
  runId: string;
  /** The headers and parameters that the caller of the run passes to integrations, sealed. Only the code that makes the call opens them. */
  sealedPassThrough?: Uint8Array;
};

/** The answers with which an interrupted call continues, and its sealed state with the id that it is sealed for. */
export type CallInput = {
  answers: Readonly<Record<string, InputAnswer>>;
  state?: { requestId: string; sealed: Uint8Array };
};

export type ToolRequest = RunIdentity &
  Traced & {
    tool: ToolSpec;
    args: Json;
    /** Present for writes: the same for every attempt at the same effect. */
    idempotencyKey?: string;
    input?: CallInput;
    signal: AbortSignal;
    /** Called just before the request is written. With false nothing is sent, and the call fails with the code `canceled`. */
    maySend?: () => boolean;
    /** The limits for all attempts at the call together. */
    budget: CallBudget;
    /** Milliseconds after which the attempt is aborted. */
    timeoutMs: number;
  };

/** The tools that a run may use; they are read on demand. */
export interface Catalog extends ToolSource {
  /** Selected integrations with tools that are not enabled, and their numbers of tools. */
  disabledTools(): Promise<
    readonly { customerIntegrationId: string; integrationName: string; disabledCount: number; toolCount: number }[]
  >;
  /**
   * The forms of earlier answers of tools without an output schema, by name. They have the names that answers to several users share, and
   * the names in answers to this user.
   */
  observedOutputSchemas(userId: string): Promise<Readonly<Record<string, JsonSchema>>>;
  /** Integrations that the selection names although they are inactive. */
  readonly inactive?: readonly { customerIntegrationId: string; name: string }[];
  readonly instructions: readonly { customerIntegrationId: string; text: string }[];
}

/** An integration whose tools cannot be called for the user yet: a consent or credential is missing. */
export type MissingCredential = { customerIntegrationId: string; integrationName: string };

export interface Toolbox {
  /**
   * Enabled tools of active integrations. This is cheap: no tool is read yet.
   * @param selection ids of integrations, or ["*"]
   * @param registeredUntil excludes integrations that were registered later: after a delete another one may get the same id
   * @throws ProblemError connection_not_found when the selection names an integration that the workspace does not have
   */
  catalog(workspaceId: string, selection: readonly string[], registeredUntil?: Date): Promise<Catalog>;
  approvalFloor(workspaceId: string, customerIntegrationId: string): Awaitable<ApprovalStrategy>;
  /**
   * The given integrations at which the user must give a consent or a credential before a tool can be called.
   * @param requireLaterScopes whether a consent must also include the rights that the service requested later
   */
  missingCredentials(
    run: RunIdentity,
    customerIntegrationIds: readonly string[],
    requireLaterScopes?: boolean,
  ): Promise<readonly MissingCredential[]>;
  sealState(workspaceId: string, requestId: string, state: Secret): Uint8Array;
  /** Calls a tool with the user's credentials. Failures of the service are in the outcome; it throws only before anything is sent. */
  call(request: ToolRequest): Promise<ToolOutcome>;
}

export type ToolSearchRequest = {
  workspaceId: string;
  text: string;
  /** Ids of integrations, or `*` for all that are active. */
  selection: readonly string[];
  limit: number;
  signal: AbortSignal;
};

/**
 * Finds the enabled tools of a workspace that match a text, best first.
 * @throws ProblemError connection_not_found, connection_inactive for integrations that are named
 */
export type ToolSearch = (request: ToolSearchRequest) => Promise<FoundTool[]>;

import type { ApprovalStrategy, Json, ToolOutcome, ToolSource, ToolSpec } from '@errand/contracts';

/** For which run and user a tool is called, and with what of theirs. */
export type RunIdentity = {
  workspaceId: string;
  userId: string;
  runId: string;
  /** What the caller of the run hands on to integrations, sealed: opened where the call is made, and nowhere else. */
  sealedPassThrough?: Uint8Array;
};

/** One call as the engine asks for it. */
export type ToolRequest = RunIdentity & {
  tool: ToolSpec;
  args: Json;
  /** Present for writes: the same for every attempt at the same effect. */
  idempotencyKey?: string;
  signal: AbortSignal;
  /** Milliseconds after which the call is given up. */
  timeoutMs: number;
};

/** What a run may use: its tools are read when they are needed. */
export interface Catalog extends ToolSource {
  /** The integrations among them that have tools which are not enabled: how many of how many. */
  off(): Promise<readonly { customerIntegrationId: string; integrationName: string; off: number; of: number }[]>;
  /** What the selection names although it is switched off. */
  readonly inactive?: readonly { customerIntegrationId: string; name: string }[];
  readonly instructions: readonly { customerIntegrationId: string; text: string }[];
}

/** An integration whose tools cannot be called yet on behalf of the user. */
export type Lack = { customerIntegrationId: string; integrationName: string };

/** The tools of a workspace, as the engine needs them. */
export interface Toolbox {
  /**
   * Enabled tools of active integrations. Cheap: none of them is read yet.
   * @param selection ids of integrations, or ["*"]
   * @param registeredBy integrations that were registered later are none of the selection: after a delete another one may be given
   *   the same id
   * @throws ProblemError connection_not_found when the selection names an integration that the workspace has not
   */
  tools(workspaceId: string, selection: readonly string[], registeredBy?: Date): Promise<Catalog>;
  /** The least that is asked before an integration is called, as it is set now. */
  floor(workspaceId: string, customerIntegrationId: string): Promise<ApprovalStrategy>;
  /** Of some integrations those at which the user of a run must give a consent or a credential before tools can be called. */
  lacks(run: RunIdentity, customerIntegrationIds: readonly string[]): Promise<readonly Lack[]>;
  /** Calls a tool with the user's credentials. Never throws for what the service does: that is in the outcome. */
  call(request: ToolRequest): Promise<ToolOutcome>;
}

/** Where the engine reports; pino's methods fit. */
export interface Log {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

import type { Json, RunStatus, TokenUsage, ToolSpec } from '@errand/contracts';

export type ObservedRun = { workspaceId: string; runId: string };

/** An attempt to carry a run on. `activation`: 1 for the first of the run. `deaths`: the workers that died while they carried it out. */
export type ObservedActivation = ObservedRun & { activation: number; deaths: number };

/** A part of an activation that takes time. */
export type Work =
  /** A plan is requested. `isReplan`: it replaces another one. */
  | { kind: 'plan'; isReplan: boolean }
  /** The calls of a step in this activation. */
  | { kind: 'step'; stepId: string; tool: string }
  /** An attempt at a call. `args` may contain personal data and secrets. */
  | { kind: 'call'; toolCallId: string; tool: ToolSpec; attempt: number; args: Json }
  /** A question to a model. */
  | { kind: 'model'; model: string }
  /** An HTTP request. `template`: its path without values; the path of a URL may contain secrets. `mcp`: its JSON-RPC method. */
  | { kind: 'request'; method: string; origin: string; template?: string | undefined; mcp?: string | undefined };

/** `error`: a code. `status`: of an HTTP answer. `state`: of an activation or a step. `output` may contain personal data and secrets. */
export type WorkEnd = {
  error?: string | undefined;
  status?: number | undefined;
  state?: string | undefined;
  madeBy?: string | undefined;
  output?: Json | undefined;
  usage?: TokenUsage | undefined;
};

/** Work that is being traced. Its methods return at once and never throw. */
export interface Span {
  begin(work: Work): Span;
  /** Only the first call counts. */
  end(end: WorkEnd): void;
  /** The header `traceparent` of W3C Trace Context for requests that belong to this work; undefined after a fault of the observer. */
  readonly traceparent: string | undefined;
}

/** The kinds of requests for which a run waits. */
export type WaitKind = 'plan_approval' | 'tool_approval' | 'consent' | 'effect' | 'question' | 'input';

export type ObservedCall = ObservedRun & { tool: ToolSpec; attempt: number };

/**
 * Business events, in the process in which they happen. An event of a run is reported once, after its commit.
 * All may be reported more than once for a run but `runCreated` and `runEnded`.
 */
export interface BusinessEvents {
  /** `by`: the part of the service that created it. */
  runCreated?(run: ObservedRun & { by: 'request' | 'rerun' | 'action' | 'schedule' }): void;
  /** `code`: of the error, if it has one. `activeMs`: the time that workers spent on it. */
  runEnded?(run: ObservedRun & { status: RunStatus; code?: string | undefined; activeMs?: number | undefined }): void;
  /** A worker claimed a run. `deaths`: the workers that died while they carried it out. */
  runClaimed?(run: ObservedActivation): void;
  /** A run was claimed by another worker, or was cancelled, while this process carried it out. */
  leaseLost?(run: ObservedRun): void;
  /** Leases of worker pools without a heartbeat were freed. */
  leasesFreed?(event: { pools: number; runs: number }): void;
  waitBegun?(wait: ObservedRun & { kind: WaitKind }): void;
  /** A request was decided, `waitedMs` after it was made. `expired`: nobody decided in time. Requests that end with their run are not reported. */
  waitEnded?(wait: ObservedRun & { kind: WaitKind; decision: string; expired: boolean; waitedMs: number }): void;
  /** The first call of a run is about to be sent. `runAgeMs`: the time since the run was created. */
  firstCall?(run: ObservedRun & { runAgeMs: number }): void;
  /** An attempt at a call ended. `code`: of its failure. `status`: of an HTTP answer. `unsent`: nothing was sent. */
  callEnded?(
    call: ObservedCall & {
      ms: number;
      code?: string | undefined;
      status?: number | undefined;
      unsent?: boolean | undefined;
      limited?: boolean | undefined;
    },
  ): void;
  /** A call is tried again after a failure. `why`: `wait` until its service takes calls again. */
  callRetried?(call: ObservedCall & { why: 'retry' | 'restart' | 'wait'; code: string }): void;
  /** A run asked a model and the tokens are spent; `cost` is in `usage`. */
  modelAsked?(call: ObservedRun & { purpose: 'plan' | 'fill'; usage: Partial<TokenUsage> }): void;
}

/** Work that is traced as a part of `span`. */
export type Traced = { span?: Span | undefined };

/** The end of a run. `startedAt`, `endedAt`: ISO-8601; `startedAt` is null before the first activation. */
export type ObservedEnd = ObservedRun & {
  status: RunStatus;
  code?: string | undefined;
  startedAt: string | null;
  endedAt: string;
};

/** An attempt to deliver a message about a run to a webhook. The path of `url` may contain secrets. */
export type ObservedDelivery = ObservedRun & { webhookId: string; type: string; attempt: number; url: string };

/** What happens in the engine: methods for traces, and business events for metrics. The methods return at once. */
export interface Observer extends BusinessEvents {
  /** Begins an activation. @returns undefined if the run is not traced */
  activation?(activation: ObservedActivation): Span | undefined;
  /** Begins the delivery of a message to a webhook that wants the trace of the run. @returns undefined if the run is not traced */
  delivery?(delivery: ObservedDelivery): Span | undefined;
  /** A run was stored. `traceparent`: that of the request that created it. */
  runStored?(run: ObservedRun & { traceparent?: string | undefined }): void;
  /** A run has ended, in the process that wrote its end. */
  runFinished?(run: ObservedEnd): void;
}

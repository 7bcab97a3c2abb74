import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { isPromise } from '@errand/basics/awaitable';
import type { CallBudget } from '@errand/basics/call-budget';
import type { DescribedTool, InputResponses, Json, Rules, ToolOutcome } from '@errand/contracts';
import type { Span } from '@errand/ports/observer';
import type { Egress, EgressRequest } from '../egress/egress.ts';
import { EgressError } from '../egress/error.ts';
import type { EgressResponse } from '../egress/receive.ts';
import { withinBudget } from '../egress/within-budget.ts';
import { ArgumentsFault } from './arguments-fault.ts';
import { buildRequest } from './build.ts';
import { secretForms } from './clean.ts';
import { attachCredential, type CallAuth, hasCredential } from './credential.ts';
import { attachFixed, type FixedRequest, withFixedArguments } from './fixed-request.ts';
import { type HttpCall, isHttpCall } from './http-call.ts';
import { namedHeaders } from './limits.ts';
import { pageRulesOf } from './next-page.ts';
import { failure, failureOfError, outcomeOf } from './outcome.ts';
import { type PassThrough, replacedLocation } from './pass-through.ts';

export type CallOptions = {
  baseUrl: string;
  auth: CallAuth;
  /** Headers and parameters to add. An entry with the name of the integration's credential replaces the credential. */
  passThrough?: PassThrough;
  /** Values of the integration for every request. */
  fixed?: FixedRequest | undefined;
  /** The only origin to which the credential, `passThrough` and secret values are sent. */
  credentialOrigin: string;
  egress: Egress;
  /** How answers are read. For an MCP server, only `limits` count. */
  rules?: Rules | undefined;
  idempotencyKey?: string;
  /** Called when an MCP server says that its list of tools has changed, possibly more than once. */
  onStale?: () => void;
  /** The answers and the state with which an interrupted call continues. */
  input?: InputResponses;
  signal?: AbortSignal;
  /** Called just before the request is written; with false nothing is sent. */
  maySend?: (() => boolean) | undefined;
  /** The limits for all attempts at the call together. */
  budget?: CallBudget;
  /** Timeout of this attempt in ms; by default 30 000. */
  timeoutMs?: number;
  /** Largest answer in decoded bytes; by default 256 KiB. */
  maxBytes?: number;
  /** The call, if its run is traced. */
  span?: Span | undefined;
  /** Present if requests carry `traceparent`: the value for a run that is not traced. */
  traceparent?: string | undefined;
  /** Connections are shared within a tenant only. */
  tenant?: string;
};

export const DEFAULT_MAX_BYTES = 256 * 1024;
export const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Calls a tool of an OpenAPI document once. Returns faults of the arguments or of the service as outcomes.
 * @param args validated against the tool's input schema
 */
export async function callTool(
  tool: DescribedTool,
  args: Readonly<Record<string, Json>>,
  options: CallOptions,
): Promise<ToolOutcome> {
  if (!isHttpCall(tool.call)) throw new TypeError(`${tool.name} is not a tool of an OpenAPI document.`);
  const { method } = tool.call;
  const isWrite = tool.effect === 'write';
  const { signal, maySend, budget, tenant, rules } = options;
  const { maxBytes = DEFAULT_MAX_BYTES, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const egress = budget ? withinBudget(options.egress, budget) : options.egress;
  try {
    const { request, secrets, signing, ...credentialInfo } = prepareRequest({ ...tool, call: tool.call }, args, {
      ...options,
      isWrite,
    });
    if (isPromise(signing)) await signing;
    const { url, headers, body } = request;
    const call = { method, url, headers, body, signal, maySend, tenant, timeoutMs, maxBytes };
    const keepHeaders = rules?.limits && namedHeaders(rules.limits);
    const sent = { keepHeaders, whenTooLarge: 'cut' as const, credentials: true, ...call };
    const response = await requestTraced(egress, sent, options, tool.call.path);
    const turn = parseQueue.wait(response.body.length);
    if (turn) await turn;
    const reading = rules && { rules, pageRules: pageRulesOf(rules.pages, tool.operation) };
    return outcomeOf(response, { isWrite, secretForms: secretForms(secrets), ...credentialInfo, ...reading });
  } catch (error) {
    if (error instanceof ArgumentsFault) return failure(error.code, error.message);
    if (error instanceof EgressError) return failureOfError(error, isWrite);
    throw error;
  }
}

type TracedRequest = EgressRequest & { url: URL };

async function requestTraced(
  egress: Pick<Egress, 'request'>,
  request: TracedRequest,
  { span, traceparent, credentialOrigin }: Pick<CallOptions, 'span' | 'traceparent' | 'credentialOrigin'>,
  template: string,
): Promise<EgressResponse> {
  const { origin } = request.url;
  const traced = span?.begin({ kind: 'request', method: request.method, origin, template });
  // An operation may have a server of its own, of which the owner of the integration knows nothing.
  const parent =
    origin === credentialOrigin && traceparent !== undefined ? (traced?.traceparent ?? traceparent) : undefined;
  const sent = parent === undefined ? request : { ...request, headers: { ...request.headers, traceparent: parent } };
  try {
    const response = await egress.request(sent);
    const { status } = response;
    traced?.end({ status, ...(status >= 400 && { error: String(status) }) });
    return response;
  } catch (error) {
    traced?.end({ error: error instanceof EgressError ? error.code : 'internal' });
    throw error;
  }
}

function prepareRequest(
  tool: DescribedTool & { call: HttpCall },
  planned: Readonly<Record<string, Json>>,
  { auth, passThrough, baseUrl, credentialOrigin, idempotencyKey, isWrite, fixed }: CallOptions & { isWrite: boolean },
) {
  const { call } = tool;
  const args = fixed ? withFixedArguments(tool, planned, fixed, call.server !== undefined) : planned;
  const request = buildRequest(call, args, baseUrl);
  const secrets = [...(fixed?.secrets ?? [])];
  if (isWrite && idempotencyKey !== undefined) request.headers['idempotency-key'] = idempotencyKey;
  const isFromRun = replacedLocation(passThrough, auth) !== undefined;
  // An operation with its own server is called at another origin, to which no credential is sent.
  const mayAttach = call.server === undefined && request.url.origin === credentialOrigin;
  if (!mayAttach && isFromRun && !call.anonymous) {
    const message = `The operation is called at ${request.url.origin}, but the credential of passThrough is for ${credentialOrigin} only.`;
    throw new ArgumentsFault(message, 'pass_through_refused');
  }
  if (fixed) attachFixed(request, fixed, mayAttach);
  const credentialCall = { method: call.method, auth, args, passThrough };
  const signing = mayAttach ? attachCredential(request, credentialCall, secrets) : undefined;
  const isPassed = isFromRun || (auth.type === 'NONE' && passThrough !== undefined);
  return {
    request,
    secrets,
    /** Pending while the request is being signed. */
    signing,
    sentCredential: mayAttach && (hasCredential(auth) || isPassed),
    isFromRun,
    needsCredential: mayAttach && auth.type !== 'NONE',
    isAws: auth.type === 'AWS_ASSUME_ROLE',
  };
}

/** Answers up to this size, in bytes, do not wait. */
const SMALL_BYTES = 16 * 1024;
/** Shorter pauses are left out, longer ones shortened, in ms. */
const MIN_PAUSE_MS = 2;
const MAX_PAUSE_MS = 100;

/**
 * Parses one large answer in each turn of the event loop. 256 KiB can become 87,000 objects: several in one turn would block the loop for
 * the sum of their times, without garbage collection. The pause after each is as long as its turn, which leaves other requests half of
 * the process.
 */
export class ParseQueue {
  #last: Promise<void> = Promise.resolve();
  /** No large answer is parsed before this time, of a monotonic clock. */
  #pausedUntil = 0;

  /** Waits until an answer of `bytes` bytes may be parsed, in order of arrival; undefined for a small one. */
  wait(bytes: number): Promise<void> | undefined {
    if (bytes <= SMALL_BYTES) return undefined;
    this.#last = this.#last.then(() => this.#turn());
    return this.#last;
  }

  async #turn(): Promise<void> {
    await nextTurn();
    const pauseMs = this.#pausedUntil - performance.now();
    if (pauseMs > 0) await sleep(pauseMs);
    const from = performance.now();
    // Runs after the turn in which the answer is parsed.
    setImmediate(() => {
      const now = performance.now();
      if (now - from >= MIN_PAUSE_MS) this.#pausedUntil = now + Math.min(now - from, MAX_PAUSE_MS);
    });
  }
}

/** All calls of a process share its event loop, so they share this queue. */
const parseQueue = new ParseQueue();

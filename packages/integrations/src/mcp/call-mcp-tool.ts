import { setTimeout as sleep } from 'node:timers/promises';
import { CallBudget } from '@errand/basics/call-budget';
import { type DescribedTool, type InputResponses, type Json, Secret, type ToolOutcome } from '@errand/contracts';
import {
  type CallToolResult,
  type Client,
  isInputRequiredResult,
  ProtocolError,
  SdkError,
  SdkErrorCode,
} from '@modelcontextprotocol/client';
import { EgressError, findEgressError } from '../egress/error.ts';
import { retryDelayMs } from '../egress/headers.ts';
import { overBudget } from '../egress/within-budget.ts';
import { ArgumentsFault } from '../execute/arguments-fault.ts';
import { type CallOptions, DEFAULT_MAX_BYTES, DEFAULT_TIMEOUT_MS } from '../execute/call-tool.ts';
import { cleanText, secretForms } from '../execute/clean.ts';
import { hasCredential } from '../execute/credential.ts';
import { effectOf, failure, failureOf, isRefusedCredential, refusedWith } from '../execute/outcome.ts';
import { credentialLocation } from '../execute/pass-through.ts';
import { challengeOf } from '../oauth/challenge.ts';
import { CallQuestions, mayAskWithin } from './call-questions.ts';
import { isMcpCall } from './mcp-call.ts';
import { outcomeOfInputRequired } from './mcp-input.ts';
import { outcomeOfResult } from './mcp-result.ts';
import { NOT_STREAMABLE, withClient } from './open-client.ts';
import type { Exchange, McpServer } from './server-fetch.ts';

/** Bytes beyond `maxBytes` for the frames around an answer and its removed parts. */
const FRAME_BYTES = 1024 * 1024;

/** How often a server may request a repetition without asking anything, and the pause before it, in ms. */
const MAX_REPEATS = 3;
const REPEAT_MS = 500;

/** Whether the call was not made: the server has ended its session, or no longer speaks the remembered protocol. */
const isGone = ({ refusal, remembered }: Exchange): boolean =>
  refusal !== undefined && (refusal.status === 404 || (remembered === true && NOT_STREAMABLE.has(refusal.status)));

type Call = {
  tool: DescribedTool;
  name: string;
  args: Readonly<Record<string, Json>>;
  options: CallOptions;
  server: McpServer;
  writes: boolean;
  timeoutMs: number;
  maxBytes: number;
};

/**
 * Calls a tool of an MCP server once. Returns faults of the arguments or of the server as outcomes.
 * @param args validated against the tool's input schema
 */
export async function callMcpTool(
  tool: DescribedTool,
  args: Readonly<Record<string, Json>>,
  options: CallOptions,
): Promise<ToolOutcome> {
  if (!isMcpCall(tool.call)) throw new TypeError(`${tool.name} is not a tool of an MCP server.`);
  const { timeoutMs = DEFAULT_TIMEOUT_MS, maxBytes = DEFAULT_MAX_BYTES } = options;
  const server = serverOf(options, CallBudget.ofCall(timeoutMs), maxBytes + FRAME_BYTES);
  const writes = tool.effect === 'write';
  const call = { tool, name: tool.call.name, args, options, server, writes, timeoutMs, maxBytes };
  let { input } = options;
  let waits = 0;
  for (let attempts = 1; ; attempts++) {
    const answered = await attempt(call, input, { isFirst: attempts === 1, mayWait: waits < MAX_REPEATS });
    if (answered === 'gone') continue;
    if (!('continueWith' in answered)) return answered;
    waits++;
    input = { answers: {}, state: answered.continueWith };
  }
}

function serverOf(options: CallOptions, ofCall: CallBudget, maxBytes: number): McpServer {
  const { egress, auth, passThrough, tenant = '', budget = ofCall } = options;
  const url = new URL(options.baseUrl);
  const credentials =
    url.origin === options.credentialOrigin ? { auth, passThrough } : { auth: { type: 'NONE' as const } };
  return { url, egress, ...credentials, tenant, budget, maxBytes };
}

type Attempt = {
  exchange: Exchange;
  input: InputResponses | undefined;
  /** Present if the server may ask within the call. */
  callQuestions: CallQuestions | undefined;
  lost: AbortController;
  /** Aborts for every reason for which the attempt ends early. */
  signal: AbortSignal;
  continues: boolean;
};

function newAttempt({ tool, server: { url, budget }, options, writes }: Call, input: Attempt['input']): Attempt {
  const exchange: Exchange = { sent: false, secrets: [] };
  const lost = new AbortController();
  const asking = { forms: () => secretForms(exchange.secrets), origin: url.origin, writes };
  const callQuestions = mayAskWithin(tool) ? new CallQuestions(input ?? { answers: {} }, asking) : undefined;
  const signals = [options.signal, lost.signal, budget.signal, callQuestions?.signal].filter((signal) => !!signal);
  return { exchange, input, callQuestions, lost, signal: AbortSignal.any(signals), continues: false };
}

/** Returns `gone` if the call was not made and can be repeated, `continueWith` if the server requests a repetition without asking anything. */
async function attempt(
  call: Call,
  input: Attempt['input'],
  { isFirst, mayWait }: { isFirst: boolean; mayWait: boolean },
): Promise<ToolOutcome | { continueWith: Secret } | 'gone'> {
  const { server, options, writes } = call;
  const trying = newAttempt(call, input);
  const { exchange, callQuestions, signal, lost } = trying;
  const onLost = () => lost.abort(new EgressError('upstream_unreachable', { sent: true }));
  try {
    const asks = callQuestions !== undefined;
    const result = await withClient(server, exchange, { onLost, signal, asks }, (client) => send(client, call, trying));
    if (!isInputRequiredResult(result)) return judged(call, result, exchange);
    const { requestState: state, inputRequests = {} } = result;
    if (state === undefined || Object.keys(inputRequests).length > 0)
      return outcomeOfInputRequired(result, { forms: secretForms(exchange.secrets), origin: server.url.origin });
    if (!mayWait)
      return failure('upstream_error', TOO_MANY_REPEATS, { retryable: true, effectKnown: effectOf(writes) });
    await sleep(REPEAT_MS, undefined, { signal });
    return { continueWith: new Secret(state) };
  } catch (error) {
    if (callQuestions?.outcome && !options.signal?.aborted) return callQuestions.outcome;
    if (isGone(exchange) && isFirst && !signal.aborted) return 'gone';
    if (error instanceof ProtocolError && saysUnknown(error.message)) options.onStale?.();
    return failed(error, call, trying);
  }
}

function send(client: Client, { tool, name, args, options, server, writes, timeoutMs }: Call, trying: Attempt) {
  const { input, callQuestions, signal } = trying;
  const revision = client.getNegotiatedProtocolVersion();
  const takesAnswers = client.getDiscoverResult() !== undefined;
  trying.continues = takesAnswers && input !== undefined;
  if (callQuestions && !takesAnswers)
    client.setRequestHandler('elicitation/create', (request) => callQuestions.answer(request, revision));
  client.setNotificationHandler('notifications/tools/list_changed', () => options.onStale?.());
  const idempotencyKey = writes ? options.idempotencyKey : undefined;
  return client.callTool(
    {
      name,
      arguments: { ...args },
      ...(takesAnswers && input && continuing(input)),
      ...(idempotencyKey !== undefined && { _meta: { idempotencyKey } }),
    },
    {
      signal,
      timeout: Math.min(timeoutMs, server.budget.remainingMs),
      resetTimeoutOnProgress: true,
      maxTotalTimeout: server.budget.remainingMs,
      // Without a listener the SDK requests no progress, and nothing resets the timeout.
      onprogress: () => {},
      allowInputRequired: true,
      // Names the arguments that are sent as headers. Without an output schema: a mismatch must not hide the effect of a call.
      toolDefinition: { name, inputSchema: { ...tool.inputSchema, type: 'object' } },
    },
  );
}

function judged({ options, writes, maxBytes }: Call, result: CallToolResult, exchange: Exchange): ToolOutcome {
  const outcome = outcomeOfResult(result, { forms: secretForms(exchange.secrets), writes, maxBytes });
  if (!outcome.ok && typeof outcome.output === 'string' && saysUnknown(outcome.output)) options.onStale?.();
  return outcome;
}

/** Whether a server says that it has no such tool, in a protocol error or in a failure of the tool. */
const saysUnknown = (text: string): boolean =>
  /\b(?:unknown|no such|invalid) tool\b|\btool\b[^.\n]{0,150}\b(?:not found|unknown|does not exist|disabled)\b/i.test(
    text.slice(0, 500),
  );

const continuing = ({ answers, state }: InputResponses) => ({
  ...(Object.keys(answers).length > 0 && { inputResponses: answers as never }),
  ...(state && { requestState: state.reveal() }),
});

const TOO_MANY_REPEATS = `The service requested more than ${MAX_REPEATS} repetitions of the call.`;

function failed(error: unknown, call: Call, trying: Attempt): ToolOutcome {
  const { writes, options } = call;
  const { exchange, continues } = trying;
  if (error instanceof ArgumentsFault) return failure(error.code, error.message);
  const ended = endedEarly(call, trying);
  if (ended) return failureOf(ended, writes);
  if (exchange.refusal) return refused(exchange.refusal, writes, options);
  if (error instanceof ProtocolError)
    return error.code === -32602 && continues
      ? // Whether the server has acted before it rejected the answers is unknown.
        failure('input_expired', INPUT_EXPIRED, { effectKnown: effectOf(writes) })
      : protocolFault(error, exchange, writes);
  const egress = findEgressError(error);
  if (egress) return failureOf(new EgressError(egress.code, { sent: exchange.sent && egress.sent }), writes);
  const late = error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout;
  const code = late ? 'upstream_timeout' : 'upstream_unreachable';
  return failureOf(new EgressError(code, { sent: exchange.sent }), writes);
}

/** The reason for which this side aborted an attempt, if it did. */
function endedEarly({ options, server }: Call, { exchange: { sent }, lost }: Attempt): EgressError | undefined {
  if (options.signal?.aborted) return new EgressError('canceled', { sent });
  const exceeded = overBudget(server.budget, sent);
  return exceeded ?? (lost.signal.aborted ? new EgressError('upstream_unreachable', { sent: true }) : undefined);
}

/** The outcome of an HTTP status other than success. The untrusted body is left out. */
function refused(
  { status, retryAfter, challenge }: NonNullable<Exchange['refusal']>,
  writes: boolean,
  { auth, passThrough }: CallOptions,
): ToolOutcome {
  const ofRun = credentialLocation(passThrough, auth) !== undefined;
  const sentCredential = ofRun || hasCredential(auth);
  const { error, scopes = [] } = challengeOf(challenge);
  if (status === 403 && error === 'insufficient_scope' && auth.type === 'OAUTH2' && auth.accessToken && !ofRun)
    return failure('scope_missing', 'The service requires scopes that the user has not granted.', { status, scopes });
  const retryAfterMs = retryDelayMs(retryAfter);
  if (status === 401 && !sentCredential && auth.type === 'NONE')
    return failure('upstream_error', WANTS_CREDENTIAL, { status, retryAfterMs });
  return refusedWith(status, {
    isMissing: !sentCredential,
    isRejected: sentCredential && isRefusedCredential(status, ofRun),
    ofRun,
    effectKnown: effectOf(writes && status >= 500),
    retryAfterMs,
  });
}

const INPUT_EXPIRED = 'The service no longer accepts the answer to its question.';
const WANTS_CREDENTIAL =
  'The service requires a credential: the owner of the integration sets auth to OAUTH2 or API_TOKEN.';

/** The outcome of a protocol error. The server has not acted, except after an internal error. */
function protocolFault({ code, message }: ProtocolError, { sent, secrets }: Exchange, writes: boolean): ToolOutcome {
  const unknown = code === -32603;
  return failure('upstream_error', 'The server refused the call.', {
    retryable: unknown,
    effectKnown: effectOf(writes && unknown && sent),
    output: cleanText(message, secretForms(secrets)).slice(0, 2000).toWellFormed(),
  });
}

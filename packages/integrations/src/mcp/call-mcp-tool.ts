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
import { isLimit, limitMs } from '../execute/limits.ts';
import { effectOf, failure, failureOfError, isRefusedCredential, refusalOutcome } from '../execute/outcome.ts';
import { replacedLocation } from '../execute/pass-through.ts';
import { challengeOf } from '../oauth/challenge.ts';
import { CallQuestions, mayElicit } from './call-questions.ts';
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
const isSessionGone = ({ refusal, remembered }: Exchange): boolean =>
  refusal !== undefined && (refusal.status === 404 || (remembered === true && NOT_STREAMABLE.has(refusal.status)));

type Call = {
  tool: DescribedTool;
  name: string;
  args: Readonly<Record<string, Json>>;
  options: CallOptions;
  server: McpServer;
  isWrite: boolean;
  timeoutMs: number;
  maxBytes: number;
  traceparent: string | undefined;
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
  const isWrite = tool.effect === 'write';
  const span = options.span?.begin({
    kind: 'request',
    method: 'POST',
    origin: server.url.origin,
    mcp: `tools/call ${tool.call.name}`,
  });
  const traceparent = options.traceparent && (span?.traceparent ?? options.traceparent);
  const call = { tool, name: tool.call.name, args, options, server, isWrite, timeoutMs, maxBytes, traceparent };
  const outcome = await repeatCall(call).catch((error: unknown) => {
    span?.end({ error: 'internal' });
    throw error;
  });
  const { status } = outcome;
  span?.end({ status, ...(!outcome.ok && { error: outcome.code }) });
  return outcome;
}

async function repeatCall(call: Call): Promise<ToolOutcome> {
  const { options } = call;
  let { input } = options;
  let repeats = 0;
  for (let attempts = 1; ; attempts++) {
    const result = await attemptCall(call, input, { isFirst: attempts === 1, mayRepeat: repeats < MAX_REPEATS });
    if (result === 'gone') continue;
    if (!('continueWith' in result)) return result;
    repeats++;
    input = { answers: {}, state: result.continueWith };
  }
}

function serverOf(options: CallOptions, defaultBudget: CallBudget, maxBytes: number): McpServer {
  const { egress, auth, passThrough, fixed, tenant = '', budget = defaultBudget } = options;
  const url = new URL(options.baseUrl);
  const credentials =
    url.origin === options.credentialOrigin ? { auth, passThrough } : { auth: { type: 'NONE' as const } };
  return { url, egress, ...credentials, fixed, tenant, budget, maxBytes };
}

type Attempt = {
  exchange: Exchange;
  input: InputResponses | undefined;
  /** Present if the server may ask within the call. */
  callQuestions: CallQuestions | undefined;
  loss: AbortController;
  /** Aborts for every reason for which the attempt ends early. */
  signal: AbortSignal;
  sendsAnswers: boolean;
};

function createAttempt({ tool, server: { url, budget }, options, isWrite }: Call, input: Attempt['input']): Attempt {
  const exchange: Exchange = { isSent: false, secrets: [] };
  const loss = new AbortController();
  const context = { secretForms: () => secretForms(exchange.secrets), origin: url.origin, isWrite };
  const callQuestions = mayElicit(tool) ? new CallQuestions(input ?? { answers: {} }, context) : undefined;
  const signals = [options.signal, loss.signal, budget.signal, callQuestions?.signal].filter((signal) => !!signal);
  return { exchange, input, callQuestions, loss, signal: AbortSignal.any(signals), sendsAnswers: false };
}

/** Returns `gone` if the call was not made and can be repeated, `continueWith` if the server requests a repetition without asking anything. */
async function attemptCall(
  call: Call,
  input: Attempt['input'],
  { isFirst, mayRepeat }: { isFirst: boolean; mayRepeat: boolean },
): Promise<ToolOutcome | { continueWith: Secret } | 'gone'> {
  const { server, options, isWrite } = call;
  const attempt = createAttempt(call, input);
  const { exchange, callQuestions, signal, loss } = attempt;
  const onLost = () => loss.abort(new EgressError('upstream_unreachable', { sent: true }));
  try {
    const hooks = { onLost, signal, mayAsk: callQuestions !== undefined };
    const result = await withClient(server, exchange, hooks, (client) => sendCall(client, call, attempt));
    if (!isInputRequiredResult(result)) return answerOutcome(call, result, exchange);
    const { requestState: state, inputRequests = {} } = result;
    if (state === undefined || Object.keys(inputRequests).length > 0)
      return outcomeOfInputRequired(result, { secretForms: secretForms(exchange.secrets), origin: server.url.origin });
    if (!mayRepeat)
      return failure('upstream_error', TOO_MANY_REPEATS, { retryable: true, effectKnown: effectOf(isWrite) });
    await sleep(REPEAT_MS, undefined, { signal });
    return { continueWith: new Secret(state) };
  } catch (error) {
    if (callQuestions?.outcome && !options.signal?.aborted) return callQuestions.outcome;
    if (isSessionGone(exchange) && isFirst && !signal.aborted) return 'gone';
    if (error instanceof ProtocolError && saysToolUnknown(error.message)) options.onStale?.();
    return outcomeOfError(error, call, attempt);
  }
}

function sendCall(client: Client, call: Call, attempt: Attempt) {
  const { tool, name, args, options, server, isWrite, timeoutMs, traceparent } = call;
  const { input, callQuestions, signal } = attempt;
  const revision = client.getNegotiatedProtocolVersion();
  const takesAnswers = client.getDiscoverResult() !== undefined;
  attempt.sendsAnswers = takesAnswers && input !== undefined;
  if (callQuestions && !takesAnswers)
    client.setRequestHandler('elicitation/create', (request) => callQuestions.answer(request, revision));
  client.setNotificationHandler('notifications/tools/list_changed', () => options.onStale?.());
  const idempotencyKey = isWrite ? options.idempotencyKey : undefined;
  // SEP-414: without a prefix.
  const meta = { ...(idempotencyKey !== undefined && { idempotencyKey }), ...(traceparent && { traceparent }) };
  return client.callTool(
    {
      name,
      arguments: { ...args },
      ...(takesAnswers && input && continuation(input)),
      ...(Object.keys(meta).length > 0 && { _meta: meta }),
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

function answerOutcome({ options, isWrite, maxBytes }: Call, result: CallToolResult, exchange: Exchange): ToolOutcome {
  const outcome = outcomeOfResult(result, { secretForms: secretForms(exchange.secrets), isWrite, maxBytes });
  if (!outcome.ok && typeof outcome.output === 'string' && saysToolUnknown(outcome.output)) options.onStale?.();
  return outcome;
}

/** Whether a server says that it has no such tool, in a protocol error or in a failure of the tool. */
const saysToolUnknown = (text: string): boolean =>
  // at most 500 characters: the text is cut
  /\b(?:unknown|no such|invalid) tool\b|\btool\b[^.\n]{0,150}\b(?:not found|unknown|does not exist|disabled)\b/i.test(
    text.slice(0, 500),
  );

const continuation = ({ answers, state }: InputResponses) => ({
  ...(Object.keys(answers).length > 0 && { inputResponses: answers as never }),
  ...(state && { requestState: state.reveal() }),
});

const TOO_MANY_REPEATS = `The service requested more than ${MAX_REPEATS} repetitions of the call.`;

function outcomeOfError(error: unknown, call: Call, attempt: Attempt): ToolOutcome {
  const { isWrite, options } = call;
  const { exchange, sendsAnswers } = attempt;
  if (error instanceof ArgumentsFault) return failure(error.code, error.message);
  const abortError = abortErrorOf(call, attempt);
  if (abortError) return failureOfError(abortError, isWrite);
  if (exchange.refusal) return outcomeOfRefusal(exchange.refusal, isWrite, options);
  if (error instanceof ProtocolError)
    return error.code === -32602 && sendsAnswers
      ? // Whether the server has acted before it rejected the answers is unknown.
        failure('input_expired', INPUT_EXPIRED, { effectKnown: effectOf(isWrite) })
      : protocolFault(error, exchange, isWrite);
  const egress = findEgressError(error);
  if (egress) {
    const { code, sent, isOurs } = egress;
    return failureOfError(new EgressError(code, { sent: exchange.isSent && sent, isOurs }), isWrite);
  }
  const isTimeout = error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout;
  const code = isTimeout ? 'upstream_timeout' : 'upstream_unreachable';
  return failureOfError(new EgressError(code, { sent: exchange.isSent }), isWrite);
}

/** The reason for which this side aborted an attempt, if it did. */
function abortErrorOf({ options, server }: Call, { exchange: { isSent }, loss }: Attempt): EgressError | undefined {
  if (options.signal?.aborted) return new EgressError('canceled', { sent: isSent });
  const exceeded = overBudget(server.budget, isSent);
  return exceeded ?? (loss.signal.aborted ? new EgressError('upstream_unreachable', { sent: true }) : undefined);
}

/** The outcome of an HTTP status other than success. The untrusted body is left out. */
function outcomeOfRefusal(
  { status, headers, challenge }: NonNullable<Exchange['refusal']>,
  isWrite: boolean,
  { auth, passThrough, rules }: CallOptions,
): ToolOutcome {
  const isFromRun = replacedLocation(passThrough, auth) !== undefined;
  const sentCredential = isFromRun || hasCredential(auth);
  const { error, scopes = [] } = challengeOf(challenge);
  if (status === 403 && error === 'insufficient_scope' && auth.type === 'OAUTH2' && auth.accessToken && !isFromRun)
    return failure('scope_missing', 'The service requires scopes that the user has not granted.', { status, scopes });
  const limited = isLimit({ status, headers, body: NO_BODY }, rules?.limits, {});
  const retryAfterMs = limited ? limitMs(headers, rules?.limits) : retryDelayMs(headers['retry-after']);
  if (status === 401 && !sentCredential && auth.type === 'NONE')
    return failure('upstream_error', WANTS_CREDENTIAL, { status, retryAfterMs });
  return refusalOutcome(status, {
    isMissing: !sentCredential,
    isRejected: sentCredential && !limited && isRefusedCredential(status, isFromRun),
    isFromRun,
    effectKnown: effectOf(isWrite && !limited && status >= 500),
    retryAfterMs,
    limited,
  });
}

const NO_BODY = Buffer.alloc(0);
const INPUT_EXPIRED = 'The service no longer accepts the answer to its question.';
const WANTS_CREDENTIAL =
  'The service requires a credential: the owner of the integration sets auth to OAUTH2 or API_TOKEN.';

/** The outcome of a protocol error. The server has not acted, except after an internal error. */
function protocolFault({ code, message }: ProtocolError, { isSent, secrets }: Exchange, isWrite: boolean): ToolOutcome {
  const isInternalError = code === -32603;
  return failure('upstream_error', 'The server refused the call.', {
    retryable: isInternalError,
    effectKnown: effectOf(isWrite && isInternalError && isSent),
    output: cleanText(message, secretForms(secrets)).slice(0, 2000).toWellFormed(),
  });
}

import { setTimeout as sleep } from 'node:timers/promises';
import { CallBudget } from '@errand/basics/call-budget';
import { type DescribedTool, type InputResponses, type Json, Secret, type ToolOutcome } from '@errand/contracts';
import { isInputRequiredResult, ProtocolError, SdkError, SdkErrorCode } from '@modelcontextprotocol/client';
import { EgressError, findEgressError } from '../egress/error.ts';
import { overBudget } from '../egress/within-budget.ts';
import { ArgumentsFault } from '../execute/arguments-fault.ts';
import type { CallOptions } from '../execute/call-tool.ts';
import { cleanText } from '../execute/clean.ts';
import { hasCredential } from '../execute/credential.ts';
import { failureOf, retryAfter } from '../execute/outcome.ts';
import { credentialLocation } from '../execute/pass-through.ts';
import { secretForms } from '../execute/redact.ts';
import { challengeOf } from '../oauth/challenge.ts';
import { AskedWithin, mayBeAsked } from './asked-within.ts';
import { isMcpCall } from './mcp-call.ts';
import { outcomeOfInputRequired } from './mcp-input.ts';
import { outcomeOfResult } from './mcp-result.ts';
import { NOT_STREAMABLE, withClient } from './open-client.ts';
import type { McpServer, Seen } from './server-fetch.ts';

const DEFAULT_MAX_BYTES = 256 * 1024;
const DEFAULT_TIMEOUT_MS = 30_000;
/** The frames around an answer, and what is cut from it, need room, too. */
const ROOM = 1024 * 1024;

/** How often a server may want a call again without asking anything, and the pause before it, in ms. */
const MAX_AGAIN = 3;
const AGAIN_MS = 500;

/** The call was not made: the server has ended its session, or does not speak as it did before. */
const isGone = ({ status = 0, remembered }: Seen): boolean =>
  status === 404 || (remembered === true && NOT_STREAMABLE.has(status));

/**
 * Calls a tool of an MCP server once. Faults of the arguments or of the server are outcomes; they are not thrown.
 * @param args flat, as the tool's input schema says; already validated against it
 */
export async function callMcpTool(
  tool: DescribedTool,
  args: Readonly<Record<string, Json>>,
  options: CallOptions,
): Promise<ToolOutcome> {
  if (!isMcpCall(tool.call)) throw new TypeError(`${tool.name} is not a tool of an MCP server.`);
  const { name } = tool.call;
  const { egress, signal, timeoutMs = DEFAULT_TIMEOUT_MS, maxBytes = DEFAULT_MAX_BYTES, passThrough } = options;
  const url = new URL(options.baseUrl);
  const own = url.origin === options.credentialOrigin;
  const { budget = CallBudget.ofCall(timeoutMs) } = options;
  const server: McpServer = {
    url,
    egress,
    auth: own ? options.auth : { type: 'NONE' },
    ...(own && passThrough && { passThrough }),
    tenant: options.tenant ?? '',
    budget,
    maxBytes: maxBytes + ROOM,
  };
  const writes = tool.effect === 'write';
  const asks = mayBeAsked(tool);
  let { input } = options;
  let again = 0;
  for (let attempt = 1; ; attempt++) {
    const seen: Seen = { sent: false, secrets: [] };
    const lost = new AbortController();
    const forms = () => secretForms(seen.secrets);
    const within = asks ? new AskedWithin(input ?? { answers: {} }, { forms, own: url.origin, writes }) : undefined;
    const either = AbortSignal.any([signal, lost.signal, budget.signal, within?.signal].filter((one) => !!one));
    let continues = false;
    try {
      const onLost = () => lost.abort(new EgressError('upstream_unreachable', { sent: true }));
      const result = await withClient(server, seen, { onLost, signal: either, asks }, (client) => {
        const revision = client.getNegotiatedProtocolVersion();
        const later = client.getDiscoverResult() !== undefined;
        continues = later && input !== undefined;
        if (within && !later)
          client.setRequestHandler('elicitation/create', (request) => within.answer(request, revision));
        client.setNotificationHandler('notifications/tools/list_changed', () => options.onStale?.());
        return client.callTool(
          {
            name,
            arguments: { ...args },
            ...(later && input && continuing(input)),
            ...(writes &&
              options.idempotencyKey !== undefined && { _meta: { idempotencyKey: options.idempotencyKey } }),
          },
          {
            signal: either,
            timeout: Math.min(timeoutMs, budget.remainingMs),
            resetTimeoutOnProgress: true,
            maxTotalTimeout: budget.remainingMs,
            // Without a listener the SDK asks for no progress, and nothing resets the timeout.
            onprogress: () => {},
            allowInputRequired: true,
            // For arguments that are headers, too. Its output is judged elsewhere: a misfit must not hide what was done.
            toolDefinition: { name, inputSchema: { ...tool.inputSchema, type: 'object' } },
          },
        );
      });
      if (isInputRequiredResult(result)) {
        const { requestState: state, inputRequests = {} } = result;
        const waits = state !== undefined && Object.keys(inputRequests).length === 0;
        if (!waits) return outcomeOfInputRequired(result, { forms: forms(), own: url.origin });
        if (again++ === MAX_AGAIN) return busy(writes);
        input = { answers: {}, state: new Secret(state) };
        await sleep(AGAIN_MS, undefined, { signal: either });
        continue;
      }
      const outcome = outcomeOfResult(result, { forms: forms(), writes, maxBytes });
      if (!outcome.ok && typeof outcome.output === 'string' && saysUnknown(outcome.output)) options.onStale?.();
      return outcome;
    } catch (error) {
      if (within?.outcome && !signal?.aborted) return within.outcome;
      if (isGone(seen) && attempt === 1 && !either.aborted) continue;
      if (error instanceof ProtocolError && saysUnknown(error.message)) options.onStale?.();
      const aborted = signal?.aborted === true;
      return failed(error, { seen, writes, options, aborted, lost: lost.signal.aborted, budget, continues });
    }
  }
}

/** Whether a server says that it has no such tool: it answers so by an error of the protocol, or as a failure of the tool. */
const saysUnknown = (text: string): boolean =>
  /\b(?:unknown|no such|invalid) tool\b|\btool\b[^.\n]{0,150}\b(?:not found|unknown|does not exist|disabled)\b/i.test(
    text.slice(0, 500),
  );

/** What the same call carries once the user has answered. */
const continuing = ({ answers, state }: InputResponses) => ({
  ...(Object.keys(answers).length > 0 && { inputResponses: answers as never }),
  ...(state && { requestState: state.reveal() }),
});

const busy = (writes: boolean): ToolOutcome => ({
  ok: false,
  code: 'upstream_error',
  message: 'The server wants the call again and again.',
  retryable: true,
  effectKnown: writes ? 'unknown' : 'no',
});

type Failing = {
  seen: Seen;
  writes: boolean;
  options: CallOptions;
  aborted: boolean;
  lost: boolean;
  budget: CallBudget;
  /** Whether answers went out with the call. */
  continues: boolean;
};

function failed(error: unknown, { seen, writes, options, aborted, lost, budget, continues }: Failing): ToolOutcome {
  if (error instanceof ArgumentsFault)
    return { ok: false, code: error.code, message: error.message, retryable: false, effectKnown: 'no' };
  const { sent, status } = seen;
  if (aborted) return failureOf(new EgressError('canceled', { sent }), writes);
  const over = overBudget(budget, sent);
  if (over) return failureOf(over, writes);
  if (lost) return failureOf(new EgressError('upstream_unreachable', { sent: true }), writes);
  if (status !== undefined) return refused(seen, writes, options);
  if (error instanceof ProtocolError)
    return error.code === -32602 && continues ? expired(writes) : protocolFault(error, seen, writes);
  const egress = findEgressError(error);
  if (egress) return failureOf(new EgressError(egress.code, { sent: sent && egress.sent }), writes);
  const late = error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout;
  return failureOf(new EgressError(late ? 'upstream_timeout' : 'upstream_unreachable', { sent }), writes);
}

/** The server answered with an HTTP status that is no success. What its body says stays out: it may hold anything. */
function refused(seen: Seen, writes: boolean, options: CallOptions): ToolOutcome {
  const { status = 0, retryAfter: after } = seen;
  const { auth, passThrough } = options;
  const ofRun = credentialLocation(passThrough, auth) !== undefined;
  const sentCredential = ofRun || hasCredential(auth);
  const rejected = sentCredential && (status === 401 || (ofRun && status === 403));
  const { error, scopes = [] } = challengeOf(seen.challenge);
  if (status === 403 && error === 'insufficient_scope' && auth.type === 'OAUTH2' && auth.accessToken && !ofRun) {
    const message = 'The service wants more rights than the user has given.';
    return { ok: false, code: 'scope_missing', message, retryable: false, effectKnown: 'no', status, scopes };
  }
  const missing = status === 401 && !sentCredential && auth.type !== 'NONE';
  const retryAfterMs = retryAfter(after, Date.now());
  return {
    ok: false,
    code: missing ? 'credential_missing' : rejected ? 'credential_rejected' : 'upstream_error',
    message: missing
      ? 'The service wants a credential, and there is none.'
      : status === 401 && !sentCredential
        ? 'The service wants a credential: the owner of the integration sets auth to OAUTH2 or API_TOKEN.'
        : rejected
          ? `The service refused the credential${ofRun ? ' of passThrough' : ''}, with status ${status}.`
          : `The service answered with status ${status}.`,
    retryable: status === 408 || status === 425 || status === 429 || status >= 500,
    effectKnown: writes && status >= 500 ? 'unknown' : 'no',
    status,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** The server does not take the state of before, or the answers: what it had done by then, nobody knows. */
const expired = (writes: boolean): ToolOutcome => ({
  ok: false,
  code: 'input_expired',
  message: 'The service does not take the answer any more: it has forgotten what it asked.',
  retryable: false,
  effectKnown: writes ? 'unknown' : 'no',
});

/** The server answered with an error of the protocol: except for an internal one it has not acted. */
function protocolFault({ code, message }: ProtocolError, { sent, secrets }: Seen, writes: boolean): ToolOutcome {
  const unknown = code === -32603;
  return {
    ok: false,
    code: 'upstream_error',
    message: 'The server refused the call.',
    retryable: unknown,
    effectKnown: writes && unknown && sent ? 'unknown' : 'no',
    output: cleanText(message, secretForms(secrets)).slice(0, 2000).toWellFormed(),
  };
}

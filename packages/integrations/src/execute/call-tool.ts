import type { CallBudget } from '@errand/basics/call-budget';
import type { DescribedTool, InputResponses, Json, ToolOutcome } from '@errand/contracts';
import type { Egress } from '../egress/egress.ts';
import { EgressError } from '../egress/error.ts';
import { withinBudget } from '../egress/within-budget.ts';
import { ArgumentsFault } from './arguments-fault.ts';
import { buildRequest } from './build.ts';
import { attach, type CallAuth, hasCredential } from './credential.ts';
import { type HttpCall, isHttpCall } from './http-call.ts';
import { failure, failureOf, outcomeOf } from './outcome.ts';
import { ParseQueue } from './parse-queue.ts';
import { credentialLocation, type PassThrough } from './pass-through.ts';
import { secretForms } from './redact.ts';

export type CallOptions = {
  /** Where the service is called, with its base path. */
  baseUrl: string;
  auth: CallAuth;
  /** Headers and parameters to add. One with the name of the integration's own credential replaces it. */
  passThrough?: PassThrough;
  /** The only origin to which the credential and `passThrough` are sent. */
  credentialOrigin: string;
  egress: Egress;
  /** Sent with writes as `Idempotency-Key`. */
  idempotencyKey?: string;
  /** Called when an MCP server says that its list of tools is another one by now; perhaps more than once. */
  onStale?: () => void;
  /** What the call goes on with, when the service had asked something. */
  input?: InputResponses;
  signal?: AbortSignal;
  /** What all attempts at the call may cost together. */
  budget?: CallBudget;
  /** Time for this attempt in ms; 30 000 when absent. */
  timeoutMs?: number;
  /** Largest answer in bytes, decoded; 256 KiB when absent. */
  maxBytes?: number;
  /** Keeps connections of one tenant apart from those of others. */
  tenant?: string;
};

const DEFAULT_MAX_BYTES = 256 * 1024;
const DEFAULT_TIMEOUT_MS = 30_000;

/** Shared by all calls of a process, because they share its event loop. */
const parsing = new ParseQueue();

/**
 * Calls a tool of an OpenAPI document once. Faults of the arguments or of the service are outcomes; they are not thrown.
 * @param args grouped as the tool's input schema groups them; already validated against it
 */
export async function callTool(
  tool: DescribedTool,
  args: Readonly<Record<string, Json>>,
  options: CallOptions,
): Promise<ToolOutcome> {
  if (!isHttpCall(tool.call)) throw new TypeError(`${tool.name} is not a tool of an OpenAPI document.`);
  const { method } = tool.call;
  const writes = tool.effect === 'write';
  const { signal, budget, tenant, maxBytes = DEFAULT_MAX_BYTES, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const egress = budget ? withinBudget(options.egress, budget) : options.egress;
  try {
    const { request, secrets, ...sent } = await prepare(tool.call, args, { ...options, writes });
    const { url, headers, body } = request;
    const call = { method, url, headers, body, signal, tenant, timeoutMs, maxBytes };
    const received = await egress.request({ ...call, whenTooLarge: 'cut', credentials: true });
    await parsing.wait(received.body.length);
    return outcomeOf(received, { writes, forms: secretForms(secrets), ...sent }, Date.now());
  } catch (error) {
    if (error instanceof ArgumentsFault) return failure(error.code, error.message);
    if (error instanceof EgressError) return failureOf(error, writes);
    throw error;
  }
}

/**
 * Builds the request of a call with its credential, and says which credential it carries.
 * @throws ArgumentsFault
 */
async function prepare(
  call: HttpCall,
  args: Readonly<Record<string, Json>>,
  { auth, passThrough, baseUrl, credentialOrigin, idempotencyKey, writes }: CallOptions & { writes: boolean },
) {
  const request = buildRequest(call, args, baseUrl);
  const secrets: string[] = [];
  if (writes && idempotencyKey !== undefined) request.headers['idempotency-key'] = idempotencyKey;
  const ofRun = credentialLocation(passThrough, auth) !== undefined;
  // An operation with a server of its own is called at another origin, to which no credential is sent.
  const mayCarry = call.server === undefined && request.url.origin === credentialOrigin;
  if (mayCarry) {
    await attach(request, { method: call.method, auth, args, passThrough }, secrets);
  } else if (ofRun && !call.anonymous) {
    const message = `The operation is called at ${request.url.origin}, and the credential of passThrough is for ${credentialOrigin} alone.`;
    throw new ArgumentsFault(message, 'pass_through_refused');
  }
  const isPassed = ofRun || (auth.type === 'NONE' && passThrough !== undefined);
  return {
    request,
    secrets,
    sentCredential: mayCarry && (hasCredential(auth) || isPassed),
    ofRun,
    needsCredential: mayCarry && auth.type !== 'NONE',
    ofAws: auth.type === 'AWS_ASSUME_ROLE',
  };
}

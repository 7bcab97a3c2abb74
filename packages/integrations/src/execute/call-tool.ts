import type { Json, Secret, ToolOutcome, ToolSpec } from '@errand/contracts';
import type { Egress } from '../egress/egress.ts';
import { EgressError } from '../egress/error.ts';
import { isForbiddenHeader } from '../egress/headers.ts';
import type { ToolAuth } from '../openapi/security.ts';
import { ArgumentsFault } from './arguments-fault.ts';
import { type BuiltRequest, buildRequest } from './build.ts';
import { type HttpCall, isHttpCall } from './http-call.ts';
import { failureOf, outcomeOf } from './outcome.ts';
import { secretForms } from './scrub.ts';

/** What the caller of a run hands on to one integration; never stored, never shown. */
export type PassThrough = { headers?: Readonly<Record<string, Secret>>; query?: Readonly<Record<string, Secret>> };

export type CallOptions = {
  /** Where the service stands, with its base path; the credential goes to this origin only. */
  baseUrl: string;
  auth: ToolAuth & { token?: Secret };
  egress: Egress;
  /** Sent with writes as `Idempotency-Key`. */
  idempotencyKey?: string;
  passThrough?: PassThrough;
  signal?: AbortSignal;
  /** Time for the whole call in ms; 30 000 when absent. */
  timeoutMs?: number;
  /** Largest answer in bytes, decoded; 256 KiB when absent. */
  maxBytes?: number;
  /** Keeps connections of one tenant apart from those of others. */
  tenant?: string;
};

const defaultMaxBytes = 256 * 1024;
const defaultTimeoutMs = 30_000;

/**
 * Calls a tool of an OpenAPI document once. Never throws for what the arguments or the service do: that is an outcome.
 * @param args grouped as the tool's input schema groups them; they should have been validated against it
 */
export async function callTool(
  tool: ToolSpec,
  args: Readonly<Record<string, Json>>,
  options: CallOptions,
): Promise<ToolOutcome> {
  if (!isHttpCall(tool.call)) throw new TypeError(`${tool.name} is not a tool of an OpenAPI document.`);
  const call: HttpCall = tool.call;
  const writes = tool.effect === 'write';
  let request: BuiltRequest;
  const secrets: string[] = [];
  try {
    request = buildRequest(call, args, options.baseUrl);
    if (writes && options.idempotencyKey !== undefined) request.headers['idempotency-key'] = options.idempotencyKey;
    // An operation with a server of its own stands on another origin, to which no credential is sent.
    if (call.server === undefined) attach(request, options, secrets);
  } catch (error) {
    if (!(error instanceof ArgumentsFault)) throw error;
    return { ok: false, code: 'tool_args_invalid', message: error.message, retryable: false, effectKnown: 'no' };
  }
  const { egress, signal, tenant, maxBytes = defaultMaxBytes, timeoutMs = defaultTimeoutMs } = options;
  try {
    const received = await egress.request({
      method: call.method,
      url: request.url,
      headers: request.headers,
      ...(request.body !== undefined && { body: request.body }),
      ...(signal && { signal }),
      ...(tenant !== undefined && { tenant }),
      timeoutMs,
      maxBytes,
      whenTooLarge: 'cut',
      credentials: true,
    });
    const forms = secretForms(secrets);
    const hadToken = options.auth.token !== undefined;
    return outcomeOf(received, { writes, forms, hadToken, needsToken: options.auth.type !== 'NONE' }, Date.now());
  } catch (error) {
    if (error instanceof EgressError) return failureOf(error, writes);
    throw error;
  }
}

/** Adds the credential and what is passed through; a value that cannot be sent is told without showing it. */
function attach(request: BuiltRequest, { auth, passThrough }: CallOptions, secrets: string[]): void {
  for (const [name, value] of Object.entries(passThrough?.query ?? {})) {
    request.url.searchParams.set(name, reveal(value, secrets));
  }
  for (const [name, value] of Object.entries(passThrough?.headers ?? {})) {
    if (!isForbiddenHeader(name)) request.headers[name.toLowerCase()] = reveal(value, secrets);
  }
  if (auth.type === 'NONE' || auth.token === undefined) return;
  const token = reveal(auth.token, secrets).trim();
  const prefix = spaced(auth.prefix ?? '', auth.in);
  const text = prefix + (prefix === 'Basic ' && token.includes(':') ? Buffer.from(token).toString('base64') : token);
  if (auth.in === 'query') request.url.searchParams.set(auth.name ?? 'api_key', text);
  else request.headers[(auth.name ?? 'Authorization').toLowerCase()] = text;
}

/** `Bearer` means `Bearer `: a scheme that ends in a letter is followed by a space. */
const spaced = (prefix: string, place: ToolAuth['in']): string =>
  place !== 'query' && /[a-zA-Z]$/.test(prefix) ? `${prefix} ` : prefix;

function reveal(secret: Secret, secrets: string[]): string {
  const value = secret.reveal();
  secrets.push(value);
  // The egress would refuse it too, but its words are about arguments.
  if (/[\r\n\0]/.test(value.trim())) throw new ArgumentsFault('The credential holds a line end and cannot be sent.');
  return value;
}

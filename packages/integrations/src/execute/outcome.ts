import type { Json, ToolOutcome } from '@errand/contracts';
import type { EgressError } from '../egress/error.ts';
import { retryDelayMs } from '../egress/headers.ts';
import type { Received } from '../egress/receive.ts';
import { cleanJson, cleanText, TooDeep } from './clean.ts';

const MAX_ERROR_BYTES = 2_048;
const MAX_LINK_CHARS = 4_096;
const CUT_MARK = '\n[cut]';

export type Reading = {
  writes: boolean;
  forms: readonly string[];
  /** Whether a credential was sent: the integration's, or the one that the caller of the run passed. */
  sentCredential: boolean;
  /** Whether the passed credential replaced the integration's: only the caller of the run can correct it. */
  ofRun: boolean;
  needsCredential: boolean;
  ofAws: boolean;
};

export type Failure = Extract<ToolOutcome, { ok: false }>;

/** A failure without an effect that is not worth a retry, unless `more` says otherwise. */
export const failure = (code: string, message: string, more?: Partial<Failure>): Failure => ({
  ok: false,
  code,
  message,
  retryable: false,
  effectKnown: 'no',
  ...more,
});

/** The effect of a failed call, which is unknown if the call may have written. */
export const effectOf = (mayHaveWritten: boolean): Failure['effectKnown'] => (mayHaveWritten ? 'unknown' : 'no');

const mediaType = (headers: Record<string, string>): string =>
  ((headers['content-type'] ?? '').split(';')[0] ?? '').trim().toLowerCase();
const isJson = (type: string): boolean => type === 'application/json' || type.endsWith('+json');
const isText = (type: string): boolean =>
  type.startsWith('text/') ||
  /^application\/(?:xml|javascript|x-ndjson|yaml|x-www-form-urlencoded)$/.test(type) ||
  type.endsWith('+xml');

export function outcomeOf(received: Received, reading: Reading): ToolOutcome {
  const { status } = received;
  return status >= 200 && status < 300 ? success(received, reading) : refusal(received, reading);
}

/** A write whose output cannot be stored is still a success: a repetition would write again. */
function success(received: Received, reading: Reading): ToolOutcome {
  const { status, body, headers, truncated } = received;
  const type = mediaType(headers);
  const note = (reason: string): Json => ({
    note: reason,
    contentType: cleanText(type, reading.forms),
    bytes: body.length,
  });
  const fail = (code: string, message: string): ToolOutcome =>
    reading.writes ? { ok: true, status, output: note(message) } : failure(code, message, { status });
  const link = nextPage(headers.link, reading.forms);
  const ok = (output: Json): ToolOutcome => ({ ok: true, status, output, ...(link && { link }) });
  if (body.length === 0) return ok(null);
  if (isJson(type) || type === '') {
    if (truncated) return fail('upstream_too_large', 'The answer of the service is too large.');
    try {
      return ok(cleanJson(JSON.parse(decode(body)) as Json, reading.forms));
    } catch (error) {
      if (error instanceof TooDeep)
        return fail('upstream_too_large', 'The answer of the service is nested too deeply.');
      if (type !== '') return fail('upstream_error', 'The answer of the service is not valid JSON.');
    }
  }
  if (isText(type) || type === '') return ok(textOf(received, reading));
  return ok(note('Only JSON and text are read.'));
}

/** The query parameters of the next page in a Link header (RFC 8288). The address itself is never called. */
function nextPage(header: string | undefined, forms: readonly string[]): { [parameter: string]: string } | undefined {
  if (header === undefined || header.length > MAX_LINK_CHARS) return undefined;
  for (const [, address = '', parameters = ''] of header.matchAll(/<([^<>]*)>([^<]*)/g)) {
    if (!/;\s*rel\s*=\s*(?:next\b|"[^"]*\bnext\b[^"]*")/i.test(parameters)) continue;
    if (!URL.canParse(address, 'http://service.invalid')) return undefined;
    const { searchParams } = new URL(address, 'http://service.invalid');
    return cleanJson(Object.fromEntries(searchParams), forms) as { [parameter: string]: string };
  }
  return undefined;
}

const decode = (body: Buffer): string => new TextDecoder('utf-8').decode(body);

/** The body as text. At a cut end, a possible beginning of a secret is cut off as well. */
function textOf({ body, truncated }: Received, { forms }: Reading): string {
  const text = decode(body).replace(/\uFFFD+$/, truncated ? '' : '$&');
  const clean = cleanText(text, forms);
  return truncated ? clean.slice(0, Math.max(0, clean.length - (forms[0]?.length ?? 0))) + CUT_MARK : clean;
}

function refusal(received: Received, reading: Reading): Failure {
  const { status, headers } = received;
  const { sentCredential, needsCredential, ofRun } = reading;
  const isExpired = reading.ofAws && isExpiredSession(received);
  return refusedWith(status, {
    isMissing: needsCredential && !sentCredential,
    isRejected: sentCredential && (isRefusedCredential(status, ofRun) || isExpired),
    ofRun,
    effectKnown: effectOf(reading.writes && (status >= 500 || status < 400)),
    output: errorBody(received, reading),
    retryAfterMs: retryDelayMs(headers['retry-after']),
  });
}

/** Whether a status means that the credential was refused: 401, and 403 for one that the caller of the run passed. */
export const isRefusedCredential = (status: number, ofRun: boolean): boolean =>
  status === 401 || (ofRun && status === 403);

type Refusal = Pick<Failure, 'effectKnown' | 'output' | 'retryAfterMs'> & {
  isMissing: boolean;
  isRejected: boolean;
  ofRun: boolean;
};

export function refusedWith(status: number, { isMissing, isRejected, ofRun, ...more }: Refusal): Failure {
  if (status === 401 && isMissing)
    return failure('credential_missing', 'The service requires a credential, and there is none.', { status, ...more });
  const message = isRejected
    ? `The service refused the credential${ofRun ? ' of passThrough' : ''}, with status ${status}.`
    : `The service answered with status ${status}.`;
  const retryable = [408, 425, 429].includes(status) || status >= 500;
  return failure(isRejected ? 'credential_rejected' : 'upstream_error', message, { status, retryable, ...more });
}

/** AWS reports an expired session by the name of its error, with status 400 or 403. */
const isExpiredSession = ({ status, body }: Received): boolean =>
  (status === 400 || status === 403) &&
  /\bExpiredToken(?:Exception)?\b/.test(body.toString('utf8', 0, MAX_ERROR_BYTES));

/** At most 2 KiB of the service's error. */
function errorBody(received: Received, reading: Reading): Json | undefined {
  const { body, headers } = received;
  const type = mediaType(headers);
  if (body.length === 0 || !(isJson(type) || isText(type) || type === '')) return undefined;
  if (isJson(type) && body.length <= MAX_ERROR_BYTES) {
    try {
      return cleanJson(JSON.parse(decode(body)) as Json, reading.forms);
    } catch {}
  }
  // Redacted before the cut, so that no part of a secret remains at the end.
  return cutError(textOf(received, reading));
}

/** The text of an error, at most 2 KiB. */
export const cutError = (text: string): string =>
  text.length > MAX_ERROR_BYTES ? text.slice(0, MAX_ERROR_BYTES).toWellFormed() + CUT_MARK : text;

/** The outcome of a call without an answer. */
export function failureOf(error: EgressError, writes: boolean): Failure {
  // With 307 and 308 the service has not acted on the request. With other redirects it may have.
  const notActed = error.status === 307 || error.status === 308;
  return failure(error.code === 'request_not_allowed' ? 'tool_args_invalid' : error.code, error.message, {
    retryable: error.code === 'upstream_timeout' || error.code === 'upstream_unreachable',
    effectKnown: effectOf(writes && error.sent && !notActed),
    status: error.status,
  });
}

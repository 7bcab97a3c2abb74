import type { Json, ToolOutcome } from '@errand/contracts';
import type { EgressError } from '../egress/error.ts';
import type { Received } from '../egress/receive.ts';
import { cleanJson, cleanText, TooDeep } from './clean.ts';

const MAX_ERROR_BYTES = 2_048;
const MAX_LINK_CHARS = 4_096;
const LONGEST_RETRY_MS = 3_600_000;
const CUT_MARK = '\n[cut]';

export type Reading = {
  /** Whether the call may have changed something. */
  writes: boolean;
  /** Forms of the secrets that were sent. */
  forms: readonly string[];
  /** Whether a credential was sent: the integration's own, or one that the caller of the run passed. */
  sentCredential: boolean;
  /** Whether it stands in for the integration's own: nobody else can give another one. */
  ofRun: boolean;
  /** Whether the integration has a credential of its own. */
  needsCredential: boolean;
  /** Whether the credential is a session of AWS. */
  ofAws: boolean;
};

export type Failure = Extract<ToolOutcome, { ok: false }>;

/** A failure without an effect that no retry mends, unless `more` says otherwise. */
export const failure = (code: string, message: string, more?: Partial<Failure>): Failure => ({
  ok: false,
  code,
  message,
  retryable: false,
  effectKnown: 'no',
  ...more,
});

const mediaType = (headers: Record<string, string>): string =>
  ((headers['content-type'] ?? '').split(';')[0] ?? '').trim().toLowerCase();
const isJson = (type: string): boolean => type === 'application/json' || type.endsWith('+json');
const isText = (type: string): boolean =>
  type.startsWith('text/') ||
  /^application\/(?:xml|javascript|x-ndjson|yaml|x-www-form-urlencoded)$/.test(type) ||
  type.endsWith('+xml');

/** What an answer of the service means for the step that asked. */
export function outcomeOf(received: Received, reading: Reading, now: number): ToolOutcome {
  const { status } = received;
  return status >= 200 && status < 300 ? success(received, reading) : refusal(received, reading, now);
}

/** A success whose output cannot be kept is still a success when it wrote: calling again would write again. */
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
      if (type !== '') return fail('upstream_error', 'The service said JSON and sent something else.');
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

/** A text, cut at its end; what may be the beginning of a secret there is cut too. */
function textOf({ body, truncated }: Received, { forms }: Reading): string {
  const text = decode(body).replace(/\uFFFD+$/, truncated ? '' : '$&');
  const clean = cleanText(text, forms);
  return truncated ? clean.slice(0, Math.max(0, clean.length - (forms[0]?.length ?? 0))) + CUT_MARK : clean;
}

function refusal(received: Received, reading: Reading, now: number): Failure {
  const { status, headers } = received;
  const { sentCredential, needsCredential, ofRun } = reading;
  const isExpired = reading.ofAws && isExpiredSession(received);
  return refusedWith(status, {
    isMissing: needsCredential && !sentCredential,
    isRejected: sentCredential && (isRefusedCredential(status, ofRun) || isExpired),
    ofRun,
    effectKnown: reading.writes && (status >= 500 || status < 400) ? 'unknown' : 'no',
    output: errorBody(received, reading),
    retryAfterMs: retryAfter(headers['retry-after'], now),
  });
}

/** Whether a status means that the credential was refused: 401, and 403 for one that the caller of the run passed. */
export const isRefusedCredential = (status: number, ofRun: boolean): boolean =>
  status === 401 || (ofRun && status === 403);

type Refusal = Pick<Failure, 'effectKnown' | 'output' | 'retryAfterMs'> & {
  /** The integration has a credential, and none was sent. */
  isMissing: boolean;
  /** The service refused the credential that was sent. */
  isRejected: boolean;
  /** The caller of the run passed the credential. */
  ofRun: boolean;
};

/** The failure of a call that a service answered with a status other than success. */
export function refusedWith(status: number, { isMissing, isRejected, ofRun, ...more }: Refusal): Failure {
  if (status === 401 && isMissing)
    return failure('credential_missing', 'The service wants a credential, and there is none.', { status, ...more });
  const message = isRejected
    ? `The service refused the credential${ofRun ? ' of passThrough' : ''}, with status ${status}.`
    : `The service answered with status ${status}.`;
  const retryable = [408, 425, 429].includes(status) || status >= 500;
  return failure(isRejected ? 'credential_rejected' : 'upstream_error', message, { status, retryable, ...more });
}

/** AWS tells a session that has run out by the name of its error, with status 400 or 403. */
const isExpiredSession = ({ status, body }: Received): boolean =>
  (status === 400 || status === 403) &&
  /\bExpiredToken(?:Exception)?\b/.test(body.toString('utf8', 0, MAX_ERROR_BYTES));

/** At most 2 KiB of what the service said about its refusal. */
function errorBody(received: Received, reading: Reading): Json | undefined {
  const { body, headers } = received;
  const type = mediaType(headers);
  if (body.length === 0 || !(isJson(type) || isText(type) || type === '')) return undefined;
  if (isJson(type) && body.length <= MAX_ERROR_BYTES) {
    try {
      return cleanJson(JSON.parse(decode(body)) as Json, reading.forms);
    } catch {
      // Shown as a text.
    }
  }
  // Cleaned before it is cut, so that no half of a secret is left at the end.
  const text = textOf(received, reading);
  return text.length > MAX_ERROR_BYTES ? text.slice(0, MAX_ERROR_BYTES).toWellFormed() + CUT_MARK : text;
}

/** Retry-After (RFC 9110 §10.2.3), seconds or a date, in ms; at most an hour. */
export function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), LONGEST_RETRY_MS) : undefined;
}

/** What a call that got no answer means for its step. */
export function failureOf(error: EgressError, writes: boolean): Failure {
  // 307 and 308 ask to send the request elsewhere: it was not acted upon. After the others it may have been.
  const notActed = error.status === 307 || error.status === 308;
  return failure(error.code === 'request_not_allowed' ? 'tool_args_invalid' : error.code, error.message, {
    retryable: error.code === 'upstream_timeout' || error.code === 'upstream_unreachable',
    effectKnown: writes && error.sent && !notActed ? 'unknown' : 'no',
    status: error.status,
  });
}

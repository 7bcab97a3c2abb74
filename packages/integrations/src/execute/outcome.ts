import type { Json, ToolOutcome } from '@errand/contracts';
import type { EgressError } from '../egress/error.ts';
import { retryDelayMs } from '../egress/headers.ts';
import type { EgressResponse } from '../egress/receive.ts';
import { cleanJson, cleanText, isClean, TooDeep } from './clean.ts';

const MAX_ERROR_BYTES = 2_048;
const MAX_LINK_CHARS = 4_096;
const CUT_MARK = '\n[cut]';

export type OutcomeContext = {
  isWrite: boolean;
  secretForms: readonly string[];
  /** Whether a credential was sent: the integration's, or the one that the caller of the run passed. */
  sentCredential: boolean;
  /** Whether the passed credential replaced the integration's: only the caller of the run can correct it. */
  isFromRun: boolean;
  needsCredential: boolean;
  isAws: boolean;
};

export type Failure = Extract<ToolOutcome, { ok: false }>;

/** A failure without an effect that is not worth a retry, unless `details` say otherwise. */
export const failure = (code: string, message: string, details?: Partial<Failure>): Failure => ({
  ok: false,
  code,
  message,
  retryable: false,
  effectKnown: 'no',
  ...details,
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

export function outcomeOf(response: EgressResponse, context: OutcomeContext): ToolOutcome {
  const { status } = response;
  return status >= 200 && status < 300 ? successOutcome(response, context) : refusalOfResponse(response, context);
}

/** A write whose output cannot be stored is still a success: a repetition would write again. */
function successOutcome(response: EgressResponse, context: OutcomeContext): ToolOutcome {
  const { status, body, headers, truncated } = response;
  const type = mediaType(headers);
  const noteOutput = (reason: string): Json => ({
    note: reason,
    contentType: cleanText(type, context.secretForms),
    bytes: body.length,
  });
  const fail = (code: string, message: string): ToolOutcome =>
    context.isWrite ? { ok: true, status, output: noteOutput(message) } : failure(code, message, { status });
  const link = nextPage(headers.link, context.secretForms);
  const ok = (answer: ServiceOutput): ToolOutcome => ({ ok: true, status, ...answer, ...(link && { link }) });
  if (body.length === 0) return ok({ output: null });
  if (isJson(type) || type === '') {
    if (truncated) return fail('upstream_too_large', 'The answer of the service is too large.');
    try {
      return ok(cleanOutput(decode(body), context.secretForms));
    } catch (error) {
      if (error instanceof TooDeep)
        return fail('upstream_too_large', 'The answer of the service is nested too deeply.');
      if (type !== '') return fail('upstream_error', 'The answer of the service is not valid JSON.');
    }
  }
  if (isText(type) || type === '') return ok({ output: textOf(response, context) });
  return ok({ output: noteOutput('Only JSON and text are read.') });
}

type ServiceOutput = Pick<Extract<ToolOutcome, { ok: true }>, 'output' | 'outputText'>;

/** @throws SyntaxError, TooDeep */
function cleanOutput(text: string, secretForms: readonly string[]): ServiceOutput {
  const output = JSON.parse(text) as Json;
  return isClean(text, output, secretForms) ? { output, outputText: text } : { output: cleanJson(output, secretForms) };
}

/** The query parameters of the next page in a Link header (RFC 8288). The address itself is never called. */
function nextPage(header: string | undefined, secretForms: readonly string[]): Record<string, string> | undefined {
  if (header === undefined || header.length > MAX_LINK_CHARS) return undefined;
  for (const [, address = '', parameters = ''] of header.matchAll(/<([^<>]*)>([^<]*)/g)) {
    if (!/;\s*rel\s*=\s*(?:next\b|"[^"]*\bnext\b[^"]*")/i.test(parameters)) continue;
    if (!URL.canParse(address, 'http://service.invalid')) return undefined;
    const { searchParams } = new URL(address, 'http://service.invalid');
    return cleanJson(Object.fromEntries(searchParams), secretForms) as { [parameter: string]: string };
  }
  return undefined;
}

const decode = (body: Buffer): string => new TextDecoder('utf-8').decode(body);

/** The body as text. At a cut end, a possible beginning of a secret is cut off as well. */
function textOf({ body, truncated }: EgressResponse, { secretForms }: OutcomeContext): string {
  const text = decode(body).replace(/\uFFFD+$/, truncated ? '' : '$&');
  const clean = cleanText(text, secretForms);
  return truncated ? clean.slice(0, Math.max(0, clean.length - (secretForms[0]?.length ?? 0))) + CUT_MARK : clean;
}

function refusalOfResponse(response: EgressResponse, context: OutcomeContext): Failure {
  const { status, headers } = response;
  const { sentCredential, needsCredential, isFromRun } = context;
  const isExpired = context.isAws && isExpiredSession(response);
  return refusalOutcome(status, {
    isMissing: needsCredential && !sentCredential,
    isRejected: sentCredential && (isRefusedCredential(status, isFromRun) || isExpired),
    isFromRun,
    effectKnown: effectOf(context.isWrite && (status >= 500 || status < 400)),
    output: errorBody(response, context),
    retryAfterMs: retryDelayMs(headers['retry-after']),
  });
}

/** Whether a status means that the credential was refused: 401, and 403 for one that the caller of the run passed. */
export const isRefusedCredential = (status: number, isFromRun: boolean): boolean =>
  status === 401 || (isFromRun && status === 403);

type Refusal = Pick<Failure, 'effectKnown' | 'output' | 'retryAfterMs'> & {
  isMissing: boolean;
  isRejected: boolean;
  isFromRun: boolean;
};

export function refusalOutcome(status: number, { isMissing, isRejected, isFromRun, ...rest }: Refusal): Failure {
  if (status === 401 && isMissing)
    return failure('credential_missing', 'The service requires a credential, and there is none.', { status, ...rest });
  const message = isRejected
    ? `The service refused the credential${isFromRun ? ' of passThrough' : ''}, with status ${status}.`
    : `The service answered with status ${status}.`;
  const retryable = [408, 425, 429].includes(status) || status >= 500;
  return failure(isRejected ? 'credential_rejected' : 'upstream_error', message, { status, retryable, ...rest });
}

/** AWS reports an expired session by the name of its error, with status 400 or 403. */
const isExpiredSession = ({ status, body }: EgressResponse): boolean =>
  (status === 400 || status === 403) &&
  /\bExpiredToken(?:Exception)?\b/.test(body.toString('utf8', 0, MAX_ERROR_BYTES));

/** At most 2 KiB of the service's error. */
function errorBody(response: EgressResponse, context: OutcomeContext): Json | undefined {
  const { body, headers } = response;
  const type = mediaType(headers);
  if (body.length === 0 || !(isJson(type) || isText(type) || type === '')) return undefined;
  if (isJson(type) && body.length <= MAX_ERROR_BYTES) {
    try {
      return cleanJson(JSON.parse(decode(body)) as Json, context.secretForms);
    } catch {}
  }
  // Redacted before the cut, so that no part of a secret remains at the end.
  return cutError(textOf(response, context));
}

/** The text of an error, at most 2 KiB. */
export const cutError = (text: string): string =>
  text.length > MAX_ERROR_BYTES ? text.slice(0, MAX_ERROR_BYTES).toWellFormed() + CUT_MARK : text;

/** The outcome of a call without an answer. */
export function failureOfError(error: EgressError, isWrite: boolean): Failure {
  // With 307 and 308 the service has not acted on the request. With other redirects it may have.
  const notActed = error.status === 307 || error.status === 308;
  return failure(error.code === 'request_not_allowed' ? 'tool_args_invalid' : error.code, error.message, {
    retryable: error.code === 'upstream_timeout' || error.code === 'upstream_unreachable',
    effectKnown: effectOf(isWrite && error.sent && !notActed),
    status: error.status,
  });
}

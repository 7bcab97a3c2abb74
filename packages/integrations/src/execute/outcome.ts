import { StringDecoder } from 'node:string_decoder';
import type { Json, PageRules, Rules, ToolOutcome } from '@errand/contracts';
import type { EgressError } from '../egress/error.ts';
import { retryDelayMs } from '../egress/headers.ts';
import type { EgressResponse } from '../egress/receive.ts';
import { type BodyRefusal, kindOfError, refusalInBody } from './answer-rules.ts';
import { cleanJson, cleanText, isClean, TooDeep } from './clean.ts';
import { isLimit, limitMs } from './limits.ts';
import { linkInBody, linkInHeader } from './next-page.ts';

const MAX_ERROR_BYTES = 2_048;
/** Bytes of an answer with an error status in which rules look for its word. */
const MAX_WORD_BYTES = 65_536;
const MAX_WORD_CHARS = 100;
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
  /** How the owner of the integration says that answers are read. */
  rules?: Rules | undefined;
  pageRules?: PageRules | undefined;
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

/** An answer with a status of success. Its body may state a refusal. */
function successOutcome(response: EgressResponse, context: OutcomeContext): ToolOutcome {
  const { status, body, headers } = response;
  const type = mediaType(headers);
  const link = linkInHeader(headers.link, context.secretForms);
  const ok = (answer: ServiceOutput): ToolOutcome => ({ ok: true, status, ...(link && { link }), ...answer });
  if (body.length === 0) return ok({ output: null });
  if (isJson(type) || type === '') {
    const outcome = jsonOutcome(response, context, ok);
    if (outcome) return outcome;
  }
  if (isText(type) || type === '') return ok({ output: textOf(response, context) });
  return ok({ output: noteOf(response, context, 'Only JSON and text are read.') });
}

/** The outcome of an answer in JSON; undefined if its type is not stated and it is none. */
function jsonOutcome(
  response: EgressResponse,
  context: OutcomeContext,
  ok: (answer: ServiceOutput) => ToolOutcome,
): ToolOutcome | undefined {
  const { rules, secretForms, pageRules } = context;
  const fail = (code: string, message: string) => unreadableOutcome(response, context, { code, message });
  if (response.truncated) return fail('upstream_too_large', 'The answer of the service is too large.');
  try {
    const text = decode(response.body);
    const json = JSON.parse(text) as Json;
    const refusal = rules?.answers && refusalInBody(json, rules.answers);
    if (refusal) return refusalInSuccess(response, refusal, context);
    // Read first, because cleaning changes the value.
    const link = response.headers.link === undefined && linkInBody(json, pageRules?.linkIn, secretForms);
    return ok({ ...cleanOutput(text, json, secretForms), ...(link && { link }) });
  } catch (error) {
    if (error instanceof TooDeep) return fail('upstream_too_large', 'The answer of the service is nested too deeply.');
    if (mediaType(response.headers) === '') return undefined;
    return fail('upstream_error', 'The answer of the service is not valid JSON.');
  }
}

/**
 * A write whose output cannot be stored is still a success: a repetition would write again. If the body would tell success, the effect of
 * the write is unknown.
 */
function unreadableOutcome(
  response: EgressResponse,
  context: OutcomeContext,
  { code, message }: { code: string; message: string },
): ToolOutcome {
  const { status } = response;
  const { isWrite, rules } = context;
  if (!isWrite) return failure(code, message, { status });
  if (rules?.answers) return failure(code, `${message} ${UNTOLD}`, { status, effectKnown: 'unknown' });
  return { ok: true, status, output: noteOf(response, context, message) };
}

const noteOf = ({ headers, body }: EgressResponse, { secretForms }: OutcomeContext, note: string): Json => ({
  note,
  contentType: cleanText(mediaType(headers), secretForms),
  bytes: body.length,
});

const UNTOLD = 'It would tell whether the call took effect.';

type ServiceOutput = Pick<Extract<ToolOutcome, { ok: true }>, 'output' | 'outputText' | 'link'>;

/** @throws TooDeep */
const cleanOutput = (text: string, output: Json, secretForms: readonly string[]): ServiceOutput =>
  isClean(text, output, secretForms) ? { output, outputText: text } : { output: cleanJson(output, secretForms) };

/** An answer with a status of success and a refusal in its body. */
function refusalInSuccess(response: EgressResponse, refusal: BodyRefusal, context: OutcomeContext): Failure {
  const { status, headers } = response;
  const { sentCredential, needsCredential, isFromRun, isWrite, rules } = context;
  const { kind, word } = refusal;
  const output = errorBody(response, context);
  if (kind === 'credential' && needsCredential && !sentCredential) return missingCredential({ status, output });
  const isRejected = kind === 'credential' && sentCredential;
  const reason = word === undefined ? 'its answer states an error' : cleanText(word, context.secretForms);
  const message = isRejected
    ? `The service refused the credential${isFromRun ? ' of passThrough' : ''}: ${reason.slice(0, MAX_WORD_CHARS)}.`
    : `The service refused the call: ${reason.slice(0, MAX_WORD_CHARS).toWellFormed()}.`;
  const isLimited = kind === 'limit';
  return failure(isRejected ? 'credential_rejected' : 'upstream_error', message, {
    status,
    output,
    retryable: isLimited,
    effectKnown: effectOf(isWrite && !refusal.hasNoEffect),
    ...(isLimited && { limited: true, retryAfterMs: limitMs(headers, rules?.limits) }),
  });
}

const decode = (body: Buffer): string => new TextDecoder('utf-8').decode(body);

/** The body as text. At a cut end, a part of a character and a possible beginning of a secret are cut off as well. */
function textOf({ body, truncated }: EgressResponse, { secretForms }: OutcomeContext): string {
  const clean = cleanText(truncated ? new StringDecoder('utf8').write(body) : decode(body), secretForms);
  return truncated ? clean.slice(0, Math.max(0, clean.length - (secretForms[0]?.length ?? 0))) + CUT_MARK : clean;
}

function refusalOfResponse(response: EgressResponse, context: OutcomeContext): Failure {
  const { status, headers } = response;
  const { sentCredential, needsCredential, isFromRun, rules } = context;
  const isExpired = context.isAws && isExpiredSession(response);
  const json = rules?.answers ? jsonOfError(response) : undefined;
  const kind = json !== undefined && rules?.answers ? kindOfError(json, rules.answers) : 'other';
  const limited = kind === 'limit' || isLimit(response, rules?.limits, { json, errorPath: rules?.answers?.errorPath });
  const isRefused = isExpired || kind === 'credential' || isRefusedCredential(status, isFromRun);
  return refusalOutcome(status, {
    isMissing: needsCredential && !sentCredential,
    isRejected: sentCredential && isRefused && !limited,
    isFromRun,
    effectKnown: effectOf(context.isWrite && !limited && (status >= 500 || status < 400)),
    output: errorBody(response, context),
    // Services state their limits in every answer, also in those of other errors.
    retryAfterMs: limited ? limitMs(headers, rules?.limits) : retryDelayMs(headers['retry-after']),
    limited,
  });
}

/** Whether a status means that the credential was refused: 401, and 403 for one that the caller of the run passed. */
export const isRefusedCredential = (status: number, isFromRun: boolean): boolean =>
  status === 401 || (isFromRun && status === 403);

type Refusal = Pick<Failure, 'effectKnown' | 'output' | 'retryAfterMs'> & {
  isMissing: boolean;
  isRejected: boolean;
  isFromRun: boolean;
  /** Whether the service limits requests. */
  limited: boolean;
};

export function refusalOutcome(
  status: number,
  { isMissing, isRejected, isFromRun, limited, ...rest }: Refusal,
): Failure {
  if (status === 401 && isMissing && !limited) return missingCredential({ status, ...rest });
  const message = limited
    ? `The service limits requests (status ${status}).`
    : isRejected
      ? `The service refused the credential${isFromRun ? ' of passThrough' : ''}, with status ${status}.`
      : `The service answered with status ${status}.`;
  const retryable = limited || status === 408 || status === 425 || status >= 500;
  const code = isRejected ? 'credential_rejected' : 'upstream_error';
  return failure(code, message, { status, retryable, ...rest, ...(limited && { limited }) });
}

const missingCredential = (details: Partial<Failure>): Failure =>
  failure('credential_missing', 'The service requires a credential, and there is none.', details);

/** The body of an answer with an error status, if it is JSON of moderate size. */
function jsonOfError({ body, headers, truncated }: EgressResponse): Json | undefined {
  const type = mediaType(headers);
  if (truncated || body.length === 0 || body.length > MAX_WORD_BYTES || !(isJson(type) || type === ''))
    return undefined;
  try {
    return JSON.parse(decode(body)) as Json;
  } catch {
    return undefined;
  }
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
    ...(error.isOurs && { isOurs: true }),
  });
}

import { isRecord } from '@errand/basics/is-record';
import { plainWords } from '@errand/basics/plain-words';
import { ModelFailure, type Secret } from '@errand/contracts';
import { APICallError } from 'ai';
import { type EgressErrorCode, errorChain, findEgressError } from '../egress/error.ts';

export const failedCall = (error: unknown): APICallError | undefined =>
  APICallError.isInstance(error) ? error : undefined;

const egressTexts: Record<EgressErrorCode, string> = {
  url_not_allowed: 'The base URL of the model endpoint may not be called; an operator must allow its origin.',
  request_not_allowed: 'A header for the model endpoint may not be sent.',
  upstream_error: 'The model endpoint requires too many requests.',
  upstream_redirect: 'The model endpoint redirects; set the base URL to its address.',
  upstream_too_large: 'The answer of the model endpoint is too large.',
  upstream_timeout: 'The model endpoint did not answer in time.',
  upstream_unreachable: 'The model endpoint could not be reached.',
  canceled: 'Asking the model was aborted.',
};
const retryableCodes = new Set<EgressErrorCode>(['upstream_timeout', 'upstream_unreachable', 'canceled']);

const egressFailure = (code: EgressErrorCode): ModelFailure =>
  new ModelFailure(egressTexts[code], { retryable: retryableCodes.has(code) });

type Endpoint = { model: string; apiKey?: Secret | undefined };

/** Turns an error of the SDK into a failure with instructions for the operator, without the key and the prompt. */
export function toModelFailure(error: unknown, endpoint: Endpoint): ModelFailure {
  const egress = findEgressError(error);
  if (egress) return egressFailure(egress.code);
  if (error instanceof TooLongError) return egressFailure('upstream_too_large');
  if (error instanceof StalledError)
    return new ModelFailure('The model endpoint stopped in the middle of its answer.', { retryable: true });
  const call = failedCall(error);
  const isNetwork = isNetworkError(error);
  if (call?.statusCode !== undefined && call.statusCode >= 300) return failureOfStatus(call, call.statusCode, endpoint);
  if (isNetwork && call?.statusCode !== undefined)
    return new ModelFailure('The answer of the model endpoint is incomplete.', { retryable: true });
  if (isNetwork || (call && call.statusCode === undefined)) return egressFailure('upstream_unreachable');
  // The SDK fails in many ways over unknown formats.
  return new ModelFailure('The model endpoint answered in another format than its provider setting says.', {
    retryable: true,
  });
}

function failureOfStatus(call: APICallError, status: number, endpoint: Endpoint): ModelFailure {
  if (status < 400) return egressFailure('upstream_redirect');
  const model = JSON.stringify(endpoint.model);
  // Errors about keys often contain a part of the key, so they are left out.
  if (status === 401 || status === 403)
    return new ModelFailure(
      `The model endpoint refused the API key (${status}); check the key and that it may use ${model}.`,
      { retryable: false },
    );
  const message = plainWords(withoutKey(messageOf(call), endpoint.apiKey), 300);
  const originalStatus = call.responseHeaders?.[ORIGINAL_STATUS_HEADER] ?? '';
  const statusAndWords = `(${/^2\d\d$/.test(originalStatus) ? originalStatus : status})${message ? `: ${message}` : '.'}`;
  const failure = (problem: string, retryable: boolean) =>
    new ModelFailure(`The model endpoint${problem} ${statusAndWords}`, { retryable });
  if (status === 404)
    return isAboutModel(call)
      ? failure(` knows no model ${model} at the base URL`, false)
      : failure(' has no API for its provider setting at the base URL', false);
  if (status === 429) return failure("'s rate limit or quota is used up", true);
  if (status >= 500 || status === 408 || status === 409) return failure(' failed', true);
  const advice = TOKEN_LIMIT_PATTERN.test(messageOf(call))
    ? ' ERRAND_MODEL_OUTPUT_TOKENS sets the most tokens of an answer.'
    : '';
  return new ModelFailure(`The model endpoint refused the request ${statusAndWords}${advice}`, { retryable: false });
}

export const TOKEN_LIMIT_PATTERN = /max_?(completion|output|new)?_?tokens|in the completion/i;

/** Whether an error is about the model, not about an unknown path. */
export const isAboutModel = (call: APICallError): boolean =>
  `${messageOf(call)} ${call.responseBody ?? ''}`
    .slice(0, 2000)
    .split(/\s+/)
    .some((word) => !/\/v\d/.test(word) && /model|deployment/i.test(word.split('/', 1)[0]!));

/** Whether a request or its answer was lost; errors of the system have a code. */
export function isNetworkError(error: unknown): boolean {
  const egress = findEgressError(error);
  if (egress) return retryableCodes.has(egress.code);
  return errorChain(error).some((cause) => 'code' in cause);
}

/** The message of an error, in any of the formats of endpoints. */
export function messageOf(call: APICallError): string {
  const body = parsedBody(call.responseBody);
  const message = messageIn(body);
  if (message) return message;
  return typeof body === 'string' && !body.trimStart().startsWith('<') ? body || call.message : call.message;
}

function messageIn(body: unknown): string | undefined {
  if (!isRecord(body)) return undefined;
  const { error, message, detail } = body;
  if (isRecord(error) && typeof error.message === 'string') return error.message;
  for (const text of [error, message, detail]) if (typeof text === 'string' && text) return text;
  return Array.isArray(detail) || isRecord(error) ? asJson(error ?? detail).slice(0, 1000) : undefined;
}

function parsedBody(text = ''): unknown {
  try {
    return text.length > 100_000 ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}

/** Local endpoints accept any key, such as `none`; answers may contain such a word. */
const MIN_KEY_LENGTH_IN_ANSWERS = 12;

/** The answer of a model, which may quote the key. */
export const answerWithoutKey = (text: string, apiKey: Secret | undefined): string =>
  (apiKey?.reveal().length ?? 0) < MIN_KEY_LENGTH_IN_ANSWERS ? text : withoutKey(text, apiKey);

/** Endpoints echo keys in errors, plain or encoded. */
function withoutKey(text: string, apiKey: Secret | undefined): string {
  const key = apiKey?.reveal();
  if (!key) return text;
  const forms = [key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1), Buffer.from(key).toString('base64')];
  return forms.reduce((clean, form) => clean.replaceAll(form, '[secret]'), text);
}

export class StalledError extends Error {
  override name = 'StalledError';
  /** Errors with a code count as network errors, which are retried. */
  readonly code = 'STALLED';
}

export class TooLongError extends Error {
  override name = 'TooLongError';
}

/** A header with the original status of an error that had the status of a success. */
export const ORIGINAL_STATUS_HEADER = 'errand-answered';

/** An error within a stream, in the form of an error response. */
export function errorInStream(error: unknown): Error {
  if (APICallError.isInstance(error)) return error;
  // A chunk that matches no schema may be an error in another format.
  const reported = error instanceof Error ? (error as { value?: unknown }).value : error;
  const details = isRecord(reported) && reported.error ? reported.error : reported;
  if (error instanceof Error && !(isRecord(reported) && reported.error)) return apiCallError(200, '', error);
  const message = isRecord(details) && typeof details.message === 'string' ? details.message : '';
  return apiCallError(httpStatusOf(details), asJson({ error: details }), new Error(message));
}

const apiCallError = (statusCode: number, responseBody: string, { message }: Error): APICallError =>
  new APICallError({
    message,
    statusCode,
    responseBody,
    url: '',
    requestBodyValues: {},
    responseHeaders: { [ORIGINAL_STATUS_HEADER]: '200' },
  });

/** The HTTP status that an error names, or a retryable one. */
export function httpStatusOf(error: unknown): number {
  const { code, status, statusCode } = isRecord(error) ? error : {};
  const namedStatus = [statusCode, code, status].map(Number).find((number) => number >= 400 && number <= 599);
  if (namedStatus !== undefined) return namedStatus;
  return /rate.?limit|quota|too many/i.test(asJson(error)) ? 429 : 502;
}

/** A value as JSON; empty if it is nested too deeply for that. */
function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

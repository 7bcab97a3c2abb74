import { isRecord } from '@errand/basics/is-record';
import { APICallError } from 'ai';

export class StalledError extends Error {
  override name = 'StalledError';
  /** Errors with a code count as network errors, which are retried. */
  readonly code = 'STALLED';
}

export class TooLongError extends Error {
  override name = 'TooLongError';
}

/** A header with the original status of an error that had the status of a success. */
export const ANSWERED = 'errand-answered';

/** An error within a stream, in the form of an error response. */
export function errorInStream(error: unknown): Error {
  if (APICallError.isInstance(error)) return error;
  // A chunk that matches no schema may be an error in another format.
  const reported = error instanceof Error ? (error as { value?: unknown }).value : error;
  const details = isRecord(reported) && reported.error ? reported.error : reported;
  if (error instanceof Error && !(isRecord(reported) && reported.error)) return callError(200, '', error);
  const message = isRecord(details) && typeof details.message === 'string' ? details.message : '';
  return callError(statusOf(details), asText({ error: details }), new Error(message));
}

const callError = (statusCode: number, responseBody: string, { message }: Error): APICallError =>
  new APICallError({
    message,
    statusCode,
    responseBody,
    url: '',
    requestBodyValues: {},
    responseHeaders: { [ANSWERED]: '200' },
  });

/** The HTTP status that an error names, or a retryable one. */
export function statusOf(error: unknown): number {
  const { code, status, statusCode } = isRecord(error) ? error : {};
  const named = [statusCode, code, status].map(Number).find((number) => number >= 400 && number <= 599);
  if (named !== undefined) return named;
  return /rate.?limit|quota|too many/i.test(asText(error)) ? 429 : 502;
}

/** A value as JSON; empty if it is nested too deeply for that. */
export function asText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

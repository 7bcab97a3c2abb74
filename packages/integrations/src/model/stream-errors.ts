import { isRecord } from '@errand/basics/is-record';
import { APICallError } from 'ai';

/** The text of an answer paused for too long. */
export class StalledError extends Error {
  override name = 'StalledError';
  /** Errors of the network have a code; they are tried again. */
  readonly code = 'STALLED';
}

export class TooLongError extends Error {
  override name = 'TooLongError';
}

/** Set on an error that came with another status than an error has: that status. */
export const ANSWERED = 'errand-answered';

/** An error that an endpoint reports in the middle of a stream, in the form of one that it reports at once. */
export function errorInStream(error: unknown): Error {
  if (APICallError.isInstance(error)) return error;
  // A chunk that fits no schema may be an error in a form of its own.
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

/** The HTTP status that an error names, or one that lets the request be tried again. */
export function statusOf(error: unknown): number {
  const { code, status, statusCode } = isRecord(error) ? error : {};
  const named = [statusCode, code, status].map(Number).find((number) => number >= 400 && number <= 599);
  if (named !== undefined) return named;
  return /rate.?limit|quota|too many/i.test(asText(error)) ? 429 : 502;
}

/** A value as JSON; empty when it is nested too deep for that. */
export function asText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

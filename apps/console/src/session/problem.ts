// What pages show for a failed call.
import { type Problem, problemOf } from '@errand/client/console';
import { UNREACHABLE } from './sign-in.ts';

/** The problem of any error. Errors without an answer of the service mean that it was not reached. */
export function problemFor(error: unknown): Problem {
  return problemOf(error) ?? (isProblem(error) ? error : UNREACHABLE);
}

const isProblem = (error: unknown): error is Problem =>
  typeof error === 'object' && error !== null && 'code' in error && 'title' in error;

export const isSignedOut = (error: unknown): boolean => problemOf(error)?.code === 'unauthenticated';

/** Whether the same call may succeed later without a change. */
export function isTemporary(error: unknown): boolean {
  const { status } = problemFor(error);
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

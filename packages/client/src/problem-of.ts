import type { Problem } from '@errand/trpc-openapi/contract';
import { TRPCClientError } from '@trpc/client';
import { RequestFailed } from './http/request-failed.ts';

/**
 * The problem document of what a function of this package threw: `code` says what happened, `detail` what is wrong, `remedy` what to do.
 * Undefined if Errand did not answer with one: it cannot be reached, a proxy answered, or the error is another one.
 */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof RequestFailed) return error.problem;
  if (!(error instanceof TRPCClientError)) return undefined;
  if (error.cause instanceof RequestFailed) return error.cause.problem;
  const { problem } = (error.data ?? {}) as { problem?: Problem };
  // While it starts, the service refuses requests before it knows that they come over tRPC.
  return problem ?? asProblem(error.meta?.responseJSON);
}

const asProblem = (body: unknown): Problem | undefined =>
  typeof body === 'object' && body !== null && 'code' in body && 'status' in body ? (body as Problem) : undefined;

// Converts anything thrown into a problem document for the caller, without the text of unexpected errors.

import { getTRPCErrorFromUnknown, TRPCError } from '@trpc/server';
import { type TRPC_ERROR_CODE_KEY, TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { $ZodError } from 'zod/v4/core';
import { type ErrorShape, type ErrorTable, type Problem, ProblemError } from './contract.ts';
import { invalidInput } from './input-errors/invalid-input.ts';

/** Codes that the adapter raises itself. A table of the contract may give them other titles. */
export const builtInErrors = {
  bad_request: { status: 400, title: 'Bad request' },
  validation_failed: { status: 400, title: 'The input is not acceptable' },
  invalid_json: { status: 400, title: 'The body is not acceptable JSON' },
  json_too_deep: { status: 400, title: 'The input is nested too deeply' },
  invalid_string: { status: 400, title: 'A string contains characters that are not allowed' },
  invalid_event_id: { status: 400, title: 'The event id is not valid' },
  key_in_query: { status: 400, title: 'A credential was sent in the URL' },
  unauthenticated: { status: 401, title: 'Authentication is required' },
  insufficient_scope: { status: 403, title: 'The credential lacks a permission' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'Conflict' },
  precondition_failed: { status: 412, title: 'A precondition failed' },
  body_too_large: { status: 413, title: 'The body is too large' },
  uri_too_long: { status: 414, title: 'The URL is too long' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  unprocessable: { status: 422, title: 'The request cannot be carried out' },
  precondition_required: { status: 428, title: 'A precondition is required' },
  rate_limited: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  internal: { status: 500, title: 'Internal error' },
  not_implemented: { status: 501, title: 'Not implemented' },
  bad_gateway: { status: 502, title: 'Bad gateway' },
  unavailable: { status: 503, title: 'Unavailable' },
  gateway_timeout: { status: 504, title: 'Gateway timeout' },
} as const satisfies ErrorTable;

/** How a mount turns errors into problems. */
export type ProblemOptions = {
  /** The contract's error table; codes of the adapter itself have defaults. */
  readonly errors?: ErrorTable;
  /** Prefix of a problem's `type`, e.g. `https://example.com/problems/`; without it `type` is `about:blank`. */
  readonly problemBase?: string;
  /** Converts an error of a library into a problem; only the log has its original text. undefined: `internal`. */
  readonly translate?: (error: unknown) => ProblemError | undefined;
};

/** The answer to an error. If it is `unexpected`, only the log has its text. */
export type ErrorAnswer = { problem: Problem; headers: Record<string, string>; unexpected: boolean };

export type ProblemRenderer = {
  readonly table: ErrorTable;
  /** @param instance names this occurrence, e.g. by the request's id */
  answer(error: unknown, instance?: string): ErrorAnswer;
};

/** Compiles the error table into the function with which every transport answers errors. */
export function createProblemRenderer({
  errors,
  problemBase,
  translate = () => undefined,
}: ProblemOptions): ProblemRenderer {
  const table: ErrorTable = { ...builtInErrors, ...errors };
  const toProblem = (code: string, instance?: string, from?: ProblemError): Problem => ({
    ...from?.options.members,
    type: problemBase ? problemBase + code : 'about:blank',
    title: table[code]!.title,
    status: table[code]!.status,
    ...(from?.detail === undefined ? undefined : { detail: from.detail }),
    ...remedyOf(from?.options.remedy ?? table[code]!.remedy),
    ...(instance === undefined ? undefined : { instance }),
    code,
    ...(from?.options.errors === undefined ? undefined : { errors: from.options.errors }),
    ...(from?.options.values === undefined ? undefined : { values: from.options.values }),
  });
  return {
    table,
    answer(error, instance) {
      const thrown = isTrpcError(error) ? error.cause : error;
      const translated = thrown === undefined || isProblem(thrown) ? undefined : translate(thrown);
      const expected = translated ?? findExpectedError(error);
      if (expected === undefined || !Object.hasOwn(table, expected.code)) {
        return { problem: toProblem('internal', instance), headers: {}, unexpected: true };
      }
      const problem = toProblem(expected.code, instance, expected);
      const headers = { ...expected.options.headers };
      // RFC 9110 §11.6.1: a 401 names a challenge.
      if (problem.status === 401 && !Object.keys(headers).some((name) => name.toLowerCase() === 'www-authenticate')) {
        headers['www-authenticate'] = 'Bearer';
      }
      return { problem, headers, unexpected: translated !== undefined };
    },
  };
}

const remedyOf = (remedy: string | undefined) => (remedy === undefined ? undefined : { remedy });

const isProblem = (error: unknown): error is ProblemError =>
  error instanceof ProblemError || (error instanceof Error && error.name === 'ProblemError' && 'code' in error);

/** The expected error in a thrown value, or undefined if its text must not be shown. */
function findExpectedError(error: unknown): ProblemError | undefined {
  if (isProblem(error)) return error;
  if (isTrpcError(error)) {
    if (isProblem(error.cause)) return error.cause;
    if (error.code === 'BAD_REQUEST' && error.cause !== undefined) return toInputError(error.cause);
    const code = codeByTrpcCode[error.code];
    return code === undefined || code === 'internal' ? undefined : new ProblemError(code, error.message);
  }
  return toFastifyProblem(error);
}

const isTrpcError = (error: unknown): error is TRPCError =>
  error instanceof TRPCError || (error instanceof Error && error.name === 'TRPCError');

/** Messages of other parsers may contain anything, so only those of zod and of JSON are used. */
function toInputError(cause: Error): ProblemError {
  if (cause instanceof $ZodError) return invalidInput(undefined, cause.issues);
  if (cause instanceof SyntaxError) return new ProblemError('invalid_json', 'The input is not JSON.');
  return new ProblemError('validation_failed', 'The input is not acceptable.');
}

const codeByTrpcCode: Partial<Record<TRPC_ERROR_CODE_KEY, keyof typeof builtInErrors>> = {
  PARSE_ERROR: 'invalid_json',
  BAD_REQUEST: 'bad_request',
  UNAUTHORIZED: 'unauthenticated',
  FORBIDDEN: 'insufficient_scope',
  NOT_FOUND: 'not_found',
  METHOD_NOT_SUPPORTED: 'method_not_allowed',
  TIMEOUT: 'request_timeout',
  CONFLICT: 'conflict',
  PRECONDITION_FAILED: 'precondition_failed',
  PAYLOAD_TOO_LARGE: 'body_too_large',
  UNSUPPORTED_MEDIA_TYPE: 'unsupported_media_type',
  UNPROCESSABLE_CONTENT: 'unprocessable',
  PRECONDITION_REQUIRED: 'precondition_required',
  TOO_MANY_REQUESTS: 'rate_limited',
  NOT_IMPLEMENTED: 'not_implemented',
  BAD_GATEWAY: 'bad_gateway',
  SERVICE_UNAVAILABLE: 'unavailable',
  GATEWAY_TIMEOUT: 'gateway_timeout',
};

/** The codes of tRPC by status. It has none for 410; `httpStatus` is still 410. */
const trpcCodeByStatus: Partial<Record<number, TRPC_ERROR_CODE_KEY>> = {
  410: 'NOT_FOUND',
  ...Object.fromEntries(Object.entries(codeByTrpcCode).map(([key, code]) => [builtInErrors[code].status, key])),
};

const toTrpcCode = (status: number): TRPC_ERROR_CODE_KEY =>
  trpcCodeByStatus[status] ?? (status < 500 ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR');

/** Wraps an error of a procedure, so that the status and code of tRPC match the problem. */
export function toTrpcError(error: unknown, problems: ProblemRenderer): TRPCError {
  if (isTrpcError(error)) return error;
  const { problem, unexpected } = problems.answer(error);
  if (unexpected && problem.status === 500) return getTRPCErrorFromUnknown(error);
  return new TRPCError({ code: toTrpcCode(problem.status), message: problem.detail ?? problem.title, cause: error });
}

export function toErrorShape(error: unknown, problems: ProblemRenderer, path?: string, instance?: string): ErrorShape {
  const { problem } = problems.answer(error, instance);
  const code = toTrpcCode(problem.status);
  return {
    message: problem.detail ?? problem.title,
    code: TRPC_ERROR_CODES_BY_KEY[code],
    data: { code, httpStatus: problem.status, ...(path === undefined ? undefined : { path }), problem },
  };
}

/** The code and the detail for each documented code of Fastify. */
const fastifyErrors: Partial<Record<string, [code: string, detail: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large', 'The body is over the limit of this operation.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'The body is not application/json.'],
  FST_ERR_CTP_INVALID_TYPE: ['unsupported_media_type', 'The body is not application/json.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid_json', 'The body is not JSON.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['invalid_json', 'The body is not JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['bad_request', 'The body does not have the announced length.'],
  FST_ERR_BAD_URL: ['invalid_string', 'The path contains a malformed percent-encoding.'],
  FST_ERR_MAX_PARAM_LENGTH: ['uri_too_long', 'A part of the path is too long.'],
};

function toFastifyProblem(error: unknown): ProblemError | undefined {
  const { code, statusCode } = (error ?? {}) as { code?: string; statusCode?: unknown };
  const problemOfCode = code === undefined ? undefined : fastifyErrors[code];
  if (problemOfCode) return new ProblemError(...problemOfCode);
  if (statusCode === 503) return new ProblemError('unavailable', 'The server is shutting down.');
  // A 4xx of another plugin keeps its status class, but not its text.
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) return undefined;
  return new ProblemError(codeByTrpcCode[toTrpcCode(statusCode)] ?? 'bad_request');
}

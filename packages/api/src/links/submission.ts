import { problem } from '@errand/contracts';
import type { FastifyRequest } from 'fastify';
import { invalidField } from '../problems.ts';

const bodyText = ({ body }: FastifyRequest): string => (Buffer.isBuffer(body) ? body.toString('utf8') : '');

/** The fields of a form in their order; names may repeat. Undefined if the body is not a form. */
export const formPairs = (request: FastifyRequest): [string, string][] | undefined =>
  isForm(request.headers['content-type']) ? [...new URLSearchParams(bodyText(request))] : undefined;

/** @throws ProblemError invalid_json */
export function jsonBody(request: FastifyRequest): unknown {
  try {
    return JSON.parse(bodyText(request));
  } catch {
    throw problem('invalid_json', 'The body is not JSON.');
  }
}

export const FORM_TYPE = 'application/x-www-form-urlencoded';
const isForm = (type = '') => type.toLowerCase().startsWith(FORM_TYPE);

/**
 * Reads the token in the query. Other parameters are refused, so that a query cannot contain a decision.
 * @throws ProblemError validation_failed
 */
export function readToken(query: unknown): string {
  const { token, ...others } = query as Record<string, unknown>;
  const [unknownName] = Object.keys(others);
  if (unknownName !== undefined)
    throw invalidField(`/${unknownName}`, `${unknownName} is not accepted here; only token is.`);
  if (typeof token === 'string' && token !== '') return token;
  throw invalidField('/token', 'Send the token of the link exactly once: ?token=…');
}

type Parsed<T> =
  | { success: true; data: T }
  | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };

/** @throws ProblemError validation_failed */
export function validate<T>(schema: { safeParse(value: unknown): Parsed<T> }, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    pointer: path.map((key) => `/${String(key)}`).join(''),
    message,
  }));
  throw problem('validation_failed', 'A field is not valid.', { errors });
}

import { DecideByForm, DecideByLink, problem } from '@errand/contracts';
import type { FastifyRequest } from 'fastify';
import { FIELD_PREFIX } from '../ask/html/field-html.ts';

/** `entered`: what a form says about arguments, by their JSON pointers. */
export type Submission = DecideByLink & { csrf?: string; entered?: ReadonlyMap<string, string> };

/** Reads a decision. `csrf` is set when a form sent it. @throws ProblemError invalid_json, validation_failed */
export function readSubmission(request: FastifyRequest): Submission {
  const form = formIn(request);
  if (!form) return checked(DecideByLink, jsonIn(request));
  const isField = ([name]: [string, string]) => name.startsWith(`${FIELD_PREFIX}/`);
  const pairs = Object.entries(form);
  const entered = pairs.filter(isField).map(([name, value]) => [name.slice(FIELD_PREFIX.length), value] as const);
  const others = Object.fromEntries(pairs.filter((pair) => !isField(pair)));
  return { ...checked(DecideByForm, others), entered: new Map(entered) };
}

const textIn = ({ body }: FastifyRequest): string => (Buffer.isBuffer(body) ? body.toString('utf8') : '');

/** The fields of a form in their order, of which several may have one name; undefined when the body is none. */
export const pairsIn = (request: FastifyRequest): [string, string][] | undefined =>
  isForm(request.headers['content-type']) ? [...new URLSearchParams(textIn(request))] : undefined;

/** The same, each name once. */
function formIn(request: FastifyRequest): Record<string, string> | undefined {
  const pairs = pairsIn(request);
  return pairs && Object.fromEntries(pairs);
}

/** @throws ProblemError invalid_json */
export function jsonIn(request: FastifyRequest): unknown {
  try {
    return JSON.parse(textIn(request));
  } catch {
    throw problem('invalid_json', 'The body is not JSON.');
  }
}

export const FORM_TYPE = 'application/x-www-form-urlencoded';
const isForm = (type = '') => type.toLowerCase().startsWith(FORM_TYPE);

/**
 * Reads the token in the query. Other parameters are refused: the query cannot carry a decision.
 * @throws ProblemError validation_failed
 */
export function readToken(query: unknown): string {
  const { token, ...others } = query as Record<string, unknown>;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    const message = `${other} is not accepted here: only token is.`;
    throw problem('validation_failed', message, { errors: [{ pointer: `/${other}`, message }] });
  }
  if (typeof token === 'string' && token !== '') return token;
  const message = 'Give the token of the link, once: ?token=…';
  throw problem('validation_failed', message, { errors: [{ pointer: '/token', message }] });
}

/** Whether the client prefers HTML to JSON. */
export function wantsPage(accept = ''): boolean {
  const weights = new Map(
    accept.split(',').map((part) => {
      const [type = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
      const q = parameters.find((each) => each.startsWith('q='))?.slice(2);
      return [type, q === undefined ? 1 : Number(q)] as const;
    }),
  );
  const html = weights.get('text/html') ?? 0;
  return html > 0 && html >= (weights.get('application/json') ?? 0);
}

type Parsed<T> =
  | { success: true; data: T }
  | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };

/** @throws ProblemError validation_failed */
export function checked<T>(schema: { safeParse(value: unknown): Parsed<T> }, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    pointer: path.map((key) => `/${String(key)}`).join(''),
    message,
  }));
  throw problem('validation_failed', 'A field is not valid; errors name it.', { errors });
}

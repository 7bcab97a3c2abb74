import { DecideByForm, DecideByLink, problem } from '@errand/contracts';
import type { FastifyRequest } from 'fastify';

export type Submission = DecideByLink & { csrf?: string };

/** Reads a decision. `csrf` is set when a form sent it. @throws ProblemError invalid_json, validation_failed */
export function readSubmission({ headers, body }: FastifyRequest): Submission {
  const text = Buffer.isBuffer(body) ? body.toString('utf8') : '';
  if (isForm(headers['content-type'])) return checked(DecideByForm, Object.fromEntries(new URLSearchParams(text)));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw problem('invalid_json', 'The body is not JSON.');
  }
  return checked(DecideByLink, value);
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

function checked(schema: typeof DecideByLink | typeof DecideByForm, value: unknown): Submission {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    pointer: path.map((key) => `/${String(key)}`).join(''),
    message,
  }));
  throw problem('validation_failed', 'A field is not valid; errors name it.', { errors });
}

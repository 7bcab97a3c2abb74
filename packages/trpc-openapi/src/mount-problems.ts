// Installs the error answers on a Fastify server: problem documents for errors of handlers, of Fastify, and of unknown paths and methods.
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { closeConnections } from './close-connections.ts';
import { type Problem, ProblemError } from './contract.ts';
import { createProblemRenderer, type ProblemOptions } from './problem.ts';

/** Called with every unexpected error. Its text goes nowhere else. */
export type OnError = (fault: { error: unknown; req: FastifyRequest; name: string | undefined }) => void;

export type ErrorAnswerOptions = ProblemOptions & {
  readonly onError?: OnError;
  /** Aborted some time before the server stops: each answer from then on ends its connection. */
  readonly leaving?: AbortSignal;
};

/** Names (in any case) that a query must not contain, because URLs are logged. */
const CREDENTIAL_NAMES = new Set(['x-api-key', 'api_key', 'api-key', 'apikey', 'key', 'access_token', 'token_key']);
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
/** Headers of every answer, unless its route sets others: no cache stores it, and no browser guesses its type. */
export const privateHeaders = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;
const mountedServers = new WeakSet<FastifyInstance>();

/** URN of one request, for a problem's `instance`. */
export const instanceOf = (id: string): string => `urn:request:${id}`;

/**
 * Installs the error answers on a server. `mountRest` and `mountTrpc` call it if necessary. Call it before other plugins,
 * so that 405 answers know their routes.
 */
export function mountProblems(fastify: FastifyInstance, options: ErrorAnswerOptions): void {
  if (mountedServers.has(fastify)) return;
  mountedServers.add(fastify);
  const problems = createProblemRenderer(options);
  const paths = new RoutePaths();
  closeConnections(fastify, options.leaving);

  fastify.addHook('onRoute', ({ method, url }) => paths.add(url, method));
  fastify.addHook('onRequest', (req, reply, done) => {
    reply.header('x-request-id', req.id).headers(privateHeaders);
    done(findRejection(req));
  });
  fastify.removeAllContentTypeParsers();
  // Kept as bytes: they are parsed after the caller is known.
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (req, body, done) => {
    const charset = /;\s*charset="?([^";\s]+)/i.exec(req.headers['content-type'] ?? '')?.[1];
    if (charset && charset.toLowerCase() !== 'utf-8')
      done(new ProblemError('unsupported_media_type', 'The body is not in UTF-8.'));
    else done(null, body);
  });
  fastify.setErrorHandler((error, req, reply) => {
    const { problem, headers, unexpected } = problems.answer(error, instanceOf(req.id));
    if (unexpected) options.onError?.({ error, req, name: undefined });
    return sendProblem(reply, problem, headers);
  });
  fastify.setNotFoundHandler((req, reply) => {
    const allowed = paths.methods(req.raw.url!.split('?', 1)[0]!);
    const error =
      allowed.length === 0
        ? new ProblemError('not_found', 'Nothing is served at this path.')
        : new ProblemError('method_not_allowed', `This path does not accept ${req.method}.`, {
            remedy: `Use ${allowed.join(' or ')}.`,
            headers: { allow: allowed.join(', ') },
          });
    const { problem, headers } = problems.answer(error, instanceOf(req.id));
    return sendProblem(reply, problem, headers);
  });
}

export function sendProblem(reply: FastifyReply, problem: Problem, headers: Record<string, string>): FastifyReply {
  return reply
    .code(problem.status)
    .headers({ ...privateHeaders, ...headers, 'content-type': PROBLEM_TYPE })
    .send(JSON.stringify(problem));
}

/** The error of a request that is rejected before routing, if any. */
function findRejection(req: FastifyRequest): FastifyError | undefined {
  const { headers, httpVersion, url } = req.raw;
  if (headers.host === undefined && httpVersion === '1.1') {
    return rejection('bad_request', 'The Host header is missing.', { connection: 'close' });
  }
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity') {
    return rejection('unsupported_media_type', 'The body has a content encoding.', { connection: 'close' });
  }
  if (url!.includes('?')) {
    for (const name in req.query as object) {
      if (CREDENTIAL_NAMES.has(name.toLowerCase())) {
        return rejection('key_in_query', 'The URL contains an API key, and URLs are kept in logs.');
      }
    }
  }
  return undefined;
}

/** Fastify's hooks accept any error, although their types name its own. */
const rejection = (code: string, detail: string, headers: Record<string, string> = {}): FastifyError =>
  new ProblemError(code, detail, { headers }) as unknown as FastifyError;

/** The methods of each path. Read only if no route was found. */
class RoutePaths {
  readonly #patterns = new Map<string, { pattern: RegExp; methods: Set<string> }>();

  add(url: string, method: string | string[]): void {
    let entry = this.#patterns.get(url);
    if (!entry) {
      entry = { pattern: toPattern(url), methods: new Set() };
      this.#patterns.set(url, entry);
    }
    for (const singleMethod of [method].flat()) entry.methods.add(singleMethod);
  }

  methods(path: string): string[] {
    const matches = [...this.#patterns.values()].filter(({ pattern }) => pattern.test(path));
    return [...new Set(matches.flatMap(({ methods }) => [...methods]))].sort();
  }
}

const toPattern = (url: string): RegExp => {
  const escaped = url.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
  // inserts a route: each of its parameters is a segment
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll(/:\w+/g, '[^/]+')}$`);
};

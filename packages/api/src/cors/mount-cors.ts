import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { FORM_TYPE } from '../links/submission.ts';

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
/** `x-api-key` too, so that a page with a key gets the refusal and not a failed preflight. */
const REQUEST_HEADERS = [
  ...['authorization', 'x-api-key', 'accept', 'content-type', 'prefer', 'idempotency-key', 'last-event-id'],
  ...['trpc-accept', 'x-request-id'],
].join(', ');
/** Headers of answers that a page may read, besides those that the Fetch standard always shows. */
const EXPOSED_HEADERS = [
  ...['retry-after', 'x-request-id', 'ratelimit', 'ratelimit-policy', 'idempotent-replayed', 'preference-applied'],
  'www-authenticate',
].join(', ');
/** Seconds for which a browser keeps the answer to a preflight. */
const MAX_AGE_SECONDS = 600;

const VARY = 'origin';

/**
 * Lets pages of these origins read the answers of `/v1` and `/trpc`, without credentials of the browser. The headers are set on the raw
 * answer before Fastify sees the request: some answers, such as 503 during a shutdown, run no hook, and streams bypass `reply`.
 * Call it after the hooks that set `vary`, and before any route is registered.
 */
export function mountCors(fastify: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const allowed = new Set(origins);
  const pages = new Set<string>();
  // Pages for people have their own rule for the Origin header of their forms.
  fastify.addHook('onRoute', function ({ url }) {
    if (this.hasContentTypeParser(FORM_TYPE)) pages.add(url);
  });
  const isApi = (url = ''): boolean => /^\/(?:v1|trpc)\//.test(url) && !pages.has(url.split('?', 1)[0]!);

  fastify.server.prependListener('request', ({ url, headers }: IncomingMessage, response: ServerResponse) => {
    if (!isApi(url)) return;
    response.setHeader('vary', VARY);
    if (headers.origin === undefined || !allowed.has(headers.origin)) return;
    response.setHeader('access-control-allow-origin', headers.origin);
    response.setHeader('access-control-expose-headers', EXPOSED_HEADERS);
  });
  fastify.addHook('onRequest', ({ raw: { method, url, headers } }, reply, done) => {
    const isPreflight = method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
    if (!isPreflight || !isApi(url) || !allowed.has(headers.origin ?? '')) {
      done();
      return;
    }
    void reply
      .code(204)
      .headers({
        'access-control-allow-methods': METHODS,
        'access-control-allow-headers': REQUEST_HEADERS,
        'access-control-max-age': String(MAX_AGE_SECONDS),
      })
      .send();
  });
  // A `vary` of the answer itself would replace the one of the raw answer.
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (isApi(request.raw.url)) addVary(reply, payload);
    done(null, payload);
  });
}

function addVary(reply: FastifyReply, payload: unknown): void {
  // Fastify copies the headers of a Response, such as those of tRPC, only after this hook.
  if (payload instanceof Response && payload.headers.has('vary')) {
    payload.headers.append('vary', VARY);
    return;
  }
  const vary = String(reply.getHeader('vary') ?? '');
  if (!vary.split(/, */).includes(VARY)) reply.header('vary', `${vary}, ${VARY}`);
}

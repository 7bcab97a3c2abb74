import { sha256 } from '@errand/basics/sha256';
import { withTimeout } from '@errand/basics/with-timeout';
import { type ErrorCode, errorTable, problem } from '@errand/contracts';
import { ReadOnlyServerError } from '@errand/db';
import type { FastifyInstance } from 'fastify';
import { pageHeaders } from './html/layout.ts';
import { prefersHtml } from './prefers-html.ts';
import { refusalPage } from './refusal-page.ts';
import { en } from './texts/en.ts';

export type ServiceRouteDeps = {
  /** The OpenAPI document, serialised. */
  document: string;
  /** The OAuth client metadata document of this service; undefined if authorization servers cannot read it. */
  clientDocument: () => object | undefined;
  /** Rejects if the database does not answer or accepts no writes. */
  ping: () => Promise<unknown>;
  /** Aborted when the process begins to stop, while it still serves requests. */
  signal: AbortSignal;
};

const PING_MS = 2000;

/** The pages about the service itself: `/`, `/openapi.json`, `/oauth/client.json`, `/problems/{code}`, `/healthz`, `/readyz`. */
export function mountServiceRoutes(
  fastify: FastifyInstance,
  { document, clientDocument, ping, signal }: ServiceRouteDeps,
): void {
  const etag = `"${sha256(document, 'base64url').slice(0, 27)}"`;

  fastify.get('/', (request, reply) => reply.redirect(prefersHtml(request.headers.accept) ? '/console/' : '/docs'));

  fastify.get('/openapi.json', (request, reply) => {
    reply.header('etag', etag).header('cache-control', 'no-cache');
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    return reply.type('application/json; charset=utf-8').send(document);
  });

  fastify.get('/oauth/client.json', (_, reply) => {
    const about = clientDocument();
    if (!about)
      throw problem('not_found', 'This service has no public https address.', {
        remedy: 'Set PUBLIC_URL to an https address to use a client metadata document.',
      });
    return reply.header('cache-control', 'public, max-age=3600').type('application/json; charset=utf-8').send(about);
  });

  fastify.get<{ Params: { code: string } }>('/problems/:code', (request, reply) => {
    const { code } = request.params;
    if (!Object.hasOwn(errorTable, code)) throw problem('not_found', `There is no problem with the code ${code}.`);
    const { status, title, remedy } = errorTable[code as ErrorCode];
    reply.header('vary', 'accept');
    if (!prefersHtml(request.headers.accept)) return { code, status, title, remedy };
    const detail = `The API returned status ${status} with the error code ${code}. The field "detail" of the response names the cause.`;
    // As the documentation, the page is in English.
    const page = refusalPage({ texts: en }, { title, detail });
    return reply.headers(pageHeaders).type('text/html; charset=utf-8').send(page);
  });

  // The process answers. An unavailable database is no reason to restart it.
  fastify.get('/healthz', () => ({ status: 'ok' }));

  fastify.get('/readyz', async () => {
    if (signal.aborted) throw unavailable('The service is shutting down.');
    await withTimeout(PING_MS, ping()).catch((error) => {
      throw unavailable(
        error instanceof ReadOnlyServerError ? 'The database accepts no writes.' : 'The database does not answer.',
      );
    });
    return { status: 'ok' };
  });
}

const unavailable = (detail: string) =>
  problem('unavailable', detail, { headers: { 'retry-after': '1' }, values: { retryAfterSeconds: 1 } });

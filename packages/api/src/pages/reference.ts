import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';

// The page may load from this service only: no external fonts, telemetry or proxies.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

// The scripts are the same for all clients, and change only with the service.
const CACHED = 'public, max-age=3600';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Errand API</title>
    <link rel="icon" href="data:,">
  </head>
  <body>
    <div id="reference"></div>
    <script src="/docs/reference.js"></script>
    <script src="/docs/open.js"></script>
  </body>
</html>
`;

const OPEN = `Scalar.createApiReference('#reference', ${JSON.stringify({
  url: '/openapi.json',
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  showToolbar: 'never',
  agent: { disabled: true },
  persistAuth: false,
})});
`;

/** `/docs`: the API reference, rendered from `/openapi.json` by a script of this service. */
export function mountReference(fastify: FastifyInstance): void {
  let script: Promise<Buffer> | undefined;
  fastify.get('/docs', (_, reply) =>
    reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').send(PAGE),
  );
  fastify.get('/docs/open.js', (_, reply) => {
    reply.type('text/javascript; charset=utf-8').header('cache-control', CACHED).send(OPEN);
  });
  fastify.get('/docs/reference.js', async (_, reply) => {
    script ??= readFile(scriptFile);
    return reply
      .type('text/javascript; charset=utf-8')
      .header('cache-control', CACHED)
      .send(await script);
  });
}

/** scripts/document.mjs copies it from its package. */
const scriptFile = new URL('../../dist/reference.js', import.meta.url);

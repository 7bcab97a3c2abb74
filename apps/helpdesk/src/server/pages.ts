import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { FastifyInstance } from 'fastify';

const FOLDER = new URL('../page/', import.meta.url);
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Serves the built page. It may call this server and Errand, and nothing else. */
export function mountPages(app: FastifyInstance, errandUrl: string): void {
  const policy = `default-src 'self'; connect-src 'self' ${errandUrl}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;
  app.addHook('onSend', async (_, reply) => {
    reply.header('content-security-policy', policy).header('cache-control', 'no-store');
  });
  for (const name of readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const content = readFileSync(new URL(name, FOLDER));
    app.get(name === 'index.html' ? '/' : `/${name}`, (_, reply) => reply.type(type).send(content));
  }
}

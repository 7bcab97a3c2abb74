import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { sha256 } from '@errand/basics/sha256';
import { problem } from '@errand/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ConsolePort } from './console-port.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Only files of this origin; no frames, no inline scripts and styles. */
const HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
  vary: 'accept-encoding',
};

const compressors = { br: promisify(brotliCompress), gzip: promisify(gzip) };
type Encoding = keyof typeof compressors;
type StaticFile = { type: string; etag: string; body: Buffer; encoded: { [encoding in Encoding]?: Promise<Buffer> } };

/** Pages of a workspace may end with an id that looks like a file: `w/…/users/ann@example.com`. */
const isPage = (name: string): boolean => name.startsWith('w/') || extname(name) === '';

/** Serves the static files of the console from memory. Other names are pages of the console. */
export function mountConsole(fastify: FastifyInstance, { folder }: Pick<ConsolePort, 'folder'>): void {
  const files = readFiles(folder);
  const serve = (request: FastifyRequest, reply: FastifyReply) => {
    const name = (request.params as { '*'?: string })['*'] ?? '';
    const file = files.get(name) ?? (isPage(name) ? files.get('index.html') : undefined);
    if (!file) throw problem('not_found', 'The console has no such file.');
    return sendFile(request, reply, file, name.startsWith('assets/'));
  };
  fastify.get('/console', (_, reply) => reply.redirect('/console/'));
  fastify.get('/console/*', serve);
}

async function sendFile(request: FastifyRequest, reply: FastifyReply, file: StaticFile, isImmutable: boolean) {
  const { type, etag, body } = file;
  reply.headers(HEADERS).header('etag', etag);
  reply.header('cache-control', isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  const accepted = request.headers['accept-encoding'] ?? '';
  reply.type(type);
  const encoding = (['br', 'gzip'] as const).find((name) => accepted.split(/\W+/).includes(name));
  if (!encoding) return reply.send(body);
  return reply.header('content-encoding', encoding).send(await encode(file, encoding));
}

/** Compresses a file at its first request: all files at every start of the service would take it a second. */
function encode({ body, encoded }: StaticFile, encoding: Encoding): Promise<Buffer> {
  encoded[encoding] ??= compressors[encoding](body);
  return encoded[encoding];
}

function readFiles(folder: string): Map<string, StaticFile> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => extname(name) in TYPES);
  return new Map(
    names.map((name) => {
      const body = readFileSync(join(folder, name));
      const etag = `"${sha256(body, 'base64url').slice(0, 27)}"`;
      const type = TYPES[extname(name)]!;
      return [name, { type, etag, body, encoded: {} }];
    }),
  );
}

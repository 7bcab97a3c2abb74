import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import Fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { mountConsole } from './mount-console.ts';

const SCRIPT = 'export const answer = 42;\n'.repeat(100);

function serveScript() {
  const folder = mkdtempSync(join(tmpdir(), 'errand-console-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'assets/index.js'), SCRIPT);
  const fastify = Fastify();
  mountConsole(fastify, { folder });
  onTestFinished(async () => {
    await fastify.close();
    rmSync(folder, { recursive: true });
  });
  return (headers: Record<string, string>) => fastify.inject({ url: '/console/assets/index.js', headers });
}

test('a file is sent in the best encoding that the browser accepts, at every request', async () => {
  const get = serveScript();
  const decoders = { br: brotliDecompressSync, gzip: gunzipSync };
  for (const [accepted, encoding] of [
    ['gzip, deflate, br', 'br'],
    ['gzip, deflate', 'gzip'],
    ['gzip, deflate, br', 'br'],
  ] as const) {
    const { statusCode, headers, rawPayload } = await get({ 'accept-encoding': accepted });
    expect([statusCode, headers['content-encoding']]).toEqual([200, encoding]);
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(rawPayload.length).toBeLessThan(SCRIPT.length);
    expect(String(decoders[encoding](rawPayload))).toBe(SCRIPT);
  }
});

test('a file is sent as it is to a browser that accepts no encoding, and not at all to one that has it', async () => {
  const get = serveScript();
  const { headers, body } = await get({});
  expect(headers['content-encoding']).toBeUndefined();
  expect(body).toBe(SCRIPT);

  const again = await get({ 'accept-encoding': 'br', 'if-none-match': String(headers.etag) });
  expect([again.statusCode, again.body]).toEqual([304, '']);
});

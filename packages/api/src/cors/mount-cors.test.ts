// The answers that run no hook of Fastify, and those that set `vary` themselves. e2e/cors covers the service.
import type { AddressInfo } from 'node:net';
import { serverOptions } from '@errand/trpc-openapi';
import Fastify, { type FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { mountCors } from './mount-cors.ts';

const PAGE = 'https://app.example.com';

async function aServer(mount: (app: FastifyInstance) => void, host = '127.0.0.1'): Promise<FastifyInstance> {
  const app = Fastify(serverOptions());
  mountCors(app, [PAGE]);
  mount(app);
  await app.listen({ port: 0, host });
  onTestFinished(() => app.close());
  return app;
}

const get = async (app: FastifyInstance, path: string, host = '127.0.0.1') => {
  const { port } = app.server.address() as AddressInfo;
  const response = await fetch(`http://${host}:${port}${path}`, { headers: { origin: PAGE } });
  await response.text();
  return response;
};

const allowedBy = ({ status, headers }: Response) => [status, headers.get('access-control-allow-origin')];

test('a page can read the refusals of a server that shuts down', async () => {
  let refusal: Response | undefined;
  const app = await aServer((app) => {
    app.get('/v1/runs', () => 'run');
    app.addHook('preClose', async () => {
      refusal = await get(app, '/v1/runs');
    });
  });
  expect(allowedBy(await get(app, '/v1/runs'))).toEqual([200, PAGE]);
  await app.close();
  expect(allowedBy(refusal!)).toEqual([503, PAGE]);
  expect(refusal!.headers.get('vary')).toBe('origin');
});

test('a page can read a stream that bypasses the reply', async () => {
  const app = await aServer((app) => {
    app.get('/v1/stream', (_, reply) => {
      reply.hijack();
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: 1\n\n');
    });
  });
  expect(allowedBy(await get(app, '/v1/stream'))).toEqual([200, PAGE]);
});

test('the names of `vary` are joined', async () => {
  const app = await aServer((app) => {
    app.get('/v1/accept', (_, reply) => reply.header('vary', 'accept').send('text'));
    app.get('/v1/both', (_, reply) => reply.header('vary', 'accept, origin').send('text'));
    app.get('/trpc/response', (_, reply) => reply.send(new Response('text', { headers: { vary: 'accept' } })));
    app.get('/trpc/none', (_, reply) => reply.send(new Response('text')));
    app.get('/console', (_, reply) => reply.header('vary', 'accept').send('text'));
  });
  const varyOf = async (path: string) => (await get(app, path)).headers.get('vary');
  for (const path of ['/v1/accept', '/v1/both', '/trpc/response']) expect(await varyOf(path)).toBe('accept, origin');
  expect([await varyOf('/trpc/none'), await varyOf('/console')]).toEqual(['origin', 'accept']);
});

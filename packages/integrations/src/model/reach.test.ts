import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret } from '@errand/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { createEgress } from '../egress/egress.ts';
import type { ModelProvider } from './options.ts';
import { reachModel } from './reach.ts';

async function anEndpoint(status: number) {
  const requests: { url: string | undefined; headers: IncomingHttpHeaders }[] = [];
  const server = createServer(({ url, headers }, response) => {
    requests.push({ url, headers });
    response.writeHead(status).end('{"data":[]}'.padEnd(100_000));
  }).listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const egress = createEgress({ allowOrigins: [origin] });
  onTestFinished(async () => {
    await egress.close();
    server.close();
  });
  return { baseUrl: `${origin}/v1/`, egress, requests };
}

test.each<[ModelProvider, string, string]>([
  ['openai', 'authorization', 'Bearer the-key'],
  ['openai-compatible', 'authorization', 'Bearer the-key'],
  ['anthropic', 'x-api-key', 'the-key'],
  ['google', 'x-goog-api-key', 'the-key'],
])('%s lists its models with the key in %s', async (provider, header, value) => {
  const { baseUrl, egress, requests } = await anEndpoint(200);
  expect(await reachModel({ provider, baseUrl, apiKey: new Secret('the-key') }, egress)).toBe(200);
  expect(requests).toEqual([{ url: '/v1/models', headers: expect.objectContaining({ [header]: value }) }]);
});

test('a refusal is an answer', async () => {
  const { baseUrl, egress } = await anEndpoint(401);
  expect(await reachModel({ provider: 'openai-compatible', baseUrl }, egress)).toBe(401);
});

test('an endpoint that the guard refuses is not called', async () => {
  const { baseUrl, requests } = await anEndpoint(200);
  const guarded = createEgress();
  onTestFinished(() => guarded.close());
  await expect(reachModel({ provider: 'openai-compatible', baseUrl }, guarded)).rejects.toThrow('may not be called');
  expect(requests).toEqual([]);
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type SlowService = Awaited<ReturnType<typeof startSlowService>>;

/** Five sequential calls; the third one writes. */
export const fiveSlowCalls = (integration: string, id: string) => ({
  intent: 'Order what is there',
  userId: 'user-1',
  selectedCustomerIntegrationIds: [integration],
  plan: {
    goal: 'Order an item',
    steps: ['find', 'find', 'order', 'find', 'find'].map((operation, n) => ({
      id: `s${n}`,
      tool: `${integration}.${operation}`,
      args: { path: { id, step: `s${n}` } },
      ...(n > 0 && { dependsOn: [`s${n - 1}`] }),
    })),
  },
});

/** A slow service that counts its calls by path and its writes by key. */
export async function startSlowService(callMs: number) {
  const calls = new Map<string, number>();
  const keys = new Map<string, number>();
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  const server = createServer((request, response) => {
    const [, , id = '', step = ''] = (request.url ?? '').split('/');
    count(calls, `${id}/${step}`);
    const key = request.headers['idempotency-key'];
    if (request.method === 'POST') count(keys, String(key));
    request.resume();
    setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end('{"fine":true}'), callMs);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const parameters = ['id', 'step'].map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const answer = { 200: { description: 'Done', content: { 'application/json': { schema: {} } } } };
  const operation = (operationId: string) => ({ operationId, summary: operationId, parameters, responses: answer });
  return {
    url,
    calls,
    keys,
    document: JSON.stringify({
      openapi: '3.1.0',
      info: { title: 'Orders', version: '1' },
      servers: [{ url }],
      paths: {
        '/find/{id}/{step}': { get: operation('find') },
        '/order/{id}/{step}': { post: operation('order') },
      },
    }),
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

// How a subscription handles the status of an answer.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createClient } from './index.ts';

const RUN = '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01';
type Turn = (response: ServerResponse) => void;

/** A server that answers each connection by the next turn; the last one serves the rest. */
async function serve(...turns: Turn[]) {
  const requests: { last: unknown; key: unknown }[] = [];
  const server = createServer(({ headers }, response) => {
    requests.push({ last: headers['last-event-id'], key: headers['x-api-key'] });
    (turns.length > 1 ? turns.shift()! : turns[0]!)(response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen: requests };
}

const refuse =
  (status: number, body: string, headers = {}): Turn =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
const event = (seq: number) => `id: ${seq}\ndata: ${JSON.stringify({ seq })}\n\n`;
const send =
  (text: string): Turn =>
  (response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`event: connected\ndata: {}\n\n${text}`);

/** The items and errors of a subscription, in order, until it ends. */
const follow = (url: string) =>
  new Promise<unknown[]>((resolve) => {
    const got: unknown[] = [];
    createClient({ url, apiKey: 'k' }).runs.stream.subscribe(
      { runId: RUN },
      {
        onData: ({ data }) => got.push((data as unknown as { seq: number }).seq),
        onComplete: () => resolve(got),
        onError: ({ data, message }) => resolve([...got, data?.problem.code ?? message]),
      },
    );
  });

test('a refusal that may pass is a lost connection: the subscription comes back after the last event', async () => {
  const { url, seen } = await serve(
    send(`retry: 10\n\n${event(1)}`),
    refuse(503, '{"error":{}}', { 'retry-after': '0' }),
    refuse(429, 'no JSON'),
    send(`${event(2)}event: return\ndata: \n\n`),
  );
  expect(await follow(url)).toEqual([1, 2]);
  expect(seen).toEqual([undefined, '1', '1', '1'].map((last) => ({ last, key: 'k' })));
});

test('any other refusal ends it with the problem that was answered', async () => {
  const error = { message: 'No.', code: -32001, data: { code: 'UNAUTHORIZED', problem: { code: 'unauthenticated' } } };
  const { url, seen } = await serve(send(`retry: 10\n\n${event(1)}`), refuse(401, JSON.stringify({ error })));
  expect(await follow(url)).toEqual([1, 'unauthenticated']);
  expect(seen).toHaveLength(2);
});

test('a refusal that is not of this API ends it too', async () => {
  const { url, seen } = await serve(refuse(404, '<p>Nothing here.</p>'));
  expect(await follow(url)).toEqual([expect.any(String)]);
  expect(seen).toHaveLength(1);
});

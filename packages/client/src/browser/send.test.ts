import { expect, test } from 'vitest';
import {
  countedTokens,
  json,
  page,
  problemOf,
  refuse,
  startScriptedServer,
  type Turn,
} from '../testing/fixtures/scripted-server.ts';
import { createBrowserClient } from './browser-client.ts';

async function start(...turns: Turn[]) {
  const server = await startScriptedServer(...turns);
  return { ...server, client: createBrowserClient({ url: `${server.url}/`, getToken: countedTokens().getToken }) };
}

const run = { intent: 'Log a call', selectedCustomerIntegrationIds: ['*'] };
const created = json(201, { runId: 'r', status: 'QUEUED' });
const soon = { 'retry-after': '0' };

test('ask repeats temporary failures with one key, for the user of the token', async () => {
  const { client, requests } = await start(
    (response) => response.destroy(),
    refuse(503, 'unavailable', soon),
    refuse(409, 'request_in_progress', soon),
    created,
  );
  expect(await client.ask(run)).toMatchObject({ runId: 'r' });
  expect(requests.map(({ line }) => line)).toEqual(Array(4).fill('POST /v1/runs'));
  expect(requests[0]).toMatchObject({
    body: { ...run, userId: 'ada' },
    idempotencyKey: expect.stringMatching(/^\w{32}$/),
  });
  expect(new Set(requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
});

test('each ask has another key, unless the page names one', async () => {
  const { client, requests } = await start(created);
  await client.ask(run);
  await client.ask(run);
  await client.ask(run, { idempotencyKey: 'mine' });
  const [first, second, third] = requests.map(({ idempotencyKey }) => idempotencyKey);
  expect(first).not.toBe(second);
  expect(third).toBe('mine');
});

test('a failure that stays is thrown after four attempts, with its problem document', async () => {
  const { client, requests } = await start(refuse(503, 'unavailable', soon));
  const failure = client.decide('a', { decision: 'approve' });
  await expect(failure).rejects.toMatchObject({ name: 'RequestFailed', problem: problemOf(503, 'unavailable') });
  expect(requests).toHaveLength(4);
});

test.each([
  [400, 'validation_failed', {}],
  [404, 'not_found', {}],
  [429, 'too_many_runs', soon],
  [503, 'credential_unavailable', soon],
  [501, 'not_implemented', soon],
  // Longer than a call may take.
  [503, 'unavailable', { 'retry-after': '3600' }],
] as const)('%i %s is thrown at once', async (status, code, headers) => {
  const { client, requests } = await start(refuse(status, code, headers));
  await expect(client.ask(run)).rejects.toMatchObject({ problem: { code } });
  expect(requests).toHaveLength(1);
});

test('without an answer of Errand the error says what to check', async () => {
  const { client } = await start(page(200));
  await expect(client.run('r')).rejects.toMatchObject({ name: 'RequestFailed', problem: { code: 'no_answer' } });
  const refused = createBrowserClient({ url: 'http://127.0.0.1:1', getToken: countedTokens().getToken });
  await expect(refused.run('r')).rejects.toMatchObject({
    problem: { code: 'no_answer', remedy: expect.stringMatching(/origin/) },
  });
});

test('a signal ends a call at once, and releases the connection', async () => {
  const { client, open } = await start(() => {});
  const stop = new AbortController();
  const call = client.run('r', { signal: stop.signal });
  await expect.poll(() => open.size).toBe(1);
  stop.abort();
  await expect(call).rejects.toBe(stop.signal.reason);
  await expect.poll(() => open.size).toBe(0);
});

test('questions and input requests have their own paths', async () => {
  const { client, requests } = await start(json(200, {}));
  await client.answer({ kind: 'question', requestId: 'q' }, 'Contoso');
  await client.answer({ kind: 'input', requestId: 'i' }, { action: 'accept', content: { seats: 2 } });
  await client.decide('a', { decision: 'deny', reason: 'No' });
  await client.cancel('r');
  expect(requests.map(({ line, body }) => [line, body])).toEqual([
    ['POST /v1/questions/q', { answer: 'Contoso' }],
    ['POST /v1/inputs/i', { action: 'accept', content: { seats: 2 } }],
    ['POST /v1/approvals/a', { decision: 'deny', reason: 'No' }],
    ['DELETE /v1/runs/r', undefined],
  ]);
  await expect(client.answer({ kind: 'call' }, 'x')).rejects.toThrow('kind call has no answer');
});

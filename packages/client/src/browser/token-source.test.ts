import { expect, test } from 'vitest';
import {
  countedTokens,
  eventFrame,
  json,
  openStream,
  refuse,
  startScriptedServer,
  stream,
  type Turn,
} from '../testing/fixtures/scripted-server.ts';
import { type BrowserClientOptions, createBrowserClient } from './browser-client.ts';

type GetToken = BrowserClientOptions['getToken'];

async function start(getToken: GetToken, ...turns: Turn[]) {
  const server = await startScriptedServer(...turns);
  const client = createBrowserClient({ url: server.url, getToken });
  const watch = async (signal?: AbortSignal) => {
    const seqs: number[] = [];
    for await (const { seq } of client.watch('r', { signal })) seqs.push(seq);
    return seqs;
  };
  return { ...server, client, watch, tokensSent: () => server.requests.map(({ token }) => token) };
}

const unauthenticated = refuse(401, 'unauthenticated');
const run = json(200, { runId: 'r' });
const problem = { problem: { code: 'unauthenticated' } };

test('an open stream continues with another token before its token ends, and no event is lost or repeated', async () => {
  // A token is renewed after 5 s at the earliest.
  const { getToken } = countedTokens(6000, 900_000);
  const { watch, requests, open } = await start(
    getToken,
    openStream(eventFrame(1) + eventFrame(2)),
    stream(eventFrame(2) + eventFrame(3, 'end')),
  );
  expect(await watch()).toEqual([1, 2, 3]);
  expect(requests).toMatchObject([
    { token: 't1', lastEventId: undefined },
    { token: 't2', lastEventId: '2' },
  ]);
  await expect.poll(() => open.size).toBe(0);
});

test('a token that is refused is replaced at once, and the stream resumes', async () => {
  const { watch, requests } = await start(
    countedTokens().getToken,
    stream(eventFrame(1)),
    unauthenticated,
    stream(eventFrame(2, 'end')),
  );
  expect(await watch()).toEqual([1, 2]);
  expect(requests.map(({ token, lastEventId }) => [token, lastEventId])).toEqual([
    ['t1', undefined],
    ['t1', '1'],
    ['t2', '1'],
  ]);
});

test('new tokens that are refused, too, are not asked for without end', async () => {
  const { getToken, calls } = countedTokens();
  const { watch, client, tokensSent } = await start(getToken, unauthenticated);
  await expect(watch()).rejects.toMatchObject(problem);
  expect(tokensSent()).toEqual(['t1', 't2', 't3']);
  await expect(client.run('r')).rejects.toMatchObject(problem);
  expect(calls()).toBe(5);
});

test('getToken is never called twice at once: streams and calls wait for the same answer', async () => {
  const { getToken, calls } = countedTokens();
  let give = () => {};
  const gate = new Promise<void>((resolve) => {
    give = resolve;
  });
  const gated: GetToken = async () => {
    const answer = await getToken();
    await gate;
    return answer;
  };
  const { watch, client } = await start(gated, (response, request) =>
    request.url!.includes('sse') ? stream(eventFrame(1, 'end'))(response, request) : run(response, request),
  );
  const all = Promise.all([watch(), watch(), client.run('r'), client.run('r')]);
  give();
  await all;
  expect(calls()).toBe(1);
});

test('streams and calls that are refused at the same time ask for one new token', async () => {
  const { getToken, calls } = countedTokens();
  let refused = 0;
  let releaseAll = () => {};
  const allRefused = new Promise<void>((resolve) => {
    releaseAll = resolve;
  });
  const { client } = await start(getToken, async (response, request) => {
    if (request.headers.authorization !== 'Bearer t1') return run(response, request);
    if (++refused === 3) releaseAll();
    await allRefused;
    unauthenticated(response, request);
  });
  await Promise.all([client.run('r'), client.run('r'), client.run('r')]);
  expect(calls()).toBe(2);
});

test('a stream repeats a getToken that fails, and a call throws its error', async () => {
  const { getToken } = countedTokens();
  let failures = 2;
  const failing: GetToken = () => (failures-- > 0 ? Promise.reject(new Error('signed out')) : getToken());
  const { client, watch } = await start(failing, stream(eventFrame(1, 'end')));
  await expect(client.run('r')).rejects.toThrow('signed out');
  expect(await watch()).toEqual([1]);
});

test('an answer without a token is an error that says what to return', async () => {
  const { watch, client } = await start(async () => ({ key: 'x' }) as never, run);
  const failure = {
    problem: { code: 'invalid_token_answer', remedy: expect.stringContaining('POST /v1/user-tokens') },
  };
  await expect(watch()).rejects.toMatchObject(failure);
  await expect(client.run('r')).rejects.toMatchObject(failure);
});

test.each([
  ['behind', 10 * 3_600_000],
  ['ahead', -10 * 3_600_000],
])('with a clock that is hours %s, a token is used until the service refuses it', async (_, lifetimeMs) => {
  const { getToken, calls } = countedTokens(lifetimeMs);
  const { client, tokensSent } = await start(getToken, run, run, run, unauthenticated, run);
  for (let i = 0; i < 4; i++) await client.run('r');
  expect(tokensSent()).toEqual(['t1', 't1', 't1', 't1', 't2']);
  expect(calls()).toBe(2);
});

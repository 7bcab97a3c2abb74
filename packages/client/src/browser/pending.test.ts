import type { ServerResponse } from 'node:http';
import type { PendingEntry } from '@errand/contracts';
import { expect, test } from 'vitest';
import {
  countedTokens,
  openStream,
  refuse,
  startScriptedServer,
  stream,
  type Turn,
} from '../testing/fixtures/scripted-server.ts';
import { createBrowserClient, type PendingOptions } from './browser-client.ts';

const frame = (value: { type: string; [name: string]: unknown }) =>
  `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
const snapshot = (open: number) => frame({ type: 'snapshot', open, more: open > 1000 });
const added = (id: string) => frame({ type: 'added', entry: { kind: 'call', approvalId: id, runId: 'r' } });
const gone = (id: string) => frame({ type: 'gone', kind: 'call', approvalId: id, runId: 'r', why: 'decided' });
const KEEPALIVE = 'event: keepalive\ndata: null\n\n';
const ids = (entries: readonly PendingEntry[]) => entries.map(({ approvalId }) => approvalId);

async function start(...turns: Turn[]) {
  const server = await startScriptedServer(...turns);
  const client = createBrowserClient({ url: server.url, getToken: countedTokens().getToken });
  /** The first `count` lists. */
  const lists = async (count: number, options?: PendingOptions) => {
    const seen: (string | undefined)[][] = [];
    for await (const entries of client.pending(options)) if (seen.push(ids(entries)) === count) return seen;
    return seen;
  };
  return { ...server, client, lists };
}

test('the whole list comes at the start, and after each change', async () => {
  const { lists, requests, open } = await start(
    openStream(`${snapshot(2)}${KEEPALIVE}${added('b')}${added('a')}${added('c')}${gone('a')}`),
  );
  expect(await lists(3)).toEqual([
    ['b', 'a'],
    ['c', 'b', 'a'],
    ['c', 'b'],
  ]);
  expect(requests[0]!.line).toBe('GET /v1/pending/sse');
  await expect.poll(() => open.size).toBe(0);
});

test('no request is open: the list is empty', async () => {
  const { lists } = await start(openStream(snapshot(0)));
  expect(await lists(1)).toEqual([[]]);
});

test('an entry that closes while the stream starts does not delay the list for long', async () => {
  const { lists } = await start(openStream(snapshot(3) + added('b') + added('a')));
  expect(await lists(1)).toEqual([['b', 'a']]);
});

test('after a reconnect the list comes again only if it differs', async () => {
  const { lists, requests } = await start(
    stream(snapshot(2) + added('b') + added('a')),
    refuse(503, 'unavailable', { 'retry-after': '0' }),
    stream(snapshot(2) + added('b') + added('a')),
    // b was closed and c opened meanwhile.
    openStream(snapshot(2) + added('c') + added('a')),
  );
  expect(await lists(2)).toEqual([
    ['b', 'a'],
    ['c', 'a'],
  ]);
  expect(requests).toHaveLength(4);
});

test('only the requests of a run', async () => {
  const { lists, requests } = await start(openStream(snapshot(0)));
  await lists(1, { runId: 'a&b' });
  expect(requests[0]!.line).toBe('GET /v1/pending/sse?runId=a%26b');
});

test('at most 1,000 entries are kept, the newest ones', async () => {
  let send = (_: string) => {};
  const { client } = await start((response: ServerResponse) => {
    openStream(snapshot(1001) + Array.from({ length: 1000 }, (_, i) => added(`old-${i}`)).join(''))(
      response,
      response.req,
    );
    send = (text) => void response.write(text);
  });
  const lists = client.pending();
  expect((await lists.next()).value).toHaveLength(1000);
  send(added('new'));
  const { value } = await lists.next();
  expect([value?.length, value?.[0]?.approvalId]).toEqual([1000, 'new']);
  await lists.return();
});

test('a refusal is thrown', async () => {
  const { lists } = await start(refuse(403, 'insufficient_ability'));
  await expect(lists(1)).rejects.toMatchObject({ problem: { code: 'insufficient_ability' } });
});

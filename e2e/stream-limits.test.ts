// The limits and rights of streams, over two processes that share a database.
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createClient } from '@errand/client';
import { RequestFailed, streamEvents } from '@errand/client/rest';
import type { Scope } from '@errand/contracts';
import { type Db, openDatabase } from '@errand/db';
import { loginsOf } from '@errand/db/testing';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { aPlan, aRun } from './fixtures/builders.ts';
import { openStream } from './fixtures/frames.ts';
import { request } from './fixtures/request.ts';
import { type Server, startServer } from './fixtures/server.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { type Caller, overRest } from './fixtures/transports.ts';

let stack: Stack;
let second: Server;
let db: Db;
let workspaceId: string;
let runId: string;
beforeAll(async () => {
  let release = () => {};
  const onRequest = ({ url }: { url: string }) =>
    url.includes('hold') ? new Promise<void>((resolve) => (release = resolve)) : undefined;
  stack = await startStack({ crm: { onRequest } });
  second = await startServer({
    databaseUrl: stack.databaseUrl,
    dataDir: stack.dataDir,
    env: { ERRAND_ROLE: 'http' },
  });
  const masterKeys = [(await readFile(join(stack.dataDir, 'master-keys'), 'utf8')).trim()];
  db = openDatabase({ ...loginsOf(stack.databaseUrl), masterKeys });
  ({ workspaceId } = await db.workspaces.first());
  const api = overRest(stack);
  const tool = `${(await api.integrations.list({})).integrations[0]!.customerIntegrationId}.listAccounts`;
  const plan = aPlan(tool, { steps: [{ id: 'only', tool, args: { query: { name: 'hold' } } }] });
  ({ runId } = await api.runs.create(aRun({ plan })));
  return async () => {
    release();
    await db.close();
    await second.kill();
    await stack.close();
  };
});

const aKey = async (server: Server, scopes: Scope[] = ['runs:read']) => {
  const { key, apiKeyId } = await db.apiKeys.create(workspaceId, { name: 'app', scopes });
  return { apiKeyId, caller: { url: server.url, apiKey: key } };
};

/** Three readers of a run that does not end; the reasons for their ends, and the number of requests. */
async function readers(caller: Caller) {
  const stream = await openStream(caller, runId);
  expect(stream.status).toBe(200);
  const rest = (async () => {
    for await (const _ of streamEvents({ ...caller, runId })) {
      // until one is refused
    }
  })().catch((error: unknown) => error);
  let started = 0;
  const trpc = new Promise<unknown>((onError) => {
    const subscription = createClient(caller).runs.stream.subscribe(
      { runId },
      { onStarted: () => started++, onError, onComplete: () => onError('complete') },
    );
    onTestFinished(() => subscription.unsubscribe());
  });
  await expect.poll(() => started).toBe(1);
  return { stream, rest, trpc, started: () => started };
}

test('a revoked key loses its streams on every process, and cannot reopen them', { timeout: 90_000 }, async () => {
  const { apiKeyId, caller } = await aKey(second);
  const { stream, rest, trpc, started } = await readers(caller);
  await db.apiKeys.revoke(workspaceId, apiKeyId);

  const frames = await stream.rest();
  expect(frames.map(({ event }) => event)).not.toContain('end');
  expect((await openStream(caller, runId, { lastEventId: '1' })).status).toBe(401);
  const failure = await rest;
  expect(failure).toBeInstanceOf(RequestFailed);
  expect(failure).toMatchObject({ problem: { code: 'unauthenticated' } });
  expect(await trpc).toMatchObject({ data: { code: 'UNAUTHORIZED', problem: { code: 'unauthenticated' } } });
  expect(started()).toBe(1);
  expect(second.log()).not.toContain('unexpected error');
});

test('a key that loses the scope, or expires, loses its streams', { timeout: 90_000 }, async () => {
  const less = await aKey(second);
  const short = await aKey(second);
  const [ofLess, ofShort] = [await readers(less.caller), await readers(short.caller)];
  await db.pool.query(`UPDATE api_key SET scopes = '{runs:write}' WHERE api_key_id = $1`, [less.apiKeyId]);
  await db.pool.query('UPDATE api_key SET expires_at = now() WHERE api_key_id = $1', [short.apiKeyId]);

  expect(await ofLess.trpc).toMatchObject({ data: { code: 'FORBIDDEN', problem: { code: 'insufficient_scope' } } });
  expect(await ofShort.trpc).toMatchObject({ data: { problem: { code: 'unauthenticated' } } });
  expect(await ofShort.rest).toMatchObject({ problem: { code: 'unauthenticated' } });
  await ofShort.stream.rest();
});

test('a key has 1,000 streams over all processes; a killed one frees its share', {
  timeout: 90_000,
}, async () => {
  const { caller: there } = await aKey(second, ['admin']);
  const here = { ...there, url: stack.url };
  const path = `/v1/runs/${runId}/sse`;
  const ofSecond = await openMany(there, path, 600);
  expect(ofSecond).toHaveLength(600);
  expect(await openMany(here, path, 400)).toHaveLength(400);

  for (const caller of [here, there]) {
    const { status, headers, problem } = await request(caller, path);
    expect([status, problem.code]).toEqual([429, 'too_many_streams']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
  for (const socket of ofSecond.slice(0, 200)) socket.destroy();
  await expect
    .poll(() => openMany(here, path, 1).then(({ length }) => length), { timeout: 60_000, interval: 250 })
    .toBe(1);
  await second.kill();
  await expect
    .poll(() => openMany(here, path, 500).then(({ length }) => length), { timeout: 40_000, interval: 2000 })
    .toBe(500);
});

/** A service on a busy machine answers 503 to more requests. */
const AT_ONCE = 50;

/** Opens streams. If one is refused, all are closed again, and none is returned. */
async function openMany({ url, apiKey }: Caller, path: string, count: number): Promise<Socket[]> {
  const { hostname, port } = new URL(url);
  const openStream = () =>
    new Promise<Socket | undefined>((resolve) => {
      const socket = connect(Number(port), hostname);
      socket.once('data', (bytes) => resolve(bytes.toString('latin1', 9, 12) === '200' ? socket : undefined));
      socket.on('error', () => resolve(undefined));
      socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nx-api-key: ${apiKey}\r\n\r\n`);
      onTestFinished(() => void socket.destroy());
    });
  const opened: Socket[] = [];
  while (opened.length < count) {
    const length = Math.min(AT_ONCE, count - opened.length);
    const batch = await Promise.all(Array.from({ length }, openStream));
    opened.push(...batch.filter((socket) => socket !== undefined));
    if (!batch.includes(undefined)) continue;
    for (const socket of opened) socket.destroy();
    return [];
  }
  return opened;
}

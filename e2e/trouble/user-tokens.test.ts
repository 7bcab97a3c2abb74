// The end of user tokens and of their streams, and their limits, over two processes that share a database.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scope } from '@errand/contracts';
import type { Db } from '@errand/db';
import { openDatabase } from '@errand/db';
import { loginsOf } from '@errand/db/testing';
import { beforeAll, expect, test } from 'vitest';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { openStream } from '../fixtures/frames.ts';
import { request } from '../fixtures/request.ts';
import { type Server, startServer } from '../fixtures/server.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { type Api, type Caller, overRest } from '../fixtures/transports.ts';
import { asUser, userCaller } from '../fixtures/user-tokens.ts';

let stack: Stack;
let second: Server;
let db: Db;
let api: Api;
let workspaceId: string;
let tool: string;
beforeAll(async () => {
  let release = () => {};
  const onRequest = ({ url }: { url: string }) =>
    url.includes('hold') ? new Promise<void>((resolve) => (release = resolve)) : undefined;
  stack = await startStack({ crm: { onRequest } });
  second = await startServer({ databaseUrl: stack.databaseUrl, dataDir: stack.dataDir, env: { ERRAND_ROLE: 'http' } });
  const masterKeys = [(await readFile(join(stack.dataDir, 'master-keys'), 'utf8')).trim()];
  db = openDatabase({ ...loginsOf(stack.databaseUrl), masterKeys });
  ({ workspaceId } = await db.workspaces.first());
  api = overRest(stack);
  tool = `${(await api.integrations.list({})).integrations[0]!.customerIntegrationId}.listAccounts`;
  return async () => {
    release();
    await db.close();
    await second.kill();
    await stack.close();
  };
});

/** A run of a user that does not end. */
async function held(userId: string): Promise<string> {
  const plan = aPlan(tool, { steps: [{ id: 'only', tool, args: { query: { name: 'hold' } } }] });
  return (await api.runs.create(aRun({ userId, plan }))).runId;
}

const aKey = async (scopes: Scope[] = ['runs:read', 'connections:write']) => {
  const { key, apiKeyId } = await db.apiKeys.create(workspaceId, { name: 'app', scopes });
  return { apiKeyId, caller: { url: second.url, apiKey: key } };
};

type Minted = { userId: string; apiKeyId: string; caller: Caller };
/** Each cause, as another process or the database brings it about. */
const causes: [string, (minted: Minted) => Promise<unknown>][] = [
  ['its key is revoked', ({ apiKeyId }) => db.apiKeys.revoke(workspaceId, apiKeyId)],
  ['its key expires', ({ apiKeyId }) => sql('UPDATE api_key SET expires_at = now() WHERE api_key_id = $1', apiKeyId)],
  [
    'its key loses a scope',
    ({ apiKeyId }) => sql(`UPDATE api_key SET scopes = '{runs:write}' WHERE api_key_id = $1`, apiKeyId),
  ],
  ['its time ends', ({ userId }) => sql('UPDATE user_token SET expires_at = now() WHERE user_id = $1', userId)],
  ['the tokens of its user are revoked', ({ userId }) => api.userTokens.revoke({ userId })],
  ['its user is erased', ({ userId }) => api.users.erase({ userId })],
];
const sql = (text: string, id: string) => db.pool.query(text, [id]);

test.each(causes)('a stream ends when %s, and is not opened again', { timeout: 60_000 }, async (cause, end) => {
  const userId = cause.replaceAll(' ', '-');
  const runId = await held(userId);
  const { apiKeyId, caller: minter } = await aKey();
  const caller = await userCaller(minter, { userId });
  const stream = await openStream(caller, runId);
  expect(stream.status).toBe(200);

  await end({ userId, apiKeyId, caller });
  const frames = await stream.rest();
  expect(frames.map(({ event }) => event)).not.toContain('end');
  const again = await openStream(caller, runId, { lastEventId: '1' });
  expect([again.status, await again.problem()]).toMatchObject([
    401,
    { code: 'unauthenticated', detail: 'The user token has ended.' },
  ]);
});

test('a rotated key keeps the streams of its tokens', async () => {
  const runId = await held('rotated');
  const { apiKeyId, caller: minter } = await aKey();
  const caller = await userCaller(minter, { userId: 'rotated' });
  await api.apiKeys.rotate({ apiKeyId, overlapSeconds: 0 });
  expect((await request({ ...caller, url: stack.url }, `/v1/runs/${runId}`)).status).toBe(200);
});

test('a user has five streams over both processes, and minting again gives no more', async () => {
  const runId = await held('streams');
  const { caller: minter } = await aKey();
  const open = async (url: string) => {
    const caller = await userCaller(minter, { userId: 'streams' });
    const stream = await openStream({ ...caller, url }, runId);
    return { stream, problem: stream.status === 200 ? undefined : await stream.problem() };
  };
  const opened = [];
  for (let n = 0; n < 5; n++) opened.push(await open(n % 2 ? stack.url : second.url));
  expect(opened.map(({ stream }) => stream.status)).toEqual([200, 200, 200, 200, 200]);
  for (const url of [stack.url, second.url])
    expect(await open(url)).toMatchObject({ problem: { code: 'too_many_streams' } });
  for (const { stream } of opened) stream.cut();
});

test('twenty creates at once over two processes make exactly the five open runs of the user', async () => {
  const { caller: minter } = await aKey(['runs:write']);
  const limits = { openRuns: 5 };
  const more = { userId: 'many', can: ['ask' as const], integrations: ['*' as const] as ['*'], limits };
  const callers = [await asUser(minter, more), await asUser({ ...minter, url: stack.url }, more)];
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      callers[n % 2]!.runs.create({
        intent: 'List accounts named hold',
        selectedCustomerIntegrationIds: ['*'],
        userId: 'many',
        context: `n=${n}`,
      })
        .then(({ runId }) => runId)
        .catch((error: { status: number; problem: { code: string } }) => `${error.status} ${error.problem.code}`),
    ),
  );
  const refused = results.filter((result) => result === '429 too_many_runs');
  const { rows } = await db.pool.query(`SELECT 1 FROM run WHERE user_id = 'many'`);
  expect([refused.length, rows.length]).toEqual([15, 5]);
});

test('the requests of a user are limited over all its tokens', async () => {
  const { caller: minter } = await aKey();
  const limits = { requestsPerMinute: 10 };
  const statuses: number[] = [];
  for (let n = 0; n < 12; n++) {
    const caller = await userCaller(minter, { userId: 'busy', limits });
    const answer = await request(caller, '/v1/runs?pageSize=1');
    statuses.push(answer.status);
    if (answer.status === 429) expect(answer.problem).toMatchObject({ code: 'rate_limited' });
  }
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
  expect(statuses.slice(0, 5)).toEqual([200, 200, 200, 200, 200]);
});

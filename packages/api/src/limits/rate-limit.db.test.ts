import type { KeyPrincipal } from '@errand/contracts';
import { type Db, openDatabase } from '@errand/db';
import { createTestDatabase, masterKey, type TestDatabase } from '@errand/db/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createLocalQuota } from './local-quota.ts';
import { type CallerRateLimit, createCallerRate, RateLimit } from './rate-limit.ts';

let database: TestDatabase;
let db: Db;
let workspaceId: string;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  ({ workspaceId } = await db.workspaces.create('acme'));
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const aKey = async () => ({
  workspaceId,
  apiKeyId: (await db.apiKeys.create(workspaceId, { name: 'app', scopes: [] })).apiKeyId,
});
const limited = expect.objectContaining({
  code: 'rate_limited',
  options: {
    remedy: expect.stringMatching(/^Wait \d+ s\.$/),
    values: { retryAfterSeconds: expect.any(Number) },
    headers: {
      'retry-after': expect.stringMatching(/^[1-9]\d*$/),
      'ratelimit-policy': '"key";q=10;w=60',
      ratelimit: expect.stringMatching(/^"key";r=0;t=\d+$/),
    },
  },
});

test('processes share the quota of a key, and each key has its own', async () => {
  const key = await aKey();
  const processes = Array.from({ length: 3 }, () => new RateLimit(db.apiKeys.requests, 10));
  const spent = await Promise.allSettled(Array.from({ length: 15 }, async (_, i) => processes[i % 3]!.spend(key)));
  expect(spent.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  for (const limiter of processes) await expect((async () => limiter.spend(key))()).rejects.toEqual(limited);
  expect(await processes[0]!.spend(await aKey())).toEqual({
    'ratelimit-policy': '"key";q=10;w=60',
    ratelimit: expect.stringMatching(/^"key";r=9;t=[67]$/),
  });
});

test('most requests ask nobody: a hundredth is leased at a time, ahead of need', async () => {
  const key = await aKey();
  let leases = 0;
  const limit = new RateLimit(
    {
      take: (...args) => {
        leases++;
        return db.apiKeys.requests.take(...args);
      },
    },
    10_000,
  );
  let waited = 0;
  for (let i = 0; i < 1000; i++) {
    const fields = limit.spend(key);
    if (fields instanceof Promise) waited++;
    const { ratelimit } = (await fields)!;
    expect(Number(/r=(\d+)/.exec(ratelimit)?.[1])).toBeLessThanOrEqual(9_999 - i + 600); // some come back meanwhile
    if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(leases).toBeLessThanOrEqual(25);
  expect(waited).toBeLessThan(200);
});

test('a database that does not answer counts nothing, and 0 is no limit', async () => {
  const key = await aKey();
  const broken = new RateLimit({ take: () => Promise.reject(new Error('down')) }, 1);
  for (let i = 0; i < 5; i++) expect(await broken.spend(key)).toMatchObject({ 'ratelimit-policy': '"key";q=1;w=60' });
  expect(new RateLimit(db.apiKeys.requests, 0).spend(key)).toBeUndefined();
});

test('all callers of a workspace share its limit, and a request that the limit of the key refuses does not count for it', async () => {
  const { workspaceId: id } = await db.workspaces.create('limited');
  const settings = { of: (of: string) => (of === id ? { requestsPerMinute: limit } : undefined) };
  let limit: number | null = 6;
  const { requests } = db.apiKeys;
  const process = () =>
    createCallerRate({
      keys: new RateLimit(requests, 4),
      users: new RateLimit(requests, 0, 'user'),
      subjects: new RateLimit(createLocalQuota(), 4),
      workspaces: new RateLimit(requests, 0, 'workspace'),
      settings,
    });
  const [one, two] = [process(), process()];
  const principal = async (workspaceId: string): Promise<KeyPrincipal> => {
    const { apiKeyId } = await db.apiKeys.create(workspaceId, { name: 'app', scopes: [] });
    return { kind: 'api_key', id: apiKeyId, apiKeyId, workspaceId, label: 'app', scopes: [] };
  };
  const [first, second, other] = [await principal(id), await principal(id), await principal(workspaceId)];
  const spend = async (rate: CallerRateLimit, caller: KeyPrincipal) => rate.spend(caller);
  for (let n = 0; n < 4; n++) await spend(n % 2 ? one : two, first);
  await expect(spend(one, first)).rejects.toThrow('The key has used its 4 requests per minute.');
  expect(await spend(two, second)).toEqual({
    'ratelimit-policy': '"key";q=4;w=60, "workspace";q=6;w=60',
    ratelimit: expect.stringMatching(/^"key";r=3;t=\d+, "workspace";r=1;t=\d+$/),
  });
  await spend(one, second);
  await expect(spend(two, second)).rejects.toMatchObject({
    code: 'rate_limited',
    message: 'The workspace has used its 6 requests per minute.',
    options: { headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) } },
  });
  expect(await spend(one, other)).toMatchObject({ 'ratelimit-policy': '"key";q=4;w=60' });
  limit = null;
  const third = await principal(id);
  expect(await spend(one, third)).toMatchObject({ 'ratelimit-policy': '"key";q=4;w=60' });
});

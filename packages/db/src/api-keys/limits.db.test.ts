// Limits of a key across processes: stream slots and requests.
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { createTestDatabase, masterKey, type TestDatabase } from '../testing/index.ts';

let database: TestDatabase;
let db: Db;
let key: { workspaceId: string; apiKeyId: string };
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});
beforeEach(async () => {
  const { workspaceId } = await db.workspaces.create('acme');
  key = { workspaceId, apiKeyId: (await db.apiKeys.create(workspaceId, { name: 'app', scopes: ['admin'] })).apiKeyId };
});

const someone = () => crypto.randomUUID();
const age = (seconds: number) =>
  db.pool.query(`UPDATE stream_lease SET renewed_at = renewed_at - $1 * interval '1 second'`, [seconds]);

test('processes that lease slots at the same time never exceed the limit together', async () => {
  const { streams } = db.apiKeys;
  const holders = Array.from({ length: 10 }, someone);
  const had = await Promise.all(
    holders.map((holder) => streams.take(holder, key, { open: 0, requested: 50, limit: 120 })),
  );
  expect(had.toSorted((a, b) => b - a)).toEqual([50, 50, 20, 0, 0, 0, 0, 0, 0, 0]);
});

test('slots that are not renewed, or are released, can be leased by others', async () => {
  const { streams } = db.apiKeys;
  const [dead, modest, gone, me] = [someone(), someone(), someone(), someone()];
  for (const holder of [dead, modest, gone])
    expect(await streams.take(holder, key, { open: 0, requested: 30, limit: 100 })).toBe(30);
  expect(await streams.take(me, key, { open: 0, requested: 50, limit: 100 })).toBe(10);
  await age(10);
  await streams.renew(modest, [{ ...key, streams: 5 }]);
  await streams.renew(gone, [{ ...key, streams: 30 }]);
  expect(await streams.take(me, key, { open: 10, requested: 50, limit: 100 })).toBe(35);
  await age(8); // the dead one is silent for 18 s by now, the others for 8
  expect(await streams.take(me, key, { open: 35, requested: 80, limit: 100 })).toBe(65);
  await streams.drop(gone, [key]);
  expect(await streams.take(me, key, { open: 65, requested: 99, limit: 100 })).toBe(95);
});

test('a holder that counted as dead keeps its slots when it returns, and gets no more', async () => {
  const { streams } = db.apiKeys;
  const [frozen, unrelated] = [someone(), someone()];
  expect(await streams.take(frozen, key, { open: 0, requested: 60, limit: 100 })).toBe(60);
  await age(100);
  expect(await streams.take(unrelated, key, { open: 0, requested: 80, limit: 100 })).toBe(80);
  await streams.renew(unrelated, [{ ...key, streams: 80 }]); // removes the frozen one
  expect((await db.pool.query('SELECT FROM stream_lease WHERE holder_id = $1', [frozen])).rowCount).toBe(0);
  await streams.renew(frozen, [{ ...key, streams: 60 }]);
  expect(await streams.take(frozen, key, { open: 60, requested: 110, limit: 100 })).toBe(60);
});

test('processes share a quota, which refills evenly', async () => {
  const { requests } = db.apiKeys;
  const minute = 60_000;
  const first = await requests.take(key, 10, 100, minute);
  expect(first).toMatchObject({ granted: 10, remaining: 90, nextMs: 0 });
  const grants = await Promise.all(Array.from({ length: 20 }, () => requests.take(key, 10, 100, minute)));
  expect(grants.reduce((sum, { granted }) => sum + granted, 0)).toBe(90);
  const none = await requests.take(key, 10, 100, minute);
  expect(none).toMatchObject({ granted: 0, remaining: 0 });
  expect(none.nextMs).toBeGreaterThan(0);
  expect(none.nextMs).toBeLessThanOrEqual(600);
  expect(none.fullMs).toBeGreaterThan(59_000);
  await db.pool.query(`UPDATE request_quota SET full_at = full_at - interval '6 seconds'`);
  expect(await requests.take(key, 100, 100, minute)).toMatchObject({ granted: 10 });
  await db.pool.query(`UPDATE request_quota SET full_at = full_at - interval '1 day'`);
  expect(await requests.take(key, 1000, 100, minute)).toMatchObject({ granted: 100, remaining: 0 });
});

test('each key has a separate quota, which may be very large or very small', async () => {
  const secondKey = { ...key, ...(await db.apiKeys.create(key.workspaceId, { name: 'b', scopes: [] })) };
  expect(await db.apiKeys.requests.take(key, 1, 1, 60_000)).toMatchObject({ granted: 1, remaining: 0 });
  expect(await db.apiKeys.requests.take(key, 1, 1, 60_000)).toMatchObject({ granted: 0 });
  expect((await db.apiKeys.requests.take(secondKey, 5000, 1_000_000, 60_000)).granted).toBe(5000);
  const { granted, remaining: left } = await db.apiKeys.requests.take(secondKey, 5000, 1_000_000, 60_000);
  expect(granted).toBe(5000);
  expect(left).toBeGreaterThan(989_000);
});

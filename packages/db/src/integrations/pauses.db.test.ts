import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { anIntegration, createTestDatabase, masterKey, type TestDatabase } from '../testing/index.ts';
import { type CallQuota, type QuotaKey, takeCalls } from './pauses.ts';

let database: TestDatabase;
let db: Db;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

async function aKey(): Promise<QuotaKey> {
  const { workspaceId } = await db.workspaces.create('w');
  const { customerIntegrationId } = await db.forWorkspace(workspaceId).integrations.create(anIntegration());
  return { workspaceId, customerIntegrationId, userId: 'ann' };
}

const HOUR_MS = 3_600_000;

const pass = (ms: number) =>
  db.pool.query('UPDATE call_quota SET starts = ARRAY(SELECT s - $1 FROM unnest(starts) AS s)', [ms]);

/** Takes as many calls as possible, while the clock moves by steps. @returns when each is taken */
async function takeAll(key: QuotaKey, share: number, quota: CallQuota): Promise<number[]> {
  const stepMs = quota.windowMs / 40;
  const takenAt: number[] = [];
  for (let now = 0; now < 3.5 * quota.windowMs; now += stepMs) {
    for (;;) {
      const { granted, nextMs } = await takeCalls(db.pool, key, share, quota);
      takenAt.push(...Array<number>(granted).fill(now));
      if (granted > 0) continue;
      expect(nextMs).toBeGreaterThan(0);
      break;
    }
    await pass(stepMs);
  }
  return takenAt;
}

test.each([
  ['one call at a time', 1, { limit: 5, windowMs: HOUR_MS, ageMs: 0 }],
  ['shares', 4, { limit: 37, windowMs: HOUR_MS, ageMs: HOUR_MS / 10 }],
])('no window has more calls than the quota, and most of it is used: %s', async (_case, share, quota) => {
  const { limit, windowMs, ageMs } = quota;
  const takenAt = await takeAll(await aKey(), share, quota);
  // The worst case: the call before a window is made as late as possible, and those within it at once.
  const inWindow = (from: number) => takenAt.filter((at) => at + ageMs >= from && at < from + windowMs).length;
  expect(Math.max(...takenAt.map((at) => inWindow(at + ageMs)))).toBe(limit);
  expect(takenAt.filter((at) => at === 0)).toHaveLength(limit);
  expect(takenAt.length).toBeGreaterThanOrEqual(3 * limit);
});

test('a quota keeps a bounded number of parts, whatever is taken', async () => {
  const key = await aKey();
  const quota = { limit: 1_000_000, windowMs: HOUR_MS, ageMs: 0 };
  for (let i = 0; i < 60; i++) {
    for (let calls = 0; calls < 3; calls++) await takeCalls(db.pool, key, 1, quota);
    await pass(HOUR_MS / 20);
  }
  const { rows } = await db.pool.query<{ parts: number }>(
    'SELECT cardinality(starts) AS parts FROM call_quota WHERE workspace_id = $1',
    [key.workspaceId],
  );
  expect(rows[0]!.parts).toBeLessThanOrEqual(22);
});

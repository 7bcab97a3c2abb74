import { batchPoolOptions, type ClaimingWorker, createRun, newId } from '@errand/db';
import { aNewRun, claimOne, createTestDatabase, seedDueRuns, type TestDatabase } from '@errand/db/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { Dequeuer } from './dequeuer.ts';
import type { LoadMeter } from './load-limit.ts';

let database: TestDatabase;
let batchPool: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  const options = Object.entries(batchPoolOptions).map(([name, value]) => `-c ${name}=${value}`);
  batchPool = new pg.Pool({ connectionString: database.url, max: 4, options: options.join(' ') });
});
afterAll(async () => {
  await batchPool.end();
  await database.drop();
});
beforeEach(() => batchPool.query('TRUNCATE run CASCADE'));

const log = { debug() {}, info() {}, warn() {}, error() {} };
const end = `UPDATE run SET status = 'SUCCESS', lease = NULL, due = 0 WHERE run_id = $1`;

/** A worker that ends each run as soon as it has it, and notes the order in `claimedIds`. */
const aQueue = (
  concurrency: number,
  claimedIds: string[],
  before = async (_nth: number) => {},
  {
    slots = 60,
    lives = { now: true },
    meter,
  }: Partial<{ slots: number; lives: { now: boolean }; meter: LoadMeter }> = {},
) =>
  new Dequeuer(
    batchPool,
    'pool-a',
    { concurrency, slots, pollMs: 60_000, log, ...(meter && { meter }) },
    {
      waitUntilSeenAlive: async () => true,
      isSeenAlive: () => lives.now,
      isLeader: () => true,
      passDue: () => {},
      execute: async ({ run: { runId } }) => {
        await before(claimedIds.push(runId));
        await batchPool.query(end, [runId]);
      },
    },
  );

/** @returns the runs in the order in which a worker claimed them */
async function claimAll(count: number, concurrency: number): Promise<string[]> {
  const claimedIds: string[] = [];
  const queue = aQueue(concurrency, claimedIds);
  queue.wake();
  await expect.poll(() => claimedIds.length, { timeout: 10_000 }).toBe(count);
  await queue.stop();
  await queue.idle();
  return claimedIds;
}

test('one claim in eight claims the oldest run, so that runs of high priority do not starve others', async () => {
  const ids = await seedDueRuns(batchPool, [newId()], 40);
  await batchPool.query('UPDATE run SET priority = CASE WHEN run_id = $1 THEN -10 ELSE 10 END', [ids[0]]);
  const claimedIds = await claimAll(40, 1);
  expect(claimedIds.indexOf(ids[0]!)).toBe(7);
  expect(new Set(claimedIds).size).toBe(40);
});

test('one notification is enough to claim all due runs, however many workspaces and however few slots', async () => {
  const ids = await seedDueRuns(
    batchPool,
    Array.from({ length: 100 }, () => newId()),
    2,
  );
  expect((await claimAll(200, 10)).sort()).toEqual(ids);
});

/** Workspaces in the order in which a claim looks at them. */
const inOrder = (count: number) => Array.from({ length: count }, newId).sort();

test('a busy worker claims from each workspace in turn, whatever its id and however many runs of others are due', async () => {
  const [many, more, single] = inOrder(3) as [string, string, string];
  await seedDueRuns(batchPool, [many, more], 40);
  const [last] = await seedDueRuns(batchPool, [single], 1);
  const claimedIds = await claimAll(81, 1);
  expect(claimedIds.indexOf(last!)).toBeLessThan(3);
});

test('after others claimed the same runs, a workspace with a single run still has its turn', async () => {
  const [many, single] = inOrder(2) as [string, string];
  const ids = await seedDueRuns(batchPool, [many], 100);
  const [only] = await seedDueRuns(batchPool, [single], 1);
  const otherClient = await batchPool.connect();
  await otherClient.query('BEGIN');
  await otherClient.query('SELECT FROM run WHERE run_id = ANY($1) FOR NO KEY UPDATE', [[ids[0], only]]);
  const claimedIds: string[] = [];
  const queue = aQueue(1, claimedIds, async (nth) => {
    if (nth === 1) await otherClient.query('ROLLBACK');
  });
  queue.wake();
  await expect.poll(() => claimedIds.length, { timeout: 10_000 }).toBe(101);
  otherClient.release();
  await queue.stop();
  await queue.idle();
  expect(claimedIds.indexOf(only!)).toBeLessThan(10);
});

test('a locked run keeps no workspace from its turn', async () => {
  const [locked, ...others] = inOrder(34) as [string, ...string[]];
  const last = others.pop()!;
  const [first] = await seedDueRuns(batchPool, [locked], 1);
  await seedDueRuns(batchPool, others, 2);
  // They have no slot left: what is due of them waits.
  await batchPool.query(
    `UPDATE run SET lease = 'pool-b', due = 0, status = 'RUNNING' WHERE workspace_id = ANY($1)
      AND run_id = (SELECT min(o.run_id::text)::uuid FROM run o WHERE o.workspace_id = run.workspace_id)`,
    [others],
  );
  const [lastDue] = await seedDueRuns(batchPool, [last], 1);
  const otherClient = await batchPool.connect();
  await otherClient.query('BEGIN');
  await otherClient.query('SELECT FROM run WHERE run_id = $1 FOR NO KEY UPDATE', [first]);
  const claimedIds: string[] = [];
  const queue = aQueue(10, claimedIds, undefined, { slots: 1 });
  queue.wake();
  await expect.poll(() => claimedIds, { timeout: 5000 }).toEqual([lastDue]);
  await otherClient.query('ROLLBACK');
  otherClient.release();
  await queue.stop();
  await queue.idle();
});

test('a statement that makes a run due claims it only if a slot is free and no other run waits for it', async () => {
  const claimedIds: string[] = [];
  const going: (() => void)[] = [];
  const queue = aQueue(2, claimedIds, () => new Promise((go) => going.push(go)));
  const claimants: (ClaimingWorker | null)[] = [];
  const create = async () => {
    const result = await queue.makeDue(false, async (claimant) => {
      claimants.push(claimant);
      return createRun({ pool: batchPool, workspaceId: newId() }, aNewRun(), claimant);
    });
    if (!result!.claimed) queue.wake();
  };
  const letGo = () => {
    for (const go of going.splice(0)) go();
  };
  // Two have room before either is begun, a third has none.
  await Promise.all([create(), create(), create()]);
  expect(claimants.map((claimant) => claimant?.worker)).toEqual(['pool-a', 'pool-a', undefined]);
  expect(claimedIds).toHaveLength(2);
  queue.wake();
  // What is made while the third waits stands behind it.
  letGo();
  await create();
  expect(claimants.at(-1)).toBeNull();
  await expect.poll(() => claimedIds.length, { timeout: 5000 }).toBe(4);
  letGo();
  await queue.stop();
  await queue.idle();
  await create();
  expect(claimants.at(-1)).toBeNull();
});

test('a busy process still claims what it stores itself, and what waits once it has ended some of its runs', async () => {
  const claimedIds: string[] = [];
  const going: (() => void)[] = [];
  const meter = { read: () => ({ now: 0, busy: 1, ms: 50 }), reset: () => {} };
  const queue = aQueue(100, claimedIds, () => new Promise((go) => going.push(go)), { meter });
  const workers: (string | undefined)[] = [];
  const create = () =>
    queue.makeDue(false, (claimant) => {
      workers.push(claimant?.worker);
      return createRun({ pool: batchPool, workspaceId: newId() }, aNewRun(), claimant);
    });
  for (let n = 0; n < 20; n++) await create();
  // The first claim takes what it may take however busy it is: nothing is there. The second is put off.
  for (let n = 0; n < 2; n++) {
    queue.wake();
    await expect.poll(() => queue.isClaiming).toBe(false);
  }
  await create();
  expect(workers).toEqual(Array(21).fill('pool-a'));
  const [waits] = await seedDueRuns(batchPool, [newId()], 1);
  queue.wake();
  await expect.poll(() => queue.isClaiming).toBe(false);
  expect(claimedIds).not.toContain(waits);
  for (const go of going.splice(0)) go();
  await expect.poll(() => claimedIds).toContain(waits);
  for (const go of going.splice(0)) go();
  await queue.stop();
  await queue.idle();
});

test('a busy process claims the first run of a workspace at once, and a further one only in turn', async () => {
  const claimedIds: string[] = [];
  const going: (() => void)[] = [];
  const meter = { read: () => ({ now: 0, busy: 1, ms: 50 }), reset: () => {} };
  const queue = aQueue(100, claimedIds, () => new Promise((go) => going.push(go)), { meter });
  const create = async (workspaceId: string) => {
    const store = (claimant: ClaimingWorker | null) => createRun({ pool: batchPool, workspaceId }, aNewRun(), claimant);
    return (await queue.makeDue(false, store, workspaceId))!.claimed !== null;
  };
  const [large, small] = [newId(), newId()];
  for (let n = 0; n < 14; n++) expect(await create(large)).toBe(true);
  queue.wake();
  await expect.poll(() => queue.isClaiming).toBe(false);
  expect(await create(large)).toBe(false);
  expect([await create(small), await create(small)]).toEqual([true, false]);
  await queue.stop();
  for (const go of going.splice(0)) go();
  await queue.idle();
});

test('a process without a recent heartbeat claims nothing when it makes runs due, and only some runs beyond the slots', async () => {
  const lives = { now: false };
  const claimedIds: string[] = [];
  const queue = aQueue(8, claimedIds, () => new Promise(() => {}), { lives });
  const answer = async () => {
    const { runId } = await createRun({ pool: batchPool, workspaceId: newId() }, aNewRun());
    const result = await queue.makeDue(true, async (claimant) => {
      const claimed = claimant && (await claimOne({ pool: batchPool, workspaceId: await workspaceOf(runId) }, runId));
      return { runId, claimed: claimed && { ...claimed, exceedsSlots: true } };
    });
    return result!.claimed !== null;
  };
  expect(await answer()).toBe(false);
  lives.now = true;
  expect([await answer(), await answer(), await answer()]).toEqual([true, true, false]);
});

const workspaceOf = async (runId: string): Promise<string> =>
  (await batchPool.query('SELECT workspace_id FROM run WHERE run_id = $1', [runId])).rows[0].workspace_id;

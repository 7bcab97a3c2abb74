// Claims of due runs: each once, workspaces in turn, within their slots.
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { newId } from '../../statements/scope.ts';
import { aNewRun, aStart } from '../../testing/a-new-run.ts';
import { aClaim, justBelow } from '../../testing/claim-one.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { seedDueRuns } from '../../testing/seed-due-runs.ts';
import { createRun } from '../create.ts';
import { readEvents } from '../events.ts';
import { batchPoolOptions } from '../transitions/transitions.ts';
import { type ClaimOptions, type ClaimOutcome, claimRuns, MAX_CLAIMED } from './claim.ts';
import { SUSPECT_DEATHS } from './claimed-run.ts';

let database: TestDatabase;
let batchPool: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  const options = Object.entries(batchPoolOptions).map(([name, value]) => `-c ${name}=${value}`);
  batchPool = new pg.Pool({ connectionString: database.url, max: 20, options: options.join(' ') });
});
afterAll(async () => {
  await batchPool.end();
  await database.drop();
});
beforeEach(() => batchPool.query('TRUNCATE run CASCADE'));

const claim = (changes: Partial<ClaimOptions> = {}) => claimRuns(batchPool, aClaim(changes), aStart);
const idsOf = ({ claimed }: ClaimOutcome) => claimed.map(({ run }) => run.runId);
const perWorkspace = ({ claimed }: ClaimOutcome, workspaces: readonly string[]) =>
  workspaces.map((id) => claimed.filter(({ run }) => run.workspaceId === id).length);
const set = (sets: string, ids: readonly string[]) =>
  batchPool.query(`UPDATE run SET ${sets} WHERE run_id = ANY($1)`, [ids]);
const workspacesInOrder = (count: number) => Array.from({ length: count }, newId).sort();

test('one of twenty concurrent claims succeeds, and the run starts once', async () => {
  const scope = { pool: batchPool, workspaceId: newId() };
  for (let round = 0; round < 10; round++) {
    const { runId } = await createRun(scope, aNewRun());
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, i) => claim({ worker: `pool-${i}` })));
    expect(outcomes.flatMap(idsOf)).toEqual([runId]);
    const { rows } = await readEvents(scope, runId, 0, { limit: 10, bytes: 10_000 });
    expect(rows.map(({ seq, type }) => [seq, type])).toEqual([[1, 'start']]);
  }
});

test('workspaces take turns, regardless of the number of due runs', async () => {
  const [many, some, single] = workspacesInOrder(3) as [string, string, string];
  await seedDueRuns(batchPool, [many], 40);
  await seedDueRuns(batchPool, [some], 5);
  await seedDueRuns(batchPool, [single], 1);
  expect(perWorkspace(await claim({ maxRuns: 9 }), [many, some, single])).toEqual([4, 4, 1]);
  expect(perWorkspace(await claim({ maxRuns: 9 }), [many, some, single])).toEqual([8, 1, 0]);
});

test('a workspace has no more runs under way than slots, over all workers', async () => {
  await seedDueRuns(batchPool, [newId()], 10);
  const first = await claim({ slots: 4, maxRuns: 3 });
  const second = await claim({ slots: 4, worker: 'pool-b' });
  expect([first, second].map(({ claimed, slotsFull }) => [claimed.length, slotsFull])).toEqual([
    [3, false],
    [1, true],
  ]);
  expect(await claim({ slots: 4 })).toMatchObject({ claimed: [], candidates: 0, slotsFull: true });
  await set(`lease = NULL, due = 0, status = 'SUCCESS'`, idsOf(first).slice(0, 2));
  expect((await claim({ slots: 4 })).claimed).toHaveLength(2);
});

test('a workspace without a free slot does not block others', async () => {
  const [full, empty] = workspacesInOrder(2) as [string, string];
  await seedDueRuns(batchPool, [full], 10);
  await claim({ slots: 4 });
  await seedDueRuns(batchPool, [empty], 10);
  expect(perWorkspace(await claim({ slots: 4 }), [full, empty])).toEqual([0, 4]);
});

test('runs that are due at once come first and may exceed the slots, up to the limit', async () => {
  const ids = await seedDueRuns(batchPool, [newId()], 16);
  const answered = ids.slice(10);
  await set('due = 2', answered);
  const outcome = await claim({ slots: 3, maxBeyondSlots: 2 });
  expect(idsOf(outcome).sort()).toEqual(answered.slice(0, 5));
  expect(outcome.claimed.filter(({ exceedsSlots }) => exceedsSlots)).toHaveLength(2);
  // The remaining runs: one that is due at once, and ten that are due in turn.
  expect((await claim({ slots: 3, maxBeyondSlots: 0 })).claimed).toEqual([]);
  expect((await claim({ slots: 3, maxBeyondSlots: 4 })).claimed).toMatchObject([
    { run: { runId: answered[5] }, exceedsSlots: true },
  ]);
  expect((await claim({ slots: 3, maxBeyondSlots: 4 })).claimed).toEqual([]);
});

test('the highest priority goes first, then the oldest', async () => {
  const ids = (await seedDueRuns(batchPool, [newId()], 5)) as [string, string, string, string, string];
  await set('priority = 3', [ids[1], ids[3]]);
  await set('priority = -10', [ids[0]]);
  const taken: string[] = [];
  for (let i = 0; i < 5; i++) taken.push(...idsOf(await claim({ maxRuns: 1 })));
  expect(taken).toEqual([ids[1], ids[3], ids[2], ids[4], ids[0]]);
});

test('a claim for the oldest ignores priorities, and claims one run of one workspace', async () => {
  const ids = await seedDueRuns(batchPool, workspacesInOrder(2), 4);
  await set('priority = 10', [...ids.slice(1, 4), ...ids.slice(5)]);
  await set('priority = -10', [ids[0]!]);
  expect(idsOf(await claim({ maxRuns: 1, oldest: true }))).toEqual([ids[0]]);
  // The other workspace has its turn, and is not asked for its oldest.
  const rest = idsOf(await claim({ maxRuns: 3, oldest: true })).sort();
  expect(rest).toEqual([ids[1], ids[2], ids[5]]);
  expect((await claim({ slots: 3, oldest: true })).claimed.map(({ exceedsSlots }) => exceedsSlots)).not.toContain(true);
});

test('a claim for the oldest does not exceed the slots', async () => {
  await seedDueRuns(batchPool, [newId()], 6);
  await claim({ slots: 3 });
  expect((await claim({ slots: 3, oldest: true })).claimed).toEqual([]);
});

test('suspect runs are claimed one at a time and do not block others', async () => {
  const ids = await seedDueRuns(batchPool, [newId()], 40);
  const suspects = ids.slice(0, 36);
  await set(`deaths = ${SUSPECT_DEATHS}, due = 2`, suspects);
  await set(`deaths = ${SUSPECT_DEATHS - 1}`, ids.slice(36, 38));
  const first = await claim({ maxRuns: 1 });
  expect(first.claimed).toMatchObject([{ run: { runId: suspects[0], deaths: SUSPECT_DEATHS } }]);
  expect(idsOf(await claim({ mayTakeSuspect: false, maxRuns: 3 })).sort()).toEqual(ids.slice(36, 39));
  expect(idsOf(await claim())).toEqual([suspects[1], ids[39]]);
  expect(idsOf(await claim({ mayTakeSuspect: false }))).toEqual([]);
});

test('the suspect run with the fewest deaths comes first', async () => {
  const [deadly, ...others] = await seedDueRuns(batchPool, [newId()], 3);
  await set(`deaths = ${SUSPECT_DEATHS + 1}, due = 2`, [deadly!]);
  await set(`deaths = ${SUSPECT_DEATHS}, due = 2`, others);
  const order = [await claim(), await claim(), await claim()].map(idsOf);
  expect(order).toEqual([[others[0]], [others[1]], [deadly]]);
});

test('claims reach all of a hundred workspaces, some at a time, and begin again after the last', async () => {
  const workspaces = workspacesInOrder(100);
  await seedDueRuns(batchPool, workspaces, 2);
  const claims: string[][] = [];
  let cursor: string | null = null;
  do {
    const outcome: ClaimOutcome = await claim({ cursor });
    claims.push(outcome.claimed.map(({ run }) => run.workspaceId));
    cursor = outcome.cursor;
  } while (cursor !== null);
  expect(claims.map(({ length }) => length)).toEqual([MAX_CLAIMED, MAX_CLAIMED, MAX_CLAIMED, 8]);
  expect(new Set(claims.flat())).toEqual(new Set(workspaces));
  const late = await claim({ cursor: justBelow(workspaces[50]!), maxRuns: 5 });
  expect(late.claimed.map(({ run }) => run.workspaceId).sort()).toEqual(workspaces.slice(50, 55));
  // Those behind the last that had its turn come next.
  expect(late.cursor).toBe(workspaces[54]);
  expect((await claim({ cursor: workspaces[90], maxRuns: 32, slots: 1 })).cursor).toBe(null);
});

test('after the turn of the last workspace comes the first one, without an empty claim', async () => {
  const workspaces = workspacesInOrder(3);
  await seedDueRuns(batchPool, workspaces, 4);
  expect((await claim({ maxRuns: 2 })).cursor).toBe(workspaces[1]);
  expect((await claim({ maxRuns: 1, cursor: workspaces[1] })).cursor).toBe(null);
  expect((await claim({ maxRuns: 6 })).cursor).toBe(null);
});

test('a claim considers a few runs of each workspace, and reports where it left some', async () => {
  const workspaces = workspacesInOrder(20);
  await seedDueRuns(batchPool, workspaces, 1);
  const many = await seedDueRuns(batchPool, workspaces.slice(7, 8), 100);
  const first = await claim();
  expect(first).toMatchObject({ mayHaveMore: true, cursor: null });
  expect(first.claimed).toHaveLength(19 + 6); // 128 in 20 parts
  const second = await claim();
  expect([second.claimed.length, second.mayHaveMore]).toEqual([32, false]);
  expect(many).toEqual(expect.arrayContaining(idsOf(second)));
});

test('a claim after the last workspace finds nothing and resets the cursor', async () => {
  const [workspaceId] = workspacesInOrder(1);
  await seedDueRuns(batchPool, [workspaceId!], 1);
  expect(await claim({ cursor: workspaceId })).toEqual({
    claimed: [],
    cursor: null,
    candidates: 0,
    slotsFull: false,
    mayHaveMore: false,
  });
});

test('a claim does not wait for runs that others claim at the same moment, but claims the next ones', async () => {
  const ids = await seedDueRuns(batchPool, [newId()], 150);
  const session = await batchPool.connect();
  const hold = (from: number, to: number) =>
    session.query('SELECT FROM run WHERE run_id = ANY($1) FOR NO KEY UPDATE', [ids.slice(from, to)]);
  await session.query('BEGIN');
  await hold(0, 48);
  const behind = await claim({ maxRuns: 16 });
  expect([idsOf(behind).sort(), behind.candidates]).toEqual([ids.slice(48, 64), 16]);
  // It considers only as many candidates as four claims would take, and reports it.
  await hold(64, 150);
  expect(await claim({ maxRuns: 16 })).toMatchObject({ claimed: [], candidates: 16 });
  await session.query('ROLLBACK');
  session.release();
});

test('a claim that skips locked runs stays within the slots', async () => {
  const ids = await seedDueRuns(batchPool, [newId()], 40);
  const session = await batchPool.connect();
  await session.query('BEGIN');
  await session.query('SELECT FROM run WHERE run_id = ANY($1) FOR NO KEY UPDATE', [ids.slice(0, 3)]);
  expect(idsOf(await claim({ slots: 4 }))).toEqual([ids[3]]);
  await session.query('ROLLBACK');
  session.release();
  expect((await claim({ slots: 4 })).claimed).toHaveLength(3);
  expect((await claim({ slots: 4 })).claimed).toEqual([]);
});

test('four claimers of one workspace claim each of its runs once, and no claim is empty while many are due', async () => {
  const ids = await seedDueRuns(batchPool, [newId()], 1600);
  const taken: string[] = [];
  let empty = 0;
  const worker = async (n: number) => {
    while (taken.length < 1200) {
      const outcome = await claim({ worker: `pool-${n}`, maxRuns: 16, slots: 2000 });
      taken.push(...idsOf(outcome));
      if (outcome.candidates === 0) empty++;
    }
  };
  await Promise.all([1, 2, 3, 4].map(worker));
  expect([new Set(taken).size, empty]).toEqual([taken.length, 0]);
  expect(ids).toEqual(expect.arrayContaining(taken));
});

test('a claim skips a run that is ending, without waiting', async () => {
  const ids = await seedDueRuns(batchPool, [newId()], 3);
  const session = await batchPool.connect();
  await session.query('BEGIN');
  await session.query(`UPDATE run SET status = 'CANCELED', due = 0 WHERE run_id = $1`, [ids[0]]);
  expect(idsOf(await claim()).sort()).toEqual(ids.slice(1));
  await session.query('COMMIT');
  session.release();
  expect((await claim()).claimed).toEqual([]);
});

test('the query plan of a claim is still good with thousands of new runs: it reads few rows of any table', async () => {
  const client = await batchPool.connect();
  try {
    const claimBy = (changes: Partial<ClaimOptions>) =>
      claimRuns(client as unknown as pg.Pool, aClaim(changes), aStart);
    // The statement is prepared, and its plan made, while there is next to nothing.
    for (let i = 0; i < 8; i++) {
      await seedDueRuns(batchPool, [newId()], 1);
      await claimBy({});
    }
    const [busy, ...others] = workspacesInOrder(50);
    const ended = await seedDueRuns(batchPool, [busy!], 8000);
    await set(`due = 0, status = 'SUCCESS'`, ended);
    await seedDueRuns(batchPool, [busy!], 4000);
    await seedDueRuns(batchPool, others, 40);
    const claims: string[] = [];
    client.on('notice', ({ message }) => claims.push(message ?? ''));
    await client.query(`LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_analyze = on;
      SET client_min_messages = log`);
    expect((await claimBy({ slots: 60, maxBeyondSlots: 25, oldest: true })).claimed).toHaveLength(32);
    const plan = claims.find((text) => text.includes('RECURSIVE'))!;
    // The table restore has a row for each restored backup, and usually none.
    expect(plan).not.toMatch(/Seq Scan on (?!restore\b)/);
    const rows = [...plan.matchAll(/actual time=\S+ rows=([\d.]+) loops=(\d+)|Rows Removed by \w+: (\d+)/g)].map(
      ([, n = 0, loops = 1, removed = 0]) => Number(n) * Number(loops) + Number(removed),
    );
    expect(rows.length).toBeGreaterThan(20);
    expect(Math.max(...rows)).toBeLessThan(2100);
  } finally {
    client.release(true);
  }
});

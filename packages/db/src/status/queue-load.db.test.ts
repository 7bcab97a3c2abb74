// How long runs wait for workers, without those that wait for a slot of their workspace.
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import { claimRuns } from '../runs/queue/claim.ts';
import { newId } from '../statements/scope.ts';
import { aStart } from '../testing/a-new-run.ts';
import { aClaim, justBelow } from '../testing/claim-one.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { seedDueRuns } from '../testing/seed-due-runs.ts';
import { queueLoadReader } from './queue-load.ts';

const SLOTS = 10;

let database: TestDatabase;
let pool: pg.Pool;
let client: pg.PoolClient;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  client = await pool.connect();
});
afterAll(async () => {
  client.release();
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  await pool.query('TRUNCATE run, restore CASCADE');
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => void vi.useRealTimers());

const about = (seconds: number): number => expect.closeTo(seconds, -1);

/** A workspace with runs that have been due for this time, and claimed ones. */
async function aWorkspace({ due, claimed = 0, seconds }: { due: number; claimed?: number; seconds: number }) {
  const workspaceId = newId();
  await seedDueRuns(pool, [workspaceId], due + claimed);
  if (claimed > 0) await claim(workspaceId, claimed);
  await pool.query(`UPDATE run SET updated_at = now() - $2 * interval '1 second' WHERE workspace_id = $1`, [
    workspaceId,
    seconds,
  ]);
  return workspaceId;
}

const claim = (workspaceId: string, maxRuns: number) =>
  claimRuns(pool, aClaim({ slots: SLOTS, maxRuns, cursor: justBelow(workspaceId) }), aStart);

/** Ends runs of a workspace, so that it has free slots. */
const end = (workspaceId: string, runs: number) =>
  pool.query(
    `UPDATE run SET lease = NULL, status = 'SUCCESS', ended_at = now() WHERE run_id IN
       (SELECT run_id FROM run WHERE workspace_id = $1 AND lease IS NOT NULL LIMIT $2)`,
    [workspaceId, runs],
  );

test('only runs of workspaces with free slots wait for a worker; the others wait for a slot', async () => {
  await aWorkspace({ due: 2, seconds: 30 });
  await aWorkspace({ due: 1, claimed: SLOTS, seconds: 3600 });
  expect(await queueLoadReader(SLOTS)(client)).toEqual({
    due: 3,
    claimed: SLOTS,
    oldestDueSeconds: about(30),
    oldestSlotWaitSeconds: about(3600),
  });
});

test('without due runs nothing waits', async () => {
  await aWorkspace({ due: 0, claimed: 3, seconds: 3600 });
  const none = { oldestDueSeconds: 0, oldestSlotWaitSeconds: 0 };
  expect(await queueLoadReader(SLOTS)(client)).toEqual({ due: 0, claimed: 3, ...none });
});

test('a limit of the workspace replaces the slots of the settings, and a workspace that is deleted has none', async () => {
  const workspaceId = await aWorkspace({ due: 1, claimed: 3, seconds: 40 });
  const read = async () => {
    const { oldestDueSeconds, oldestSlotWaitSeconds } = await queueLoadReader(SLOTS)(client);
    return [oldestDueSeconds, oldestSlotWaitSeconds];
  };
  await pool.query(`INSERT INTO workspace (workspace_id, name) VALUES ($1, 'mine')`, [workspaceId]);
  expect(await read()).toEqual([about(40), 0]);
  await pool.query('UPDATE workspace SET max_runs = 3 WHERE workspace_id = $1', [workspaceId]);
  expect(await read()).toEqual([0, about(40)]);
  await pool.query('UPDATE workspace SET max_runs = 50 WHERE workspace_id = $1', [workspaceId]);
  expect(await read()).toEqual([about(40), 0]);
  await pool.query('UPDATE workspace SET deleting_at = now(), suspended_at = now() WHERE workspace_id = $1', [
    workspaceId,
  ]);
  expect(await read()).toEqual([0, about(40)]);
});

test('a slot that is free between two runs of a full workspace does not count its runs as waiting for a worker', async () => {
  const workspaceId = await aWorkspace({ due: 5, claimed: SLOTS, seconds: 3600 });
  await end(workspaceId, 1);
  expect(await queueLoadReader(SLOTS)(client)).toMatchObject({ oldestDueSeconds: 0 });
});

test('the wait for a worker grows no faster than the time, and begins at 0 after the workspace was full', async () => {
  const workspaceId = await aWorkspace({ due: SLOTS, claimed: SLOTS, seconds: 3600 });
  const read = queueLoadReader(SLOTS);
  const waits = async (afterSeconds: number) => {
    vi.advanceTimersByTime(afterSeconds * 1000);
    return (await read(client)).oldestDueSeconds;
  };
  expect(await waits(0)).toBe(0);
  await end(workspaceId, 5);
  expect([await waits(15), await waits(15), await waits(30)]).toEqual([15, 30, 60]);
  await claim(workspaceId, 5);
  expect(await waits(15)).toBe(0);
  await end(workspaceId, 5);
  expect([await waits(15), await waits(600)]).toEqual([15, 75]);
});

test('the first reading shows at most a minute, later ones the whole wait', async () => {
  await aWorkspace({ due: 1, seconds: 100 });
  const read = queueLoadReader(SLOTS);
  expect(await read(client)).toMatchObject({ oldestDueSeconds: 60 });
  vi.advanceTimersByTime(60_000);
  expect(await read(client)).toMatchObject({ oldestDueSeconds: about(100) });
});

test('while a restored database is held, nothing waits for a worker', async () => {
  await aWorkspace({ due: 1, seconds: 30 });
  await pool.query('INSERT INTO restore (restore_id, backup_id, taken_at) VALUES ($1, $1, now())', [newId()]);
  expect(await queueLoadReader(SLOTS)(client)).toMatchObject({ due: 1, oldestDueSeconds: 0 });
});

// The limit of a workspace for its runs in progress.
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from '../../database.ts';
import { newId } from '../../statements/scope.ts';
import { aNewRun, aStart } from '../../testing/a-new-run.ts';
import { aClaim } from '../../testing/claim-one.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { masterKey } from '../../testing/master-key.ts';
import { seedDueRuns } from '../../testing/seed-due-runs.ts';
import { createRun } from '../create.ts';
import { batchPoolOptions } from '../transitions/transitions.ts';
import { type ClaimOptions, claimRuns } from './claim.ts';

let database: TestDatabase;
let batchPool: pg.Pool;
let db: Db;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  const options = Object.entries(batchPoolOptions).map(([name, value]) => `-c ${name}=${value}`);
  batchPool = new pg.Pool({ connectionString: database.url, max: 20, options: options.join(' ') });
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
});
afterAll(async () => {
  await db.close();
  await batchPool.end();
  await database.drop();
});
beforeEach(() => batchPool.query('TRUNCATE run CASCADE'));

const claim = (changes: Partial<ClaimOptions> = {}) => claimRuns(batchPool, aClaim(changes), aStart);
const aWorkspace = async (maxRuns: number | null) => {
  const { workspaceId } = await db.workspaces.create(newId());
  await batchPool.query('UPDATE workspace SET max_runs = $2 WHERE workspace_id = $1', [workspaceId, maxRuns]);
  return workspaceId;
};
const end = (ids: readonly string[]) =>
  batchPool.query(`UPDATE run SET lease = NULL, due = 0, status = 'SUCCESS' WHERE run_id = ANY($1)`, [ids]);

test('twenty claims at once take no more runs than the limit, and those of other workspaces are not fewer', async () => {
  const limited = await aWorkspace(3);
  const free = await aWorkspace(null);
  await seedDueRuns(batchPool, [limited, free], 40);
  for (let round = 0; round < 5; round++) {
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => claim({ worker: `pool-${n}` })));
    const claimed = outcomes.flatMap((outcome) => outcome.claimed.map(({ run }) => run));
    const ofLimited = claimed.filter(({ workspaceId }) => workspaceId === limited).map(({ runId }) => runId);
    expect(ofLimited).toHaveLength(3);
    if (round === 0) expect(claimed.filter(({ workspaceId }) => workspaceId === free)).toHaveLength(40);
    expect((await claim()).claimed).toEqual([]);
    await end(ofLimited);
  }
});

test('a limit above the slots of the instance raises them, and a lower one ends no run', async () => {
  const workspaceId = await aWorkspace(6);
  await seedDueRuns(batchPool, [workspaceId], 20);
  const first = await claim({ slots: 2 });
  expect(first.claimed).toHaveLength(6);
  await batchPool.query('UPDATE workspace SET max_runs = 4 WHERE workspace_id = $1', [workspaceId]);
  await end(first.claimed.slice(0, 2).map(({ run }) => run.runId));
  expect(await claim({ slots: 2 })).toMatchObject({ claimed: [], slotsFull: true });
  await end(first.claimed.slice(2, 3).map(({ run }) => run.runId));
  expect((await claim({ slots: 2 })).claimed).toHaveLength(1);
});

test('runs that are due at once come first and do not exceed the limit', async () => {
  const workspaceId = await aWorkspace(2);
  const ids = await seedDueRuns(batchPool, [workspaceId], 6);
  await batchPool.query('UPDATE run SET due = 2 WHERE run_id = ANY($1)', [ids.slice(3)]);
  const { claimed } = await claim({ maxBeyondSlots: 10 });
  expect(claimed.map(({ run }) => run.runId).sort()).toEqual(ids.slice(3, 5));
});

test('a new run of a workspace with a limit is stored as queued: only a claim counts exactly', async () => {
  const claimant = { worker: 'pool-a', slots: 10, startEvent: aStart };
  const create = async (workspaceId: string) =>
    (await createRun({ pool: db.poolOf(workspaceId), workspaceId }, aNewRun(), claimant)).row.status;
  expect(await create(await aWorkspace(5))).toBe('QUEUED');
  expect(await create(await aWorkspace(null))).toBe('RUNNING');
});

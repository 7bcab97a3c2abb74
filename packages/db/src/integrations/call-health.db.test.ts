import { Secret } from '@errand/contracts';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type Db, openDatabase, type WorkspaceDb } from '../database.ts';
import { anIntegration, createTestDatabase, masterKey, type TestDatabase } from '../testing/index.ts';
import { CallCounts } from './call-counts.ts';
import { type AnnouncedPause, storePause } from './pauses.ts';

let database: TestDatabase;
let db: Db;
let here: WorkspaceDb;
let workspaceId: string;
let id: string;
let statements: number;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
});
beforeEach(async () => {
  ({ workspaceId } = await db.workspaces.create('here'));
  here = db.forWorkspace(workspaceId);
  ({ customerIntegrationId: id } = await here.integrations.create(anIntegration()));
  statements = 0;
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const counts = () =>
  new CallCounts({
    query: (...args: Parameters<typeof db.pool.query>) => {
      statements++;
      return db.pool.query(...args);
    },
  } as unknown as Db['pool']);
const record = (to: CallCounts, calls: number, failures: number, customerIntegrationId = id) => {
  for (let i = 0; i < calls; i++) to.record({ workspaceId, customerIntegrationId, hasFailed: i < failures });
};
const health = async () => (await here.integrations.get(id))?.health;

test('calls of many integrations are added in one statement; those of one that is gone are dropped', async () => {
  const { customerIntegrationId: second } = await here.integrations.create(anIntegration());
  const [one, two] = [counts(), counts()];
  record(one, 10, 3);
  record(one, 4, 0, second);
  record(one, 1, 1, 'gone_1');
  expect(statements).toBe(0);
  expect(await health()).toBeUndefined();
  record(two, 5, 5);
  await Promise.all([one.close(), two.close()]);
  expect(statements).toBe(2);
  expect(await health()).toEqual({
    calls: 15,
    failures: 8,
    since: expect.stringMatching(/:00:00\.000Z$/),
    lastSuccessAt: expect.any(String),
    lastFailureAt: expect.any(String),
  });
  const other = (await here.integrations.get(second))?.health;
  expect(other).toMatchObject({ calls: 4, failures: 0 });
  expect(other).not.toHaveProperty('lastFailureAt');
});

test('counts of this hour and the one before remain', async () => {
  const age = (hours: number) =>
    db.pool.query(`UPDATE integration_calls SET hour = hour - $2 * interval '1 hour' WHERE workspace_id = $1`, [
      workspaceId,
      hours,
    ]);
  const add = async (calls: number) => {
    const adding = counts();
    record(adding, calls, 0);
    await adding.close();
  };
  await add(3);
  await age(1);
  expect(await health()).toMatchObject({ calls: 3 });
  await add(4);
  expect(await health()).toMatchObject({ calls: 7 });
  await age(1);
  expect(await health()).toMatchObject({ calls: 4 });
  await add(1);
  await age(2);
  expect(await health()).toMatchObject({ calls: 0 });
  await add(1);
  expect(await health()).toMatchObject({ calls: 1 });
});

test('counts that could not be written are written later', async () => {
  let isDown = true;
  const adding = new CallCounts({
    query: (...args: Parameters<typeof db.pool.query>) =>
      isDown ? Promise.reject(new Error('down')) : db.pool.query(...args),
  } as unknown as Db['pool']);
  record(adding, 2, 1);
  await adding.flush();
  record(adding, 3, 0);
  isDown = false;
  await adding.close();
  expect(await health()).toMatchObject({ calls: 5, failures: 1 });
});

const aPause = (more: Partial<AnnouncedPause> = {}): AnnouncedPause => ({
  workspaceId,
  customerIntegrationId: id,
  kind: 'limit',
  subject: 'ann',
  endsAt: Date.now() + 60_000,
  ms: 60_000,
  ...more,
});

test('the last trial, limits and outages are shown, and all is erased with the integration', async () => {
  const test = { at: '2026-11-30T06:00:00.000Z', result: 'accepted', account: 'ada' } as const;
  await here.integrations.putLastTest(id, test);
  await storePause(db.pool, aPause({ kind: 'outage', subject: 'https://x' }));
  await db.pool.query(`UPDATE call_pause SET paused_until = now() - interval '1 ms'`);
  await storePause(db.pool, aPause());
  expect(await health()).toEqual({
    calls: 0,
    failures: 0,
    since: expect.any(String),
    lastTest: test,
    limitedUntil: expect.any(String),
  });
  await here.integrations.delete(id);
  const { rowCount } = await db.pool.query('SELECT FROM integration_calls WHERE workspace_id = $1', [workspaceId]);
  expect(rowCount).toBe(0);
});

test('an integration whose calls fail is listed as faulty', async () => {
  const adding = counts();
  record(adding, 4, 4);
  await adding.flush();
  expect((await here.integrations.health()).faulty).toEqual([]);
  record(adding, 4, 0);
  await adding.flush();
  await new Promise((resolve) => setTimeout(resolve, 2));
  record(adding, 1, 1);
  await adding.close();
  expect((await here.integrations.health()).faulty).toMatchObject([
    { customerIntegrationId: id, faults: ['failing'], calls: { calls: 9, failures: 5 } },
  ]);
});

test('a pause and a quota of a user are erased with the user', async () => {
  await storePause(db.pool, aPause());
  await here.credentials.eraseUser('ann');
  const { rowCount } = await db.pool.query('SELECT FROM call_pause WHERE workspace_id = $1', [workspaceId]);
  expect(rowCount).toBe(0);
});

test('the health of chosen integrations has their users and calls, and none of another workspace', async () => {
  const { customerIntegrationId: second } = await here.integrations.create(anIntegration());
  const connection = await here.integrations.connection(id);
  await here.credentials.putUserToken(connection!, 'ann', new Secret('token-of-ann'));
  const adding = counts();
  record(adding, 2, 1);
  await adding.close();
  const healths = await here.integrations.healthOf([id, second, 'gone_1']);
  expect(new Map(healths.map((each) => [each.customerIntegrationId, each]))).toEqual(
    new Map([
      [id, expect.objectContaining({ usersConnected: 1, calls: expect.objectContaining({ calls: 2 }) })],
      [second, expect.objectContaining({ usersConnected: 0, faults: [] })],
    ]),
  );
  const { workspaceId: elsewhere } = await db.workspaces.create('elsewhere');
  expect(await db.forWorkspace(elsewhere).integrations.healthOf([id])).toEqual([]);
});

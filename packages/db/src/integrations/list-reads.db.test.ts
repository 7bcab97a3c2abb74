// Due lists of MCP servers: each is leased once, workspaces take turns, and requests during a read are not lost.
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { anIntegration, createTestDatabase, masterKey } from '../testing/index.ts';
import { leaseDueLists, recordFailedListRead, recordUnchangedList, requestListRead } from './list-reads.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let db: Db;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});
beforeEach(() => db.pool.query('DELETE FROM integration'));

const ID = 'notes_00000001';
async function server(workspaceId: string, customerIntegrationId = ID) {
  const list = { sha256: 'before' };
  await db
    .forWorkspace(workspaceId)
    .integrations.create(anIntegration({ customerIntegrationId, kind: 'mcp', list } as never));
  await db.pool.query(`UPDATE integration SET list_at = now(), listed_at = now() - interval '1 hour'`);
}
const aWorkspace = async () => (await db.workspaces.create('here')).workspaceId;
/** Seconds until its list is due. */
const dueIn = async (): Promise<number> =>
  (await db.pool.query('SELECT extract(epoch FROM list_at - clock_timestamp())::float8 AS s FROM integration')).rows[0]
    .s;

test('one of many concurrent callers leases a list until the lease ends', async () => {
  const workspaceId = await aWorkspace();
  await server(workspaceId);
  const taken = await Promise.all(Array.from({ length: 8 }, () => leaseDueLists(db.pool, 4)));
  expect(taken.flat()).toMatchObject([{ workspaceId, customerIntegrationId: ID, lease: expect.any(Date) }]);
  expect(await leaseDueLists(db.pool, 4)).toEqual([]);
  // Its reader has died: it is due again.
  await db.pool.query(`UPDATE integration SET list_at = now() - interval '1 second'`);
  expect(await leaseDueLists(db.pool, 4)).toHaveLength(1);
});

test('workspaces take turns', async () => {
  const [many, few] = [await aWorkspace(), await aWorkspace()];
  for (const n of [1, 2, 3, 4, 5]) await server(many, `a_0000000${n}`);
  await server(few);
  const first = await leaseDueLists(db.pool, 2);
  expect(new Set(first.map(({ workspaceId }) => workspaceId))).toEqual(new Set([many, few]));
});

test('a request for a list during its read stays pending, at most once a minute', async () => {
  const workspaceId = await aWorkspace();
  await server(workspaceId);
  const [due] = await leaseDueLists(db.pool, 1);
  const answers = await Promise.all(Array.from({ length: 20 }, () => requestListRead(db.pool, workspaceId, ID)));
  expect(answers.filter(Boolean)).toHaveLength(1);
  expect(await recordUnchangedList(db.pool, due!, { sha256: 'before' })).toBe(true);
  const seconds = await dueIn();
  expect([seconds > 50, seconds <= 60]).toEqual([true, true]);
});

test('an unchanged list is due in a day; a changed one, or another registration, is reported', async () => {
  const workspaceId = await aWorkspace();
  await server(workspaceId);
  const [due] = await leaseDueLists(db.pool, 1);
  expect(await recordUnchangedList(db.pool, due!, { sha256: 'other' })).toBe(false);
  expect(await recordUnchangedList(db.pool, { ...due!, registrationId: workspaceId }, { sha256: 'before' })).toBe(
    false,
  );
  expect(await recordUnchangedList(db.pool, due!, { sha256: 'before', ttlMs: 5 })).toBe(true);
  expect(await dueIn()).toBeGreaterThan(19 * 3600);
  const { rows } = await db.pool.query(
    'SELECT extract(epoch FROM list_stale_at - clock_timestamp())::float8 AS s FROM integration',
  );
  expect(rows[0].s).toBeGreaterThan(50);
});

test('a server that fails is left alone for longer and longer, up to a day, whatever is wanted', async () => {
  const workspaceId = await aWorkspace();
  await server(workspaceId);
  const [due] = await leaseDueLists(db.pool, 1);
  const pauses: number[] = [];
  for (let n = 0; n < 14; n++) {
    await recordFailedListRead(db.pool, due!);
    pauses.push(await dueIn());
    expect(await requestListRead(db.pool, workspaceId, ID)).toBe(false);
  }
  expect(pauses[0]).toBeLessThan(76);
  expect(pauses[5]).toBeGreaterThan(20 * 60);
  expect(Math.max(...pauses)).toBeLessThan(1.26 * 86_400);
  await db
    .forWorkspace(workspaceId)
    .integrations.refresh(ID, { baseUrl: 'https://x.example.com', tools: [], warnings: [] });
  const { rows } = await db.pool.query('SELECT list_failures AS n FROM integration');
  expect(rows).toEqual([{ n: 0 }]);
});

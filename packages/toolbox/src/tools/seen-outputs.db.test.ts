import type { Json, ToolSpec } from '@errand/contracts';
import { type Db, openDatabase, type WorkspaceDb } from '@errand/db';
import { anIntegration, aTool, createTestDatabase, eraseUsers, masterKey, textsOf } from '@errand/db/testing';
import { LRUCache } from 'lru-cache';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { ChosenTools } from './chosen-tools.ts';
import { SeenOutputs } from './seen-outputs.ts';

const ID = 'crm_00000001';
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let db: Db;
let workspaceId: string;
let here: WorkspaceDb;
let outputs: SeenOutputs;

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});
beforeEach(async () => {
  ({ workspaceId } = await db.workspaces.create('here'));
  here = db.forWorkspace(workspaceId);
  await here.integrations.create(anIntegration({ customerIntegrationId: ID }));
  outputs = new SeenOutputs(db);
});

const list = async (): Promise<ToolSpec> => {
  const [tool] = await here.tools.readByName([ID], [`${ID}.listDeals`]);
  if (!tool || !('tool' in tool)) throw new Error('There is no such tool.');
  return tool.tool;
};
/** A run of the user, as far as a form needs it. */
const aRun = async (userId = 'ada') => {
  const run = `INSERT INTO run (workspace_id, run_id, execution_plan_id, status, intent, user_id, selected, signature, due, started_at, ended_at)
    VALUES ($1, gen_random_uuid(), gen_random_uuid(), 'SUCCESS', 'Look', $2, '{}', '\\x00', 0, now(), now()) RETURNING run_id AS "runId"`;
  const { rows } = await db.pool.query<{ runId: string }>(run, [workspaceId, userId]);
  return { workspaceId, userId, runId: rows[0]!.runId };
};
const record = async (userId: string, answer: Json, recorder = outputs) =>
  recorder.record(await aRun(userId), await list(), answer);
/** What a planner sees for a user. */
const seenBy = async (userId: string, of = workspaceId) => {
  const integrations = await db.forWorkspace(of).tools.forSelection(['*']);
  const catalog = new ChosenTools(db, new LRUCache({ max: 1 }), of, { integrations, inactive: [] });
  return catalog.observedOutputSchemas(userId);
};
const refresh = (...tools: ReturnType<typeof aTool>[]) =>
  here.integrations.refresh(ID, { baseUrl: 'https://crm.example.com/v1', tools: textsOf(...tools), warnings: [] });
const seen = (...names: string[]) => ({
  [`${ID}.listDeals`]: {
    type: 'object',
    ...(names.length > 0 && { properties: Object.fromEntries(names.map((name) => [name, { type: 'integer' }])) }),
  },
});
const erase = async (userId: string) => {
  await here.credentials.eraseUser(userId, true);
  await db.pool.query(
    `UPDATE user_erasure SET requested_at = now() - interval '5 minutes', cancelling_since = now() - interval '5 minutes'`,
  );
  await eraseUsers(db.connect, { cancel: async () => {}, onRemoved: () => {} }, new AbortController().signal);
};
const stored = async () =>
  (await db.pool.query('SELECT t::text AS row FROM tool t WHERE workspace_id = $1', [workspaceId])).rows;

test('the form of an answer belongs to its user and workspace, without any value', async () => {
  await record('ada', { items: ['secret'] });
  const properties = { items: { type: 'array', items: { type: 'string' } } };
  expect(await seenBy('ada')).toEqual({ [`${ID}.listDeals`]: { type: 'object', properties } });
  expect(await seenBy('bob')).toEqual({});
  expect(JSON.stringify(await stored())).not.toContain('secret');
  const there = (await db.workspaces.create('there')).workspaceId;
  await db.forWorkspace(there).integrations.create(anIntegration({ customerIntegrationId: ID }));
  expect(await seenBy('ada', there)).toEqual({});
});

test('names that answers to two users share are for all users; each of both has the other names of their own answers', async () => {
  await record('ada', { total: 1, of_ada: 1 });
  await record('bob', { total: 2, of_bob: 2 });
  expect(await seenBy('eve')).toEqual(seen('total'));
  expect(await seenBy('ada')).toEqual(seen('total', 'of_ada'));
  expect(await seenBy('bob')).toEqual(seen('total', 'of_bob'));
});

test('forms of answers at the same time, and in another process, are added up', async () => {
  await Promise.all([record('ada', { a: 1 }), record('ada', { b: 2 })]);
  const another = new SeenOutputs(db);
  await record('ada', { c: 3 }, another);
  expect(await seenBy('ada')).toEqual(seen('a', 'b', 'c'));
  // This process does not know of `c` yet: it reads again instead of overwriting it.
  await record('ada', { d: 4 });
  await record('ada', { d: 4 });
  expect(await seenBy('ada')).toEqual(seen('a', 'b', 'c', 'd'));
});

test('nothing that an erasure removed comes back, from another process or from a call that ends after its run was removed', async () => {
  const late = await aRun('u-ada');
  await record('u-ada', { of_ada: { properties: 1 } });
  await record('bob', { of_bob: 1 });
  await erase('bo');
  expect(await seenBy('u-ada')).toMatchObject(seen());
  expect(await seenBy('bob')).toEqual(seen('of_bob'));
  await record('cem', { 'of U-ADA': 1 });
  expect(JSON.stringify(await stored())).toMatch(/of_ada.*of U-ADA/);
  await db.pool.query('DELETE FROM run WHERE workspace_id = $1', [workspaceId]);
  await erase('u-ada');
  await outputs.record(late, await list(), { of_ada: 1, more: 2 });
  await record('bob', { of_bob: 1, more: 2 });
  await record('bob', { of_bob: 1, more: 2 });
  expect(JSON.stringify(await stored())).not.toMatch(/ada/i);
  expect(await seenBy('bob')).toEqual(seen('of_bob', 'more'));
});

test('a tool that has changed loses its form, also to an answer of before, and one that has not keeps it', async () => {
  const tool = await list();
  await record('ada', { a: 1 });
  await refresh(aTool('listDeals'));
  expect(await seenBy('ada')).toEqual(seen('a'));
  await refresh(aTool('listDeals', { description: 'Another' }));
  await here.tools.setEnabled(ID, { enabled: 'all' });
  await outputs.record(await aRun(), tool, { more: 1 });
  expect(await seenBy('ada')).toEqual({});
});

test('a deleted integration takes its forms along, and the next of its name has none', async () => {
  await record('ada', { a: 1 });
  await here.integrations.delete(ID);
  await here.integrations.create(anIntegration({ customerIntegrationId: ID }));
  expect(await seenBy('ada')).toEqual({});
});

test('the last release, which does not know the users of names, stores none', async () => {
  const text = `UPDATE tool SET seen_output = '{"type": "object"}' WHERE workspace_id = $1 RETURNING seen_output AS seen`;
  expect((await db.pool.query(text, [workspaceId])).rows[0]).toEqual({ seen: null });
});

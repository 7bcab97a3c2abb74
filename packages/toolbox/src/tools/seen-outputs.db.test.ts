import type { ToolSpec } from '@errand/contracts';
import { type Db, openDatabase, type WorkspaceDb } from '@errand/db';
import { anIntegration, aTool, createTestDatabase, masterKey, textsOf } from '@errand/db/testing';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
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
const forms = async (of: WorkspaceDb = here) => of.tools.observedOutputSchemas(await of.tools.forSelection(['*']));
const refresh = (...tools: ReturnType<typeof aTool>[]) =>
  here.integrations.refresh(ID, { baseUrl: 'https://crm.example.com/v1', tools: textsOf(...tools), warnings: [] });
const schema = { type: 'object', properties: { items: { type: 'array', items: { type: 'string' } } } };

test('the form of what a tool answers is kept for its workspace, without any value', async () => {
  await outputs.record(workspaceId, await list(), { items: ['secret'] });
  expect(await forms()).toEqual({ [`${ID}.listDeals`]: schema });
  const there = db.forWorkspace((await db.workspaces.create('there')).workspaceId);
  await there.integrations.create(anIntegration({ customerIntegrationId: ID }));
  expect(await forms(there)).toEqual({});
});

test('forms of answers at the same time, and in another process, are added up', async () => {
  const tool = await list();
  await Promise.all([outputs.record(workspaceId, tool, { a: 1 }), outputs.record(workspaceId, tool, { b: 'x' })]);
  await new SeenOutputs(db).record(workspaceId, tool, { c: null });
  expect(await forms()).toEqual({
    [tool.name]: {
      type: 'object',
      properties: { a: { type: 'integer' }, b: { type: 'string' }, c: { type: 'null' } },
    },
  });
});

test('a tool that has changed loses its form, also to an answer of before, and one that has not keeps it', async () => {
  const tool = await list();
  await outputs.record(workspaceId, tool, { items: ['x'] });
  await refresh(aTool('listDeals'));
  expect(await forms()).toEqual({ [tool.name]: schema });
  await refresh(aTool('listDeals', { description: 'Another' }));
  await here.tools.setEnabled(ID, { enabled: 'all' });
  await outputs.record(workspaceId, tool, { more: 1 });
  expect(await forms()).toEqual({});
});

test('a deleted integration takes its forms along, and the next of its name has none', async () => {
  await outputs.record(workspaceId, await list(), { items: ['x'] });
  await here.integrations.delete(ID);
  await here.integrations.create(anIntegration({ customerIntegrationId: ID }));
  expect(await forms()).toEqual({});
});

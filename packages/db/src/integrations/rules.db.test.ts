import type { Rules } from '@errand/contracts';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Db, openDatabase, type WorkspaceDb } from '../database.ts';
import { anIntegration, createTestDatabase, masterKey, type TestDatabase } from '../testing/index.ts';

let database: TestDatabase;
let db: Db;
let here: WorkspaceDb;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  here = db.forWorkspace((await db.workspaces.create('here')).workspaceId);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const rules: Rules = {
  answers: { okPath: 'ok', errorPath: 'error' },
  pages: { listDeals: { items: 'deals', linkIn: 'next_page' }, '*': { next: 'cursor' } },
};

test('rules are stored, read by calls, replaced and removed; lists leave them out', async () => {
  const { customerIntegrationId: id } = await here.integrations.create(anIntegration({ rules }));
  expect((await here.integrations.get(id))?.rules).toEqual(rules);
  expect((await here.tools.forSelection([id]))[0]?.rules).toEqual(rules);
  expect((await here.integrations.list()).integrations[0]).not.toHaveProperty('rules');

  await here.integrations.patch(id, { rules: { limits: { statuses: [403] } } });
  expect((await here.integrations.connection(id))?.rules).toEqual({ limits: { statuses: [403] } });
  await here.integrations.patch(id, { name: 'Renamed' });
  expect((await here.integrations.get(id))?.rules).toEqual({ limits: { statuses: [403] } });
  await here.integrations.patch(id, { rules: null });
  expect(await here.integrations.get(id)).not.toHaveProperty('rules');
});

test('planners see the rules for the pages of each tool', async () => {
  const { customerIntegrationId: id } = await here.integrations.create(anIntegration({ rules }));
  const entries = await here.tools.readByName([id], [`${id}.listDeals`, `${id}.createDeal`]);
  const pages = entries.map((entry) => 'tool' in entry && [entry.tool.operation, entry.tool.pages]);
  expect(new Map(pages as [string, unknown][])).toEqual(
    new Map([
      ['listDeals', rules.pages!.listDeals],
      ['createDeal', rules.pages!['*']],
    ]),
  );
});

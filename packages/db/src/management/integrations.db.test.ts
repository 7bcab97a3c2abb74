import { Secret } from '@errand/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { type Db, openDatabase, type WorkspaceDb } from '../database.ts';
import { anIntegration, aTool, createTestDatabase, masterKey, type TestDatabase } from '../testing/index.ts';

let database: TestDatabase;
let db: Db;
let here: WorkspaceDb;
let elsewhere: WorkspaceDb;

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
});
beforeEach(async () => {
  here = db.forWorkspace((await db.workspaces.create('here')).workspaceId);
  elsewhere = db.forWorkspace((await db.workspaces.create('elsewhere')).workspaceId);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

describe('integrations', () => {
  test('are made with their tools and read back as the contract says', async () => {
    const made = await here.integrations.create(
      anIntegration({ name: 'Ünïted  CRM!', description: 'Deals', document: '{"openapi":"3.1.0"}', warnings: ['odd'] }),
    );
    expect(made.customerIntegrationId).toMatch(/^u-ni-ted-crm_[0-9a-f]{8}$/);
    expect(made).toMatchObject({
      name: 'Ünïted  CRM!',
      authType: 'API_TOKEN',
      toolCount: 2,
      warnings: ['odd'],
      active: true,
    });
    expect(made).not.toHaveProperty('token');
    expect(await here.integrations.get(made.customerIntegrationId)).toEqual(made);
    expect(await here.integrations.list()).toEqual([made]);
    const tools = await here.tools.list(made.customerIntegrationId);
    expect(tools?.map((tool) => tool.name)).toEqual([
      `${made.customerIntegrationId}.listDeals`,
      `${made.customerIntegrationId}.createDeal`,
    ]);
  });

  test('are made whole or not at all', async () => {
    const twice = anIntegration({ tools: [aTool('same'), aTool('same')] });
    await expect(here.integrations.create(twice)).rejects.toThrow();
    expect(await here.integrations.list()).toEqual([]);
  });

  test('a name without letters still gets an id', async () => {
    const made = await here.integrations.create(anIntegration({ name: '顧客' }));
    expect(made.customerIntegrationId).toMatch(/^integration_[0-9a-f]{8}$/);
  });

  test('are changed field by field', async () => {
    const { customerIntegrationId: id, updatedAt } = await here.integrations.create(
      anIntegration({ instructions: 'EUR' }),
    );
    const patched = await here.integrations.patch(id, { name: 'Sales', active: false });
    expect(patched).toMatchObject({ name: 'Sales', active: false, instructions: 'EUR', authType: 'API_TOKEN' });
    expect(Date.parse(patched?.updatedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(updatedAt));
    expect(await here.integrations.patch(id, { instructions: null })).not.toHaveProperty('instructions');
    expect((await here.integrations.list({ active: true })).length).toBe(0);
    expect((await here.integrations.list({ active: false })).length).toBe(1);
  });

  test('go with their tools and credentials', async () => {
    const { customerIntegrationId: id } = await here.integrations.create(anIntegration());
    await here.credentials.putUserToken(id, 'ann', new Secret('token-of-ann-1'));
    expect(await here.integrations.delete(id)).toBe(true);
    expect(await here.integrations.delete(id)).toBe(false);
    expect(await here.tools.list(id)).toBeNull();
    expect(await here.credentials.open(id, 'ann')).toBeNull();
  });

  test('of another workspace are not there', async () => {
    const { customerIntegrationId: id } = await here.integrations.create(anIntegration());
    expect(await elsewhere.integrations.get(id)).toBeNull();
    expect(await elsewhere.integrations.connection(id)).toBeNull();
    expect(await elsewhere.integrations.list()).toEqual([]);
    expect(await elsewhere.integrations.patch(id, { name: 'x' })).toBeNull();
    expect(await elsewhere.integrations.delete(id)).toBe(false);
    const newer = { baseUrl: 'https://x.example.com', tools: [], warnings: [] };
    expect(await elsewhere.integrations.refresh(id, newer)).toBeNull();
    expect(await elsewhere.integrations.unknown([id, '*'])).toEqual([id]);
    expect(await elsewhere.tools.list(id)).toBeNull();
    expect(await elsewhere.tools.setEnabled(id, [])).toBeNull();
    expect(await elsewhere.tools.forSelection([id, '*'])).toEqual({ connections: [], tools: [], inReview: [] });
    expect(await elsewhere.credentials.putUserToken(id, 'ann', new Secret('x'))).toBeNull();
    expect((await here.integrations.get(id))?.toolCount).toBe(2);
    // The same id may exist there as well: no uniqueness crosses workspaces.
    await elsewhere.integrations.create(anIntegration({ customerIntegrationId: id }));
  });
});

describe('tools', () => {
  test('a selection holds the enabled tools of active integrations', async () => {
    const a = await here.integrations.create(
      anIntegration({ customerIntegrationId: 'a_00000001', instructions: 'Be brief' }),
    );
    const b = await here.integrations.create(anIntegration({ customerIntegrationId: 'b_00000002' }));
    await here.tools.setEnabled(a.customerIntegrationId, ['a_00000001.createDeal']);
    const all = await here.tools.forSelection(['*']);
    expect(all.tools.map((tool) => tool.name)).toEqual([
      'a_00000001.createDeal',
      'b_00000002.listDeals',
      'b_00000002.createDeal',
    ]);
    expect(all.connections[0]).toMatchObject({
      customerIntegrationId: 'a_00000001',
      instructions: 'Be brief',
      baseUrl: 'https://crm.example.com/v1',
    });
    expect(all.tools[0]).toMatchObject({
      integrationName: 'CRM',
      operation: 'createDeal',
      effect: 'write',
      call: { path: '/createDeal' },
    });
    await here.integrations.patch(b.customerIntegrationId, { active: false });
    expect((await here.tools.forSelection(['*', 'b_00000002'])).tools.length).toBe(1);
    expect((await here.tools.forSelection(['b_00000002'])).tools).toEqual([]);
    expect(await here.integrations.unknown(['a_00000001', 'c_00000003'])).toEqual(['c_00000003']);
  });

  test('enabling a name that is no tool is refused by its pointer and changes nothing', async () => {
    await here.integrations.create(anIntegration({ customerIntegrationId: 'a_00000001' }));
    const attempt = here.tools.setEnabled('a_00000001', ['a_00000001.listDeals', 'a_00000001.nope']);
    await expect(attempt).rejects.toMatchObject({
      code: 'validation_failed',
      options: { errors: [{ pointer: '/enabled/1' }] },
    });
    expect((await here.tools.list('a_00000001'))?.every((tool) => tool.enabled)).toBe(true);
  });
});

import { Secret, type ToolSpec } from '@errand/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { type Db, openDatabase, type WorkspaceDb } from '../database.ts';
import {
  anIntegration,
  aTarget,
  aTool,
  createTestDatabase,
  masterKey,
  type TestDatabase,
  textsOf,
  toolsOf,
} from '../testing/index.ts';

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
  test('are created with their tools and read back according to the contract', async () => {
    const created = await here.integrations.create(
      anIntegration({ name: 'Ünïted  CRM!', description: 'Deals', document: '{"openapi":"3.1.0"}', warnings: ['odd'] }),
    );
    expect(created.customerIntegrationId).toMatch(/^u-ni-ted-crm_[0-9a-f]{8}$/);
    expect(created).toMatchObject({
      name: 'Ünïted  CRM!',
      authType: 'API_TOKEN',
      toolCount: 2,
      warnings: ['odd'],
      active: true,
    });
    expect(created).not.toHaveProperty('token');
    expect(await here.integrations.get(created.customerIntegrationId)).toEqual(created);
    const { auth: _, baseUrl: __, ...listed } = created;
    expect(await here.integrations.list()).toEqual({ integrations: [listed] });
    const tools = await toolsOf(here, created.customerIntegrationId);
    expect(tools?.map((tool) => tool.name)).toEqual([
      `${created.customerIntegrationId}.listDeals`,
      `${created.customerIntegrationId}.createDeal`,
    ]);
  });

  test('take the effects of their catalogue entry for the operations that they have, after those of the owner', async () => {
    const { customerIntegrationId: id } = await here.integrations.create(
      anIntegration({
        enable: 'reads',
        effects: { listDeals: 'write' },
        defaultEffects: { listDeals: 'read', createDeal: 'read', notPicked: 'read' },
      }),
    );
    expect((await toolsOf(here, id))?.map(({ effect, enabled }) => [effect, enabled])).toEqual([
      ['write', false],
      ['read', true],
    ]);
  });

  test('are created completely or not at all', async () => {
    const twice = anIntegration({ tools: [aTool('same'), aTool('same')] });
    await expect(here.integrations.create(twice)).rejects.toThrow();
    expect(await here.integrations.list()).toEqual({ integrations: [] });
  });

  test('a name without letters still gets an id', async () => {
    const created = await here.integrations.create(anIntegration({ name: '顧客' }));
    expect(created.customerIntegrationId).toMatch(/^integration_[0-9a-f]{8}$/);
  });

  test('are changed field by field', async () => {
    const { customerIntegrationId: id, updatedAt } = await here.integrations.create(
      anIntegration({ instructions: 'EUR' }),
    );
    const patched = await here.integrations.patch(id, { name: 'Sales', active: false });
    expect(patched).toMatchObject({ name: 'Sales', active: false, instructions: 'EUR', authType: 'API_TOKEN' });
    expect(Date.parse(patched?.updatedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(updatedAt));
    expect(await here.integrations.patch(id, { instructions: null })).not.toHaveProperty('instructions');
    expect((await here.integrations.list({ active: true })).integrations.length).toBe(0);
    expect((await here.integrations.list({ active: false })).integrations.length).toBe(1);
  });

  test('are deleted with their tools and credentials', async () => {
    const { customerIntegrationId: id } = await here.integrations.create(anIntegration());
    await here.credentials.putUserToken(aTarget(id), 'ann', new Secret('token-of-ann-1'));
    expect(await here.integrations.delete(id)).toBe(true);
    expect(await here.integrations.delete(id)).toBe(false);
    expect(await toolsOf(here, id)).toBeNull();
    expect(await here.credentials.open(aTarget(id), 'ann')).toBeNull();
  });

  test('of another workspace are not visible', async () => {
    const { customerIntegrationId: id } = await here.integrations.create(anIntegration());
    expect(await elsewhere.integrations.get(id)).toBeNull();
    expect(await elsewhere.integrations.connection(id)).toBeNull();
    expect(await elsewhere.integrations.list()).toEqual({ integrations: [] });
    expect(await elsewhere.integrations.patch(id, { name: 'x' })).toBeNull();
    expect(await elsewhere.integrations.delete(id)).toBe(false);
    const newer = { baseUrl: 'https://x.example.com', tools: [], warnings: [] };
    expect(await elsewhere.integrations.refresh(id, newer)).toBeNull();
    expect(await elsewhere.integrations.namesOf([id])).toEqual(new Map());
    expect(await toolsOf(elsewhere, id)).toBeNull();
    expect(await elsewhere.tools.setEnabled(id, { enabled: [] })).toBe(false);
    expect(await elsewhere.tools.forSelection([id, '*'])).toEqual([]);
    expect(await elsewhere.tools.readByName([id], [`${id}.listDeals`])).toEqual([]);
    expect(await elsewhere.tools.enabledNames([id])).toEqual([]);
    expect(await allOf(elsewhere, id)).toEqual([]);
    expect(await elsewhere.credentials.putUserToken(aTarget(id), 'ann', new Secret('x'))).toBeNull();
    expect((await here.integrations.get(id))?.toolCount).toBe(2);
    // The same id may exist there as well: no uniqueness crosses workspaces.
    await elsewhere.integrations.create(anIntegration({ customerIntegrationId: id }));
  });
});

/** Every enabled tool, as threads are given them. */
async function allOf(here: WorkspaceDb, id: string): Promise<ToolSpec[]> {
  const specs: ToolSpec[] = [];
  for (const integration of await here.tools.forSelection([id]))
    for await (const texts of here.tools.enabledTexts(integration))
      specs.push(...texts.map((text) => JSON.parse(text) as ToolSpec));
  return specs;
}

describe('an id', () => {
  const id = 'integration-1';

  test('is chosen or generated, and identifies one integration at a time', async () => {
    expect((await here.integrations.create(anIntegration({ customerIntegrationId: id }))).customerIntegrationId).toBe(
      id,
    );
    await expect(here.integrations.create(anIntegration({ customerIntegrationId: id }))).rejects.toMatchObject({
      code: 'integration_exists',
      options: { errors: [{ pointer: '/customerIntegrationId' }] },
    });
    const upper = await here.integrations.create(anIntegration({ customerIntegrationId: id.toUpperCase() }));
    expect(upper.customerIntegrationId).toBe('INTEGRATION-1');
    const two = Array.from({ length: 2 }, () =>
      here.integrations.create(anIntegration({ customerIntegrationId: 'two' })),
    );
    const ended = await Promise.allSettled(two);
    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await toolsOf(here, 'two'))?.length).toBe(2);
  });

  test('that is reused does not receive changes for the earlier integration', async () => {
    await here.integrations.create(anIntegration({ customerIntegrationId: id }));
    const before = (await here.integrations.connection(id))!;
    const [tool] = await allOf(here, id);
    const grant = { accessToken: new Secret('access-token-1') };
    const pending = { stateHash: 's1', verifier: new Secret('v'), redirectUri: 'https://x', userId: 'ann' };
    await here.pendingConsents.put({ ...pending, customerIntegrationId: id, grantDestination: '' }, 'browser');
    expect(await here.grants.store(aTarget(id), 'ann', grant, before.registrationId)).toBe(true);
    await here.integrations.delete(id);
    await here.integrations.create(anIntegration({ customerIntegrationId: id }));
    const after = (await here.integrations.connection(id))!;

    expect(after.registrationId).not.toBe(before.registrationId);
    expect(await here.pendingConsents.take('s1', 'browser')).toBeUndefined();
    expect(await here.grants.store(aTarget(id), 'ann', grant, before.registrationId)).toBe(false);
    expect(await here.credentials.getUser(id, 'ann')).toBeNull();
    expect(await here.integrations.patch(id, { name: 'Other' }, before.registrationId)).toBeNull();
    const newer = { baseUrl: 'https://x.example.com', tools: [], warnings: [] };
    expect(await here.integrations.refresh(id, newer, before.registrationId)).toBeNull();
    expect(await here.integrations.get(id)).toMatchObject({ name: 'CRM', toolCount: 2 });
    // The same tool of the same document is another tool.
    const [again] = await allOf(here, id);
    expect([again?.name, again?.fingerprint === tool?.fingerprint]).toEqual([tool?.name, false]);
  });
});

test('the kind of service is derived from the host and the title of its document', async () => {
  const kindOf = async (more: Parameters<typeof anIntegration>[0]) =>
    (await here.integrations.create(anIntegration({ host: 'api.crm.example.com', ...more }))).integrationId;
  expect(await kindOf({ title: 'Harbor CRM API' })).toBe('api-crm-example-com-harbor-crm-api');
  expect(await kindOf({ title: 'Harbor CRM API', name: 'Another' })).toBe('api-crm-example-com-harbor-crm-api');
  expect(await kindOf({ title: '売上' })).toBe('api-crm-example-com');
  expect(await kindOf({})).toBe('api-crm-example-com-crm');
});

describe('tools', () => {
  test('the tools key of an integration changes only with its tools and its name', async () => {
    const id = 'a_00000001';
    await here.integrations.create(anIntegration({ customerIntegrationId: id }));
    const key = async () => (await here.tools.forSelection([id]))[0]!.toolsKey;
    const keys = [await key()];
    const changes = [
      () => here.tools.setEnabled(id, { enabled: [`${id}.listDeals`] }),
      () => here.integrations.patch(id, { name: 'Another' }),
      () =>
        here.integrations.refresh(id, { baseUrl: 'https://x.example.com', tools: textsOf(aTool('a')), warnings: [] }),
    ];
    for (const change of changes) {
      await change();
      keys.push(await key());
    }
    await here.credentials.putUserToken(aTarget(id), 'ann', new Secret('x'));
    expect(await key()).toBe(keys.at(-1));
    await here.integrations.delete(id);
    await here.integrations.create(anIntegration({ customerIntegrationId: id }));
    keys.push(await key());
    expect(new Set(keys).size).toBe(5);
  });

  test('tools of any number and form are read in slices as they are named one by one', async () => {
    const id = 'a_00000001';
    const odd = { outputSchema: { enum: [null, 'x'] }, title: 'T', call: null, inputSchema: { default: null } };
    const tools = [...Array.from({ length: 100 }, (_, i) => aTool(`tool${i}`)), aTool('odd', odd)];
    await here.integrations.create(anIntegration({ customerIntegrationId: id, tools }));
    const all = await allOf(here, id);
    expect(all.map(({ operation }) => operation)).toEqual(tools.map(({ operation }) => operation));
    expect(all.at(-1)).toMatchObject(odd);
    const named = await here.tools.readByName(
      [id],
      all.map(({ name }) => name),
    );
    const byName = new Map(named.map((entry) => [entry.name, 'tool' in entry && entry.tool]));
    for (const tool of all) expect(byName.get(tool.name)).toEqual(tool);
  });

  test('a selection contains the enabled tools of active integrations', async () => {
    const a = await here.integrations.create(
      anIntegration({ customerIntegrationId: 'a_00000001', instructions: 'Be brief' }),
    );
    const b = await here.integrations.create(anIntegration({ customerIntegrationId: 'b_00000002' }));
    await here.tools.setEnabled(a.customerIntegrationId, { enabled: ['a_00000001.createDeal'] });
    const all = await here.tools.forSelection(['*']);
    expect(await here.tools.enabledNames(all.map((integration) => integration.customerIntegrationId))).toEqual([
      'a_00000001.createDeal',
      'b_00000002.listDeals',
      'b_00000002.createDeal',
    ]);
    expect(all[0]).toMatchObject({
      customerIntegrationId: 'a_00000001',
      instructions: 'Be brief',
      baseUrl: 'https://crm.example.com/v1',
    });
    expect(await allOf(here, 'a_00000001')).toMatchObject([
      { integrationName: 'CRM', operation: 'createDeal', effect: 'write', call: { path: '/createDeal' } },
    ]);
    await here.integrations.patch(b.customerIntegrationId, { active: false });
    expect((await here.tools.forSelection(['*', 'b_00000002'])).length).toBe(1);
    expect(await here.tools.forSelection(['b_00000002'])).toEqual([]);
    expect(await here.integrations.namesOf(['a_00000001', 'c_00000003'])).toEqual(new Map([['a_00000001', 'CRM']]));
  });

  test('a tool that its owner marked as a write is repeated only if another property than its effect allows it', async () => {
    const hints = { idempotentHint: true };
    const tools = [
      aTool('listDeals'),
      aTool('putDeal', { method: 'PUT' }),
      aTool('look', { method: null, call: { kind: 'mcp', name: 'look', hints } } as never),
    ];
    await here.integrations.create(anIntegration({ customerIntegrationId: 'w_00000001', tools }));
    const all = ['listDeals', 'putDeal', 'look'].map((operation) => `w_00000001.${operation}`);
    const repeatable = async () =>
      (await here.tools.readByName(['w_00000001'], all)).flatMap((entry) =>
        'tool' in entry && entry.tool.idempotent ? [`${entry.tool.operation} ${entry.tool.effect}`] : [],
      );
    expect((await repeatable()).sort()).toEqual(['listDeals read', 'look read', 'putDeal read']);
    await here.tools.setEnabled('w_00000001', {
      enabled: 'all',
      effects: Object.fromEntries(all.map((name) => [name, 'write' as const])),
    });
    expect((await repeatable()).sort()).toEqual(['look write', 'putDeal write']);
  });

  test('enabling an unknown tool is rejected with its pointer and changes nothing', async () => {
    await here.integrations.create(anIntegration({ customerIntegrationId: 'a_00000001' }));
    const attempt = here.tools.setEnabled('a_00000001', { enabled: ['a_00000001.listDeals', 'a_00000001.nope'] });
    await expect(attempt).rejects.toMatchObject({
      code: 'validation_failed',
      options: { errors: [{ pointer: '/enabled/1' }] },
    });
    expect((await toolsOf(here, 'a_00000001'))?.every((tool) => tool.enabled)).toBe(true);
  });
});

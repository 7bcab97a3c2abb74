// Tools that were registered by earlier code, before their words were read.
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Db, openDatabase, type WorkspaceDb } from '../database.ts';
import { anIntegration, aTool, createTestDatabase, masterKey, type TestDatabase, toolsOf } from '../testing/index.ts';
import { reclassifyEffects } from './reclassify-effects.ts';

let database: TestDatabase;
let db: Db;
let here: WorkspaceDb;
const { signal } = new AbortController();

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  here = db.forWorkspace((await db.workspaces.create('here')).workspaceId);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const post = { effect: 'write', method: 'POST', idempotent: false } as const;
const earlier = [
  aTool('keys_revoke', { path: '/keys.revoke' }),
  aTool('boards_publish', { path: '/boards.publish' }),
  aTool('keys_list', { path: '/keys.list' }),
  aTool('orders_qry', post),
  aTool('addOrder', post),
];

/** An integration as earlier code stored it. */
async function anEarlier(id: string) {
  await here.integrations.create(anIntegration({ customerIntegrationId: id, tools: earlier, enable: 'reads' }));
  await here.tools.setEnabled(id, {
    enabled: [`${id}.keys_revoke`, `${id}.keys_list`, `${id}.orders_qry`],
    effects: { [`${id}.boards_publish`]: 'read' },
  });
  await db.pool.query('UPDATE integration SET effect_words = 0 WHERE customer_integration_id = $1', [id]);
}

test('keep their effects and stay enabled; other effects are proposed once, by however many processes', async () => {
  await anEarlier('a_00000001');
  await anEarlier('b_00000001');
  const before = await here.tools.forSelection(['*']);
  await Promise.all([reclassifyEffects(db.pool, signal), reclassifyEffects(db.pool, signal)]);

  for (const id of ['a_00000001', 'b_00000001']) {
    const tools = (await toolsOf(here, id))!;
    expect(tools.map((tool) => [tool.name, tool.enabled, tool.effect, tool.proposedEffect, tool.needsReview])).toEqual([
      [`${id}.keys_revoke`, true, 'read', 'write', true],
      [`${id}.boards_publish`, false, 'read', undefined, undefined],
      [`${id}.keys_list`, true, 'read', undefined, undefined],
      [`${id}.orders_qry`, true, 'write', 'read', undefined],
      [`${id}.addOrder`, false, 'write', undefined, undefined],
    ]);
    expect(await here.integrations.get(id)).toMatchObject({
      needsReview: true,
      enabledToolCount: 3,
      effectProposals: { read: 1, write: 1, text: expect.stringContaining(`{"${id}.keys_revoke": "write"`) },
    });
  }
  // Processes that keep tools in memory read them again.
  const after = await here.tools.forSelection(['*']);
  expect(after.map(({ toolsKey }, i) => toolsKey !== before[i]!.toolsKey)).toEqual([true, true]);
  const entries = await here.audit.list({ action: 'integration.changed' }, 10);
  const noted = entries.filter(({ details }) => 'proposedWrites' in details);
  expect(noted.map(({ target, actor, details }) => [target, actor.type, details.proposedWrites]).sort()).toEqual([
    ['a_00000001', 'system', ['keys_revoke']],
    ['b_00000001', 'system', ['keys_revoke']],
  ]);

  // The owner's answer is not asked for again.
  const effects = { 'a_00000001.keys_revoke': 'read', 'a_00000001.orders_qry': 'read' } as const;
  await here.tools.setEnabled('a_00000001', { effects });
  await db.pool.query('UPDATE integration SET effect_words = 0');
  await reclassifyEffects(db.pool, signal);
  const answered = await here.integrations.get('a_00000001');
  expect(answered).toMatchObject({ needsReview: false, enabledToolCount: 3 });
  expect(answered).not.toHaveProperty('effectProposals');
});

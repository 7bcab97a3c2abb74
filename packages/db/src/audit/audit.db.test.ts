import { type KeyPrincipal, Secret } from '@errand/contracts';
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { anIntegration, aTarget } from '../testing/an-integration.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';
import { CredentialUses } from './credential-uses.ts';
import { verifyAudit } from './verify.ts';

const named = { id: '0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04', label: 'ada', ip: '203.0.113.7' };
const actor = { type: 'api_key', ...named };
const ada: KeyPrincipal = { kind: 'api_key', ...named, apiKeyId: named.id, workspaceId: '', scopes: ['admin'] };
let database: TestDatabase;
let db: Db;
let owner: pg.Client;
let workspaceId: string;
beforeEach(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  await db.ready();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  ({ workspaceId } = await db.workspaces.create('one'));
});
afterEach(async () => {
  await owner.end();
  await db.close();
  await database.drop();
});

const here = () => db.forWorkspace(workspaceId, ada);
const actions = async () => (await here().audit.list({}, 100)).map(({ action }) => action).reverse();

test('changes of keys, integrations, tools and credentials are audited with the actor and without secrets', async () => {
  const token = new Secret('crm_very_secret_token');
  const { customerIntegrationId: id } = await here().integrations.create(anIntegration({ token }));
  await here().integrations.patch(id, { name: 'Renamed' });
  await here().tools.setEnabled(id, { enabled: [] });
  await here().credentials.putUserToken(aTarget(id), 'ann', token);
  await here().credentials.revokeUserToken(id, 'ann');
  await here().credentials.eraseUser('ann');
  await here().integrations.delete(id);
  const { apiKeyId, key } = await db.apiKeys.create(workspaceId, { name: 'k', scopes: ['runs:read'] }, ada);
  await db.apiKeys.rotate(workspaceId, apiKeyId, 1000, ada);
  await db.apiKeys.revoke(workspaceId, apiKeyId, ada);
  await db.apiKeys.revoke(workspaceId, apiKeyId, ada);

  expect((await actions()).sort()).toEqual(
    [
      'integration.created',
      'credential.stored',
      'integration.changed',
      'tools.chosen',
      'credential.stored',
      'credential.revoked',
      'credential.erased',
      'integration.deleted',
      'api_key.created',
      'api_key.rotated',
      'api_key.revoked',
    ].sort(),
  );
  const entries = await here().audit.list({}, 100);
  expect(entries.map(({ actor }) => actor)).toEqual(entries.map(() => actor));
  expect(JSON.stringify(entries)).not.toContain('secret');
  expect(JSON.stringify(entries)).not.toContain(key);
});

test('changes that did not happen are not audited', async () => {
  expect(await here().integrations.patch('crm_00000000', { name: 'x' })).toBeNull();
  expect(await here().integrations.delete('crm_00000000')).toBe(false);
  expect(await here().credentials.putUserToken(aTarget('crm_00000000'), 'u', new Secret('token'))).toBeNull();
  expect(await here().credentials.revokeUserToken('crm_00000000', 'u')).toEqual({ user: null, grants: [] });
  expect(await here().credentials.eraseUser('u')).toEqual({ user: { userId: 'u', erased: [] }, grants: [] });
  expect(await actions()).toEqual([]);
});

test('uses of a credential are one entry for each run and connection, with their number', async () => {
  const uses = new CredentialUses(db.pool);
  const runId = crypto.randomUUID();
  const use = { workspaceId, runId, customerIntegrationId: 'crm_00000001', userId: 'ann', of: 'user' } as const;
  for (let i = 0; i < 5; i++) uses.record(use);
  uses.record({ ...use, customerIntegrationId: 'crm_00000002' });
  await uses.close();
  const entries = await here().audit.list({ action: 'credential.used' }, 10);
  expect(entries.map(({ target, details }) => [target, details.calls]).sort()).toEqual([
    ['crm_00000001', 5],
    ['crm_00000002', 1],
  ]);
});

test('the last use of the credential of a user is stored, and not that of the workspace', async () => {
  const { customerIntegrationId } = await here().integrations.create(anIntegration());
  const connection = (await here().integrations.connection(customerIntegrationId))!;
  for (const userId of ['ann', 'bob']) await here().credentials.putUserToken(connection, userId, new Secret('token'));
  const uses = new CredentialUses(db.pool);
  const use = { workspaceId, runId: crypto.randomUUID(), customerIntegrationId } as const;
  uses.record({ ...use, userId: 'ann', of: 'user' });
  uses.record({ ...use, userId: 'bob', of: 'workspace' });
  await uses.close();
  const [ann, bob] = (await here().credentials.listUsers(customerIntegrationId, { after: '', limit: 2 }))!;
  expect(Date.parse(ann!.lastUsedAt!)).toBeGreaterThanOrEqual(Date.parse(ann!.createdAt));
  expect(bob).not.toHaveProperty('lastUsedAt');
});

test('entries are listed by actor, action and time, page by page', async () => {
  for (let i = 0; i < 5; i++) await here().audit.add({ action: 'audit.read', target: `t${i}` });
  await db.forWorkspace(workspaceId).audit.add({ action: 'approval.shown', target: 'other' });
  expect(await here().audit.list({ actorId: ada.id }, 10)).toHaveLength(5);
  expect(await here().audit.list({ action: 'approval.shown' }, 10)).toMatchObject([{ target: 'other' }]);
  expect(await here().audit.list({ to: new Date(Date.now() - 60_000).toISOString() }, 10)).toEqual([]);
  const first = await here().audit.list({}, 4);
  const rest = await here().audit.list({ cursor: first.at(-1)!.auditId }, 4);
  expect(new Set([...first, ...rest].map(({ auditId }) => auditId)).size).toBe(6);
  expect(await db.forWorkspace(crypto.randomUUID()).audit.list({}, 10)).toEqual([]);
});

test('entries are listed by target, run, kind of actor, and several actions', async () => {
  const runId = crypto.randomUUID();
  await here().audit.add({ action: 'audit.read', target: 't1' });
  await here().audit.add({ action: 'approval.shown', target: 't1', details: { runId } });
  await db.forWorkspace(workspaceId).audit.add({ action: 'webhook.disabled', target: runId });
  const actionsOf = async (filter: Parameters<ReturnType<typeof here>['audit']['list']>[0]) =>
    (await here().audit.list(filter, 10)).map(({ action }) => action);
  expect(await actionsOf({ target: 't1' })).toEqual(['approval.shown', 'audit.read']);
  expect(await actionsOf({ runId })).toEqual(['approval.shown']);
  expect(await actionsOf({ actorType: 'system' })).toEqual(['webhook.disabled']);
  expect(await actionsOf({ actions: ['audit.read', 'webhook.disabled'] })).toEqual(['webhook.disabled', 'audit.read']);
  expect(await actionsOf({ actions: ['audit.read', 'webhook.disabled'], action: 'audit.read' })).toEqual([
    'audit.read',
  ]);
  expect(await actionsOf({ target: 't1', runId: crypto.randomUUID() })).toEqual([]);
});

test('entries of many writers form one chain without gaps, with several sealers', async () => {
  const two = await db.workspaces.create('two');
  await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      db.forWorkspace(i % 2 ? workspaceId : two.workspaceId).audit.add({ action: 'audit.read', target: `${i}` }),
    ),
  );
  await Promise.all([db.sealAudit(), db.sealAudit(), db.sealAudit()]);
  await db.sealAudit();
  const verdict = await verifyAudit(owner);
  expect(verdict).toMatchObject({ checked: 60, breaches: [] });
  expect(verdict.heads.map(({ seq }) => seq)).toEqual([30, 30]);
  expect((await here().audit.list({}, 1))[0]?.seal?.seq).toBe(30);
});

/** Six sealed entries, which an unrestricted administrator then changes. */
async function tamper(sql: string) {
  for (let i = 1; i <= 6; i++) await here().audit.add({ action: 'audit.read', target: `t${i}` });
  await db.sealAudit();
  const { heads } = await verifyAudit(owner);
  await owner.query(`SET session_replication_role = replica; ${sql}; RESET session_replication_role`);
  return verifyAudit(owner, heads);
}
const entry = (seq: number) => `(SELECT audit_id FROM audit_seal WHERE seq = ${seq})`;

test.each<[string, string, [number | null, RegExp][]]>([
  ['a changed row', `UPDATE audit SET target = 'x' WHERE audit_id = ${entry(3)}`, [[3, /changed/]]],
  ['a changed time', `UPDATE audit SET at = at - interval '1 day' WHERE audit_id = ${entry(3)}`, [[3, /changed/]]],
  ['a deleted row', `DELETE FROM audit WHERE audit_id = ${entry(4)}`, [[4, /deleted/]]],
  [
    'a row that was deleted with its seal',
    `DELETE FROM audit WHERE audit_id = ${entry(4)}; DELETE FROM audit_seal WHERE seq = 4`,
    [
      [5, /missing/],
      [5, /changed or moved/],
    ],
  ],
  [
    'rows in another order',
    'UPDATE audit_seal SET seq = -1 WHERE seq = 2; UPDATE audit_seal SET seq = 2 WHERE seq = 3; UPDATE audit_seal SET seq = 3 WHERE seq = -1',
    [
      [2, /moved/],
      [3, /moved/],
      [4, /moved/],
    ],
  ],
  [
    'a row that was put in',
    `INSERT INTO audit SELECT workspace_id, gen_random_uuid(), actor_type, actor_id, actor_label, actor_ip, action, 'forged', details,
       at - interval '1 hour' FROM audit WHERE audit_id = ${entry(2)}`,
    [[null, /in no chain/]],
  ],
  [
    'a chain that was cut',
    `DELETE FROM audit WHERE audit_id = ${entry(6)}; DELETE FROM audit_seal WHERE seq = 6`,
    [[6, /cut/]],
  ],
])('%s is found', async (_, sql, expected) => {
  const { breaches } = await tamper(sql);
  expect(breaches.map(({ seq, what: problem }) => [seq, problem])).toEqual(
    expected.map(([seq, pattern]) => [seq, expect.stringMatching(pattern)]),
  );
});

test.each(['audit', 'audit_seal'])('%s rejects changes, even by its owner', async (table) => {
  await here().audit.add({ action: 'audit.read', target: 't' });
  await db.sealAudit();
  for (const sql of [`UPDATE ${table} SET workspace_id = workspace_id`, `DELETE FROM ${table}`, `TRUNCATE ${table}`]) {
    await expect(owner.query(sql)).rejects.toThrow(/append-only/);
    await expect(db.pool.query(sql)).rejects.toMatchObject({ code: '42501' });
  }
});

test('requests and decisions are audited by the statement that stores them', async () => {
  const runId = crypto.randomUUID();
  await owner.query(
    `INSERT INTO run (workspace_id, run_id, execution_plan_id, repeat_key, intent, user_id, selected, signature)
     VALUES ($1, $2, $2, 'k', 'i', 'u', '{*}', '')`,
    [workspaceId, runId],
  );
  await owner.query(
    `INSERT INTO decision_request (workspace_id, decision_request_id, run_id, user_id, kind, key, text) VALUES ($1, $2, $2, 'u', 'effect', 'k', 't')`,
    [workspaceId, runId],
  );
  await owner.query(
    `UPDATE decision_request SET decided_at = now(), decision = 'happened', decided_by = 'ada', decided_principal = 'api_key:1'`,
  );
  expect((await here().audit.list({}, 10)).reverse()).toMatchObject([
    { action: 'effect.asked', target: runId, actor: { type: 'system' } },
    {
      action: 'effect.resolved',
      target: runId,
      actor: { type: 'api_key', id: '1', label: 'ada' },
      details: { decision: 'happened', runId },
    },
  ]);
});

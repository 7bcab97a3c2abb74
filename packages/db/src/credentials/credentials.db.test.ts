import { Secret } from '@errand/contracts';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type Db, openDatabase, type WorkspaceDb } from '../database.ts';
import { anIntegration, aTarget, createTestDatabase, masterKey, type TestDatabase } from '../testing/index.ts';

let database: TestDatabase;
let db: Db;
let workspaceId: string;
let here: WorkspaceDb;
const ID = 'crm_00000001';
const target = aTarget(ID);
const k1 = masterKey('k1');
const unavailable = { code: 'credential_unavailable' };

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [k1] });
});
beforeEach(async () => {
  ({ workspaceId } = await db.workspaces.create('here'));
  here = db.forWorkspace(workspaceId);
  await here.integrations.create(anIntegration({ customerIntegrationId: ID }));
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const opened = async (userId: string) => {
  const credential = await here.credentials.open(target, userId);
  return credential && [credential.owner, credential.token.reveal()];
};

test("a user's own token comes before the workspace's", async () => {
  expect(await opened('ann')).toBeNull();
  await here.integrations.patch(ID, { token: new Secret('token-of-all-1') });
  expect(await opened('ann')).toEqual(['workspace', 'token-of-all-1']);
  await here.credentials.putUserToken(target, 'ann', new Secret('token-of-ann-1'));
  expect(await opened('ann')).toEqual(['user', 'token-of-ann-1']);
  await here.credentials.putUserToken(target, 'ann', new Secret('token-of-ann-2'));
  expect(await opened('ann')).toEqual(['user', 'token-of-ann-2']);
  expect(await here.credentials.revokeUserToken(ID, 'ann')).toMatchObject({ user: { userId: 'ann', active: false } });
  expect(await opened('ann')).toEqual(['workspace', 'token-of-all-1']);
  await here.integrations.patch(ID, { token: null });
  expect(await opened('ann')).toBeNull();
});

test('only the end and the fingerprint of a token are visible, and no table has it in clear', async () => {
  const stored = await here.credentials.putUserToken(target, 'ann', new Secret('crm_secret_k3Zq'));
  expect(stored).toMatchObject({ active: true, token: { last4: 'k3Zq' } });
  const integration = await here.integrations.patch(ID, { token: new Secret('crm_secret_k3Zq') });
  expect(integration?.token).toMatchObject(stored!.token!); // equal tokens have equal fingerprints
  expect(JSON.stringify([stored, integration])).not.toContain('secret');
  const { rows } = await db.pool.query(
    `SELECT encode(sealed, 'escape') AS bytes, integration_user::text AS row FROM integration_user
     UNION ALL SELECT encode(sealed_token, 'escape'), integration::text FROM integration`,
  );
  expect(JSON.stringify(rows)).not.toContain('secret');
});

test('revoking an unknown user returns no user', async () => {
  expect(await here.credentials.revokeUserToken(ID, 'nobody')).toEqual({ user: null, grants: [] });
  expect(await here.credentials.getUser(ID, 'nobody')).toBeNull();
});

test('a sealed token moved to another user, workspace or column does not open', async () => {
  await here.credentials.putUserToken(target, 'ann', new Secret('token-of-ann-1'));
  await here.credentials.putUserToken(target, 'bob', new Secret('token-of-bob-1'));
  await db.pool.query(
    `UPDATE integration_user SET sealed = (SELECT sealed FROM integration_user WHERE user_id = 'ann' AND workspace_id = $1)
     WHERE workspace_id = $1 AND user_id = 'bob'`,
    [workspaceId],
  );
  await expect(here.credentials.open(target, 'bob')).rejects.toMatchObject(unavailable);
  expect(await opened('ann')).toEqual(['user', 'token-of-ann-1']);

  const otherWorkspace = await db.workspaces.create('other');
  const there = db.forWorkspace(otherWorkspace.workspaceId);
  await there.integrations.create(anIntegration({ customerIntegrationId: ID }));
  await there.credentials.putUserToken(target, 'ann', new Secret('token-of-ann-9'));
  const { rows } = await db.pool.query('SELECT sealed FROM integration_user WHERE workspace_id = $1 AND user_id = $2', [
    workspaceId,
    'ann',
  ]);
  await db.pool.query('UPDATE integration_user SET sealed = $2 WHERE workspace_id = $1', [
    otherWorkspace.workspaceId,
    rows[0].sealed,
  ]);
  await db.pool.query(
    `UPDATE integration SET sealed_token = $2, token_destination = 'https://crm.example.com' WHERE workspace_id = $1`,
    [workspaceId, rows[0].sealed],
  );
  await expect(there.credentials.open(target, 'ann')).rejects.toMatchObject(unavailable);
  await expect(here.credentials.open(target, 'carl')).rejects.toMatchObject(unavailable);
});

const elsewhere = aTarget(ID, { baseUrl: 'https://evil.example.com/v1' });

test('a token opens only for its origin, even if its row names another one', async () => {
  await here.integrations.patch(ID, { token: new Secret('token-of-all-1') });
  await here.credentials.putUserToken(target, 'ann', new Secret('token-of-ann-1'));
  for (const baseUrl of ['http://crm.example.com/v1', 'https://crm.example.com:8443/v1', 'https://x.crm.example.com'])
    for (const user of ['ann', 'bob']) {
      expect(await here.credentials.open({ ...target, baseUrl }, user)).toBeNull();
    }
  const otherPath = aTarget(ID, { baseUrl: 'https://crm.example.com/v2' });
  expect((await here.credentials.open(otherPath, 'ann'))?.token.reveal()).toBe('token-of-ann-1');
  // Nor does it help to write another destination into the row: what is sealed says its own.
  for (const table of ['integration', 'integration_user']) {
    await db.pool.query(`UPDATE ${table} SET token_destination = 'https://evil.example.com' WHERE workspace_id = $1`, [
      workspaceId,
    ]);
  }
  for (const user of ['ann', 'bob'])
    await expect(here.credentials.open(elsewhere, user)).rejects.toMatchObject(unavailable);
});

test('a user with an unusable token does not get the token of the workspace', async () => {
  await here.credentials.putUserToken(elsewhere, 'ann', new Secret('token-of-ann-1'));
  await here.integrations.patch(ID, { token: new Secret('token-of-all-1') });
  expect(await opened('ann')).toBeNull();
  expect(await here.credentials.getUser(ID, 'ann')).toMatchObject({
    active: false,
    needsReconnect: true,
    reconnectReason: 'origin_changed',
  });
  expect((await here.users.get('ann'))?.connections).toMatchObject([{ customerIntegrationId: ID, active: false }]);
  await here.credentials.putUserToken(target, 'ann', new Secret('token-of-ann-2'));
  expect(await here.credentials.getUser(ID, 'ann')).toMatchObject({ active: true, needsReconnect: false });
  expect(await here.credentials.rejectUserToken(target, 'ann', new Secret('token-of-ann-2'))).toBe(true);
  expect(await opened('ann')).toBeNull();
  expect(await here.credentials.getUser(ID, 'ann')).toMatchObject({ active: false, reconnectReason: 'rejected' });
});

test('a rejected token is marked once, and a newer token is not marked', async () => {
  const [old, fresh] = [new Secret('token-of-ann-1'), new Secret('token-of-ann-2')];
  await here.credentials.putUserToken(target, 'ann', fresh);
  const late = await Promise.all(Array.from({ length: 8 }, () => here.credentials.rejectUserToken(target, 'ann', old)));
  expect(late).toEqual(Array(8).fill(false));
  expect(await opened('ann')).toEqual(['user', 'token-of-ann-2']);
  const marks = Array.from({ length: 8 }, () => here.credentials.rejectUserToken(target, 'ann', fresh));
  expect(await Promise.all(marks)).toEqual(Array(8).fill(true));
  expect(await here.audit.list({ action: 'credential.rejected' }, 10)).toMatchObject([
    { target: ID, details: { of: 'user', userId: 'ann', reason: 'rejected' } },
  ]);

  await here.integrations.patch(ID, { token: old });
  expect(await here.credentials.rejectOwnSecret(target, fresh)).toBe(false);
  expect((await here.integrations.get(ID))?.token).toMatchObject({ needsReconnect: false });
  expect(await here.credentials.rejectOwnSecret(target, old)).toBe(true);
  expect((await here.integrations.get(ID))?.token).toMatchObject({ needsReconnect: true, reconnectReason: 'rejected' });
  expect(await opened('bob')).toEqual(['workspace', 'token-of-ann-1']);
  const patched = await here.integrations.patch(ID, { token: fresh });
  expect(patched?.token).not.toHaveProperty('reconnectReason');
});

test('after a rotation everything is resealed, and the old master key can be removed', async () => {
  await here.integrations.patch(ID, { token: new Secret('token-of-all-1') });
  for (let i = 0; i < 250; i++)
    await here.credentials.putUserToken(target, `user-${i}`, new Secret(`token-of-user-${i}`));
  await here.credentials.putUserToken(target, 'broken', new Secret('token-of-broken'));
  await db.pool.query(`UPDATE integration_user SET user_id = 'moved' WHERE user_id = 'broken' AND workspace_id = $1`, [
    workspaceId,
  ]);
  const k2 = masterKey('k2');
  const rotating = openDatabase({ ...database.logins, masterKeys: [k2, k1] });
  const first = await rotating.reseal();
  expect(first.resealed).toBeGreaterThanOrEqual(251);
  expect(first.failed).toBeGreaterThanOrEqual(1); // the moved one, and those of the tests above
  expect(await rotating.reseal()).toMatchObject({ resealed: 0, failed: first.failed, left: { secrets: first.failed } });
  await rotating.close();

  const later = openDatabase({ ...database.logins, masterKeys: [k2] });
  const { credentials } = later.forWorkspace(workspaceId);
  expect((await credentials.open(target, 'user-249'))?.token.reveal()).toBe('token-of-user-249');
  expect((await credentials.open(target, 'nobody'))?.token.reveal()).toBe('token-of-all-1');
  await expect(credentials.open(target, 'moved')).rejects.toMatchObject(unavailable);
  await later.close();
});

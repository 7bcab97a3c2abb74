import { Secret } from '@errand/contracts';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type Db, openDatabase, type WorkspaceDb } from '../database.ts';
import { anIntegration, createTestDatabase, masterKey, type TestDatabase } from '../testing/index.ts';

let database: TestDatabase;
let db: Db;
let workspaceId: string;
let here: WorkspaceDb;
const id = 'crm_00000001';
const k1 = masterKey('k1');
const unavailable = { code: 'credential_unavailable' };

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [k1] });
});
beforeEach(async () => {
  ({ workspaceId } = await db.workspaces.create('here'));
  here = db.forWorkspace(workspaceId);
  await here.integrations.create(anIntegration({ customerIntegrationId: id }));
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const opened = async (userId: string) => {
  const credential = await here.credentials.open(id, userId);
  return credential && [credential.of, credential.token.reveal()];
};

test("a user's own token comes before the workspace's", async () => {
  expect(await opened('ann')).toBeNull();
  await here.integrations.patch(id, { token: new Secret('token-of-all-1') });
  expect(await opened('ann')).toEqual(['workspace', 'token-of-all-1']);
  await here.credentials.putUserToken(id, 'ann', new Secret('token-of-ann-1'));
  expect(await opened('ann')).toEqual(['user', 'token-of-ann-1']);
  await here.credentials.putUserToken(id, 'ann', new Secret('token-of-ann-2'));
  expect(await opened('ann')).toEqual(['user', 'token-of-ann-2']);
  expect(await here.credentials.revokeUserToken(id, 'ann')).toMatchObject({ userId: 'ann', active: false });
  expect(await opened('ann')).toEqual(['workspace', 'token-of-all-1']);
  await here.integrations.patch(id, { token: null });
  expect(await opened('ann')).toBeNull();
});

test('a token is shown by its end and fingerprint alone, and stands nowhere in clear', async () => {
  const shown = await here.credentials.putUserToken(id, 'ann', new Secret('crm_secret_k3Zq'));
  expect(shown).toMatchObject({ active: true, token: { last4: 'k3Zq' } });
  const made = await here.integrations.patch(id, { token: new Secret('crm_secret_k3Zq') });
  expect(made?.token).toEqual(shown?.token); // equal tokens have equal fingerprints
  expect(JSON.stringify([shown, made])).not.toContain('secret');
  const { rows } = await db.pool.query(
    `SELECT encode(sealed, 'escape') AS bytes, integration_user::text AS row FROM integration_user
     UNION ALL SELECT encode(sealed_token, 'escape'), integration::text FROM integration`,
  );
  expect(JSON.stringify(rows)).not.toContain('secret');
});

test('revoking a user that the integration does not know says so', async () => {
  expect(await here.credentials.revokeUserToken(id, 'nobody')).toBeNull();
  expect(await here.credentials.getUser(id, 'nobody')).toBeNull();
});

test('a sealed token moved to another user, workspace or column does not open', async () => {
  await here.credentials.putUserToken(id, 'ann', new Secret('token-of-ann-1'));
  await here.credentials.putUserToken(id, 'bob', new Secret('token-of-bob-1'));
  await db.pool.query(
    `UPDATE integration_user SET sealed = (SELECT sealed FROM integration_user WHERE user_id = 'ann' AND workspace_id = $1)
     WHERE workspace_id = $1 AND user_id = 'bob'`,
    [workspaceId],
  );
  await expect(here.credentials.open(id, 'bob')).rejects.toMatchObject(unavailable);
  expect(await opened('ann')).toEqual(['user', 'token-of-ann-1']);

  const other = await db.workspaces.create('other');
  const there = db.forWorkspace(other.workspaceId);
  await there.integrations.create(anIntegration({ customerIntegrationId: id }));
  await there.credentials.putUserToken(id, 'ann', new Secret('token-of-ann-9'));
  const { rows } = await db.pool.query('SELECT sealed FROM integration_user WHERE workspace_id = $1 AND user_id = $2', [
    workspaceId,
    'ann',
  ]);
  await db.pool.query('UPDATE integration_user SET sealed = $2 WHERE workspace_id = $1', [
    other.workspaceId,
    rows[0].sealed,
  ]);
  await db.pool.query('UPDATE integration SET sealed_token = $2 WHERE workspace_id = $1', [
    workspaceId,
    rows[0].sealed,
  ]);
  await expect(there.credentials.open(id, 'ann')).rejects.toMatchObject(unavailable);
  await expect(here.credentials.open(id, 'carl')).rejects.toMatchObject(unavailable);
});

test('after a rotation all is sealed anew, and the old master key may go', async () => {
  await here.integrations.patch(id, { token: new Secret('token-of-all-1') });
  for (let i = 0; i < 250; i++) await here.credentials.putUserToken(id, `user-${i}`, new Secret(`token-of-user-${i}`));
  await here.credentials.putUserToken(id, 'broken', new Secret('token-of-broken'));
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
  expect((await credentials.open(id, 'user-249'))?.token.reveal()).toBe('token-of-user-249');
  expect((await credentials.open(id, 'nobody'))?.token.reveal()).toBe('token-of-all-1');
  await expect(credentials.open(id, 'moved')).rejects.toMatchObject(unavailable);
  await later.close();
});

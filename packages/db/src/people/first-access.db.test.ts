// Workspaces of the instance: created whole or not at all, and entered by others only while nobody else can.
import { type Principal, system } from '@errand/contracts';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';

let database: TestDatabase;
let db: Db;
let platform: Principal;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  const { platformKeyId } = await db.platformKeys.create('our product');
  platform = { kind: 'platform', id: platformKeyId, label: 'our product' };
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const create = async (name: string, first = {}) => {
  const created = await db.instanceWorkspaces.create(name, platform, first);
  if (typeof created === 'string') throw new Error(created);
  return created;
};
const audited = async (workspaceId: string) =>
  (await db.forWorkspace(workspaceId).audit.list({}, 100)).map(({ action, actor }) => `${action} by ${actor.type}`);

test('a workspace that fails at its last part leaves nothing, and its name is free', async () => {
  const { rows } = await db.pool.query('SELECT count(*)::int AS n FROM audit');
  // Postgres refuses the name in the link, which is the last part.
  const noName = { withKey: true, administrator: '\0' };
  await expect(db.instanceWorkspaces.create('Acme', platform, noName)).rejects.toThrow();
  for (const table of ['workspace', 'api_key', 'console_link'])
    expect([table, (await db.pool.query(`SELECT FROM ${table}`)).rowCount]).toEqual([table, 0]);
  expect((await db.pool.query('SELECT count(*)::int AS n FROM audit')).rows).toEqual(rows);
  const acme = await create('Acme', { withKey: true, administrator: 'Ada' });
  expect(await db.apiKeys.verify(acme.key!)).toMatchObject({ workspaceId: acme.workspaceId });
  expect(await db.consoleLinks.redeem(acme.invitation!.token)).toMatchObject({ workspaceId: acme.workspaceId });
  expect(await audited(acme.workspaceId)).toEqual([
    'member.joined by person',
    'member.invited by platform',
    'api_key.created by platform',
    'workspace.created by platform',
  ]);
});

test('of twenty calls at once, one creates the first key, which names its maker', async () => {
  const { workspaceId } = await create('Keyless');
  const { createKey } = db.instanceWorkspaces;
  const made = await Promise.all(Array.from({ length: 20 }, () => createKey(workspaceId, platform)));
  const keys = made.filter((each) => typeof each !== 'string');
  expect(keys).toHaveLength(1);
  expect(made.filter((each) => each === 'has_key')).toHaveLength(19);
  const [key] = await db.apiKeys.list(workspaceId, { limit: 100 });
  expect(key).toMatchObject({
    apiKeyId: keys[0]!.apiKeyId,
    createdBy: null,
    madeBy: { type: 'platform', id: platform.id, label: 'our product' },
  });
  expect(await db.apiKeys.verify(keys[0]!.key)).toMatchObject({ workspaceId });
  // A workspace whose keys are all revoked can get another first key.
  await db.apiKeys.revoke(workspaceId, key!.apiKeyId);
  expect(await createKey(workspaceId, platform)).toMatchObject({ key: expect.stringMatching(/^er_live_/) });
  expect(await createKey(crypto.randomUUID(), platform)).toBe('not_found');
});

test('an operator who creates the first key is the person behind it', async () => {
  const { workspaceId } = await create('Of an operator');
  const { personId } = await db.people.create({ name: 'Olga', isOperator: true });
  const olga: Principal = { kind: 'person', id: personId, label: 'Olga', isOperator: true, sessionId: personId };
  await db.instanceWorkspaces.createKey(workspaceId, olga);
  const [key] = await db.apiKeys.list(workspaceId, { limit: 100 });
  expect(key!.madeBy).toEqual({ type: 'person', id: personId, label: 'Olga' });
  const identity = `api_key:${key!.principalId}`;
  expect((await db.people.behind(workspaceId, [identity]))(identity)).toEqual([`person:${personId}`]);
});

test('administrators are invited until there is one, also after the last one is disabled', async () => {
  const { workspaceId } = await create('Without an administrator');
  const invite = () => db.instanceWorkspaces.inviteAdministrator(workspaceId, 'Ada', platform);
  const invited = await invite();
  if (typeof invited === 'string') throw new Error(invited);
  const redeemed = await db.consoleLinks.redeem(invited.token);
  expect(await invite()).toBe('has_administrator');
  if (!('person' in redeemed)) throw new Error(redeemed.fault);
  await db.pool.query('UPDATE person SET disabled_at = now() WHERE person_id = $1', [redeemed.person.personId]);
  expect(await invite()).toMatchObject({ token: expect.any(String) });
  expect(await audited(workspaceId)).toContain('member.invited by platform');
});

test('a workspace that is being deleted gets no key and no administrator', async () => {
  const { workspaceId } = await create('Gone');
  await db.instanceWorkspaces.setSuspended(workspaceId, true, system);
  await db.instanceWorkspaces.delete(workspaceId, 'Gone', system);
  expect(await db.instanceWorkspaces.createKey(workspaceId, platform)).toBe('deleting');
  expect(await db.instanceWorkspaces.inviteAdministrator(workspaceId, 'Ada', platform)).toBe('deleting');
});

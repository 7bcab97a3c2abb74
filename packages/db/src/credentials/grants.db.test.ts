import { randomUUID } from 'node:crypto';
import { Secret } from '@errand/contracts';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { openDatabase, type WorkspaceDb } from '../database.ts';
import type { StoredSettings } from '../integrations/settings.ts';
import { anIntegration, aTarget, createTestDatabase, masterKey } from '../testing/index.ts';
import type { Target } from './destination.ts';

const auth = { type: 'OAUTH2', clientId: 'errand' } as const;
const oauthServer = {
  issuer: 'https://auth.example.com',
  authorizationUrl: 'https://auth.example.com/authorize',
  tokenUrl: 'https://auth.example.com/token',
};
const anOAuthTarget = (id: string) => aTarget(id, { auth, oauthServer });

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let db: ReturnType<typeof openDatabase>;
let here: WorkspaceDb;
let id: string;
let target: Target;
let n = 0;
let user = '';

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey('k1')] });
  await db.ready();
  const { workspaceId } = await db.workspaces.create('one');
  here = db.forWorkspace(workspaceId);
  id = (await here.integrations.create(anIntegration({ auth, oauthServer }))).customerIntegrationId;
  target = anOAuthTarget(id);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});
beforeEach(async () => {
  user = `user-${++n}`;
  await here.grants.store(target, user, tokens('1'));
});

const tokens = (mark: string) => ({
  accessToken: new Secret(`at-${mark}`),
  refreshToken: new Secret(`rt-${mark}`),
  expiresAt: new Date('2030-01-01T00:00:00.000Z'),
  scope: 'read',
  issuer: 'https://auth.example.com',
});
const take = (lease = randomUUID()) => here.grants.claim(target, user, lease);
const read = async () => {
  const grant = await here.grants.read(target, user);
  return grant && [grant.accessToken.reveal(), grant.refreshToken?.reveal(), grant.reconnect];
};
const overtime = () =>
  db.pool.query(`UPDATE integration_user SET refresh_until = now() - interval '1 second' WHERE user_id = $1`, [user]);

test('a grant is read unchanged, and only in its own location', async () => {
  expect(await here.grants.read(target, user)).toMatchObject({
    expiresAt: new Date('2030-01-01T00:00:00.000Z'),
    scope: 'read',
    issuer: 'https://auth.example.com',
  });
  expect(await read()).toEqual(['at-1', 'rt-1', undefined]);
  await here.grants.store(target, 'another', tokens('other'));
  await db.pool.query(
    `UPDATE integration_user a SET sealed_grant = b.sealed_grant FROM integration_user b WHERE a.user_id = $1 AND b.user_id = 'another'`,
    [user],
  );
  await expect(read()).rejects.toMatchObject({ code: 'credential_unavailable' });
});

test('one of many concurrent callers gets the turn, and the next one reads its result', async () => {
  const leases = Array.from({ length: 20 }, () => randomUUID());
  const turns = await Promise.all(leases.map((lease) => take(lease)));
  expect(turns.map(({ kind }) => kind).sort()).toEqual([...Array(19).fill('held'), 'mine']);
  const lease = leases[turns.findIndex(({ kind }) => kind === 'mine')] ?? '';
  expect(await here.grants.complete(target, user, randomUUID(), { tokens: tokens('stranger') })).toBe(false);
  expect(await here.grants.complete(target, user, lease, { tokens: tokens('2') })).toBe(true);
  expect(await here.grants.complete(target, user, lease, { tokens: tokens('3') })).toBe(false);
  expect(await take()).toMatchObject({ kind: 'mine', grant: { issuer: 'https://auth.example.com' } });
  expect(await read()).toEqual(['at-2', 'rt-2', undefined]);
});

test('secret values in the answer of a refresh are sealed, and no lease stores none', async () => {
  const lease = randomUUID();
  const of = {
    ...target,
    variables: { region: { from: 'tokenAnswer' }, key: { from: 'tokenAnswer', secret: true } },
  } as const;
  await here.integrations.patch(id, {
    settings: (stored) => ({ ...stored, variables: of.variables, requests: {} }),
  });
  await take(lease);
  const variables = { region: 'eu', key: 's3cr3t-of-ann' };
  const strange = { tokens: { ...tokens('2'), variables: { region: 'us', key: 'other' } } };
  expect(await here.grants.complete(of, user, randomUUID(), strange)).toBe(false);
  expect(await here.variables.ofUser(of, user)).toEqual({ values: {}, secrets: {} });
  expect(await here.grants.complete(of, user, lease, { tokens: { ...tokens('2'), variables } })).toBe(true);
  expect(await here.variables.ofUser(of, user)).toEqual({ values: { region: 'eu' }, secrets: { key: variables.key } });
  const { rows } = await db.pool.query(
    'SELECT integration_user::text AS row FROM integration_user WHERE user_id = $1',
    [user],
  );
  expect(rows[0].row).not.toContain(variables.key);
});

test('a variable that becomes secret leaves no value in clear', async () => {
  const settings = (secret: boolean) => ({
    settings: (stored: StoredSettings) => ({
      ...stored,
      variables: { region: { from: 'user' }, key: { from: 'user', secret } } as const,
      requests: {},
    }),
  });
  await here.integrations.patch(id, settings(false));
  const variables = { region: { from: 'user' }, key: { from: 'user' } } as const;
  await here.grants.store({ ...target, variables }, user, {
    ...tokens('2'),
    variables: { region: 'eu', key: 'clear-key' },
  });
  await here.integrations.patch(id, settings(true));
  const { rows } = await db.pool.query('SELECT variables FROM integration_user WHERE user_id = $1', [user]);
  expect(rows).toEqual([{ variables: { region: 'eu' } }]);
});

test('a turn that does not end in time loses the grant, unless its holder ends it late', async () => {
  const lease = randomUUID();
  await take(lease);
  await overtime();
  expect(await read()).toEqual(['at-1', 'rt-1', 'lost']);
  expect(await here.credentials.getUser(id, user)).toMatchObject({
    active: false,
    needsReconnect: true,
    reconnectReason: 'lost',
  });
  expect(await here.grants.complete(target, user, lease, { tokens: tokens('2') })).toBe(true);
  expect(await read()).toEqual(['at-2', 'rt-2', undefined]);

  await take();
  await overtime();
  const [next] = [randomUUID()];
  expect(await take(next)).toMatchObject({ kind: 'mine', grant: { reconnect: 'lost' } });
  await here.grants.complete(target, user, next, 'unchanged');
  expect(await read()).toEqual(['at-2', 'rt-2', 'lost']);
});

test('a grant that the user changed or revoked meanwhile is not overwritten by a refresh', async () => {
  const first = randomUUID();
  await take(first);
  await here.grants.store(target, user, tokens('new'));
  expect(await here.grants.complete(target, user, first, { tokens: tokens('old') })).toBe(false);
  expect(await read()).toEqual(['at-new', 'rt-new', undefined]);

  const second = randomUUID();
  await take(second);
  await here.credentials.revokeUserToken(id, user);
  expect(await here.grants.complete(target, user, second, { tokens: tokens('old') })).toBe(false);
  expect(await read()).toBeUndefined();
  expect(await take()).toEqual({ kind: 'none' });
});

test('a grant that needs a reconnect reports it until the user reconnects', async () => {
  const lease = randomUUID();
  await take(lease);
  await here.grants.complete(target, user, lease, { reconnect: 'invalid_grant' });
  expect(await here.credentials.getUser(id, user)).toMatchObject({ active: false, reconnectReason: 'invalid_grant' });
  await here.grants.store(target, user, tokens('new'));
  expect(await here.credentials.getUser(id, user)).toMatchObject({ active: true, needsReconnect: false });
});

test('nothing is stored for a deleted integration', async () => {
  expect(await here.grants.store(anOAuthTarget('gone_00000000'), user, tokens('1'))).toBe(false);
  expect(await here.credentials.addUser('gone_00000000', user)).toBe(false);
});

import { Secret } from '@errand/contracts';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type Db, openDatabase, type WorkspaceDb } from '../database.ts';
import { anIntegration, aTarget, createTestDatabase, masterKey, type TestDatabase } from '../testing/index.ts';
import { grantDestination, type Target, tokenDestination } from './destination.ts';
import { takeExpiredConsents, type UnconfirmedConsent } from './unconfirmed-consents.ts';

const ID = 'crm_00000001';
const auth = { type: 'OAUTH2', clientId: 'errand' } as const;
const oauthServer = { issuer: 'https://auth.example.com', tokenUrl: 'https://auth.example.com/token' };
const target = aTarget(ID, { auth, oauthServer });

let database: TestDatabase;
let db: Db;
let workspaceId: string;
let here: WorkspaceDb;
let registrationId: string;

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey('k1')] });
});
beforeEach(async () => {
  ({ workspaceId } = await db.workspaces.create('here'));
  here = db.forWorkspace(workspaceId);
  await here.integrations.create(anIntegration({ customerIntegrationId: ID, auth, oauthServer }));
  ({ registrationId } = (await here.integrations.connection(ID))!);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const aConsent = (mark: string, more: Partial<UnconfirmedConsent> = {}): UnconfirmedConsent => ({
  customerIntegrationId: ID,
  registrationId,
  userId: 'ann',
  authType: 'OAUTH2',
  destination: grantDestination(target),
  grant: {
    accessToken: new Secret(`at-${mark}`),
    refreshToken: new Secret(`rt-${mark}`),
    expiresAt: new Date('2030-01-01T00:00:00.000Z'),
    scope: 'read',
    askedScope: 'read write',
    issuer: 'https://auth.example.com',
  },
  userVariables: {},
  variables: {},
  ...more,
});
const put = async (consent: UnconfirmedConsent) => (await here.unconfirmedConsents.put(consent))!;
const tokenOf = async (userId: string, of: Target = target) =>
  (await here.grants.read(of, userId))?.accessToken.reveal();
const expire = () => db.pool.query(`UPDATE unconfirmed_consent SET expires_at = now() - interval '1 second'`);

test('a consent is usable only after its confirmation, and unchanged then', async () => {
  const consent = aConsent('1', { returnTo: 'https://app.example.com/' });
  const { code } = await put(consent);
  expect(Buffer.from(code, 'base64url').length).toBe(32);
  expect(await tokenOf('ann')).toBeUndefined();
  const read = (await here.unconfirmedConsents.read(code))!;
  expect(read).toEqual(consent);
  expect(read.grant?.refreshToken?.reveal()).toBe('rt-1');
  expect(await here.unconfirmedConsents.confirm(code, target, read)).toBe(true);
  expect(await here.grants.read(target, 'ann')).toMatchObject({ expiresAt: consent.grant?.expiresAt, scope: 'read' });
  expect(await here.grants.scopes(target, 'ann')).toMatchObject({ requested: 'read write' });
  expect(await here.unconfirmedConsents.read(code)).toBeUndefined();
});

test('an entered token is stored with the values of variables', async () => {
  const crm = 'crm_00000002';
  const variables = { shop: { from: 'user' }, pin: { from: 'user', secret: true } } as const;
  const apiToken = aTarget(crm, { variables });
  const created = { customerIntegrationId: crm, variables };
  await here.integrations.create(anIntegration(created));
  const { registrationId: registered } = (await here.integrations.connection(crm))!;
  const { grant: _, ...others } = aConsent('');
  const consent: UnconfirmedConsent = {
    ...others,
    customerIntegrationId: crm,
    registrationId: registered,
    authType: 'API_TOKEN',
    destination: tokenDestination(apiToken),
    token: new Secret('token-of-ann-1'),
    variables: { shop: 'north', pin: '1234' },
  };
  const { code } = await put(consent);
  const { rows } = await db.pool.query('SELECT unconfirmed_consent::text AS row FROM unconfirmed_consent');
  expect(JSON.stringify(rows)).not.toMatch(new RegExp(`token-of-ann|1234|north|${code}`));
  const read = (await here.unconfirmedConsents.read(code))!;
  expect(await here.unconfirmedConsents.confirm(code, apiToken, read)).toBe(true);
  expect((await here.credentials.open(apiToken, 'ann'))?.token.reveal()).toBe('token-of-ann-1');
  expect(await here.variables.ofUser(apiToken, 'ann')).toEqual({ values: { shop: 'north' }, secrets: { pin: '1234' } });
});

test('of two confirmations at once one stores the credential', async () => {
  const { code } = await put(aConsent('1'));
  const consent = (await here.unconfirmedConsents.read(code))!;
  const lock = await db.pool.connect();
  try {
    await lock.query('BEGIN');
    await lock.query('SELECT FROM unconfirmed_consent WHERE workspace_id = $1 FOR UPDATE', [workspaceId]);
    const both = [1, 2].map(() => here.unconfirmedConsents.confirm(code, target, consent));
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await expect.poll(async () => (await db.pool.query(waiting)).rowCount, { timeout: 10_000 }).toBe(2);
    await lock.query('COMMIT');
    expect((await Promise.all(both)).sort()).toEqual([false, true]);
  } finally {
    lock.release();
  }
  const { rows } = await db.pool.query(`SELECT FROM audit WHERE workspace_id = $1 AND action = 'credential.stored'`, [
    workspaceId,
  ]);
  expect(rows).toHaveLength(1);
});

test('a refused consent, an expired one and one of another workspace cannot be confirmed', async () => {
  const other = db.forWorkspace((await db.workspaces.create('there')).workspaceId);
  const { code } = await put(aConsent('1'));
  const consent = (await here.unconfirmedConsents.read(code))!;
  expect(await other.unconfirmedConsents.read(code)).toBeUndefined();
  expect(await other.unconfirmedConsents.confirm(code, target, consent)).toBe(false);
  const refuse = () => here.unconfirmedConsents.refuse(code, consent, { reason: 'another_user' });
  expect([await refuse(), await refuse()]).toEqual([true, false]);
  expect(await here.unconfirmedConsents.confirm(code, target, consent)).toBe(false);

  const { code: late } = await put(aConsent('2'));
  await expire();
  expect(await here.unconfirmedConsents.read(late)).toBeUndefined();
  expect(await here.unconfirmedConsents.confirm(late, target, aConsent('2'))).toBe(false);
  expect(await tokenOf('ann')).toBeUndefined();
  const expired = await takeExpiredConsents(db, 100);
  expect(expired.filter((taken) => taken.workspaceId === workspaceId)).toEqual([
    { workspaceId, consents: [aConsent('2')] },
  ]);
  expect(await takeExpiredConsents(db, 100)).toEqual([]);
});

test('a user has at most twenty unconfirmed consents at an integration', async () => {
  await Promise.all(Array.from({ length: 25 }, (_, n) => put(aConsent(`${n}`))));
  const { removed } = await put(aConsent('last'));
  expect(removed).toHaveLength(1);
  await put(aConsent('of bob', { userId: 'bob' }));
  const { rows } = await db.pool.query(
    'SELECT user_id AS "userId", count(*)::int AS count FROM unconfirmed_consent WHERE workspace_id = $1 GROUP BY 1 ORDER BY 1',
    [workspaceId],
  );
  expect(rows).toEqual([
    { userId: 'ann', count: 20 },
    { userId: 'bob', count: 1 },
  ]);
});

test('the erasure of a user and the deletion of an integration remove unconfirmed consents', async () => {
  const { code } = await put(aConsent('1'));
  const { grants } = await here.credentials.eraseUser('ann');
  expect(grants).toMatchObject([{ customerIntegrationId: ID, destination: grantDestination(target) }]);
  expect(grants[0]?.grant.accessToken.reveal()).toBe('at-1');
  expect(await here.unconfirmedConsents.read(code)).toBeUndefined();

  await put(aConsent('2'));
  expect((await here.credentials.revokeUserToken(ID, 'ann')).grants).toHaveLength(1);
  const { code: third } = await put(aConsent('3'));
  const consent = (await here.unconfirmedConsents.read(third))!;
  await here.integrations.delete(ID);
  expect(await here.unconfirmedConsents.confirm(third, target, consent)).toBe(false);
  expect(await here.unconfirmedConsents.put(aConsent('4'))).toBeUndefined();
});

test('an integration that was registered again takes no consent of the earlier one', async () => {
  await here.integrations.delete(ID);
  await here.integrations.create(anIntegration({ customerIntegrationId: ID, auth, oauthServer }));
  expect(await here.unconfirmedConsents.put(aConsent('1'))).toBeUndefined();
});

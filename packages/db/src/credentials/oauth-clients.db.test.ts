import { Secret } from '@errand/contracts';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openDatabase, type WorkspaceDb } from '../database.ts';
import { anIntegration, createTestDatabase, masterKey } from '../testing/index.ts';
import { removeUnusedClients } from './oauth-clients.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let db: ReturnType<typeof openDatabase>;
let here: WorkspaceDb;
let otherWorkspace: WorkspaceDb;
let sql: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey('k1')] });
  await db.ready();
  here = db.forWorkspace((await db.workspaces.create('one')).workspaceId);
  otherWorkspace = db.forWorkspace((await db.workspaces.create('two')).workspaceId);
  sql = new pg.Client({ connectionString: database.url });
  await sql.connect();
});
afterAll(async () => {
  await sql.end();
  await db.close();
  await database.drop();
});

const REDIRECT_URI = 'https://errand.example.com/v1/oauth/callback';
const at = (issuer: string) => ({ issuer: `https://${issuer}.example.com`, redirectUri: REDIRECT_URI });
const client = (clientId: string, more: object = {}) => ({
  clientId,
  authentication: 'client_secret_basic',
  secret: new Secret(`secret of ${clientId}`),
  ...more,
});

test('a client is stored for one issuer, one redirect URI and one workspace', async () => {
  await here.oauthClients.storeOnce(at('a'), client('c1'));
  expect((await here.oauthClients.find(at('a')))?.secret?.reveal()).toBe('secret of c1');
  expect(await here.oauthClients.find(at('b'))).toBeUndefined();
  expect(await here.oauthClients.find({ ...at('a'), redirectUri: 'https://elsewhere.example.com' })).toBeUndefined();
  expect(await otherWorkspace.oauthClients.find(at('a'))).toBeUndefined();
  expect(await here.oauthClients.secret(at('a'), 'c2')).toBeNull();
});

test('of two concurrent registrations one is stored, and both use it', async () => {
  const stored = await Promise.all(['c1', 'c2', 'c3'].map((id) => here.oauthClients.storeOnce(at('race'), client(id))));
  expect(new Set(stored.map(({ clientId }) => clientId)).size).toBe(1);
  expect(new Set(stored.map(({ secret }) => secret?.reveal())).size).toBe(1);
});

test('a client with an expiring secret is replaced, and a secret opens only for its client id', async () => {
  const soon = { expiresAt: new Date(Date.now() + 60_000) };
  await here.oauthClients.storeOnce(at('old'), client('c1', soon));
  expect(await here.oauthClients.find(at('old'))).toBeUndefined();
  expect((await here.oauthClients.secret(at('old'), 'c1'))?.reveal()).toBe('secret of c1');
  expect((await here.oauthClients.storeOnce(at('old'), client('c2'))).clientId).toBe('c2');
  expect((await here.oauthClients.storeOnce(at('old'), client('c3'))).clientId).toBe('c2');
  expect(await here.oauthClients.secret(at('old'), 'c1')).toBeNull();
  await sql.query(`UPDATE oauth_client SET client_id = 'c9' WHERE issuer = $1`, [at('old').issuer]);
  await expect(here.oauthClients.find(at('old'))).rejects.toMatchObject({ code: 'credential_unavailable' });
});

test('a client that its server no longer accepts is removed, but not its successor', async () => {
  await here.oauthClients.storeOnce(at('gone'), client('c1'));
  await here.oauthClients.remove(at('gone'), 'c0');
  expect((await here.oauthClients.find(at('gone')))?.clientId).toBe('c1');
  await here.oauthClients.remove(at('gone'), 'c1');
  expect(await here.oauthClients.find(at('gone'))).toBeUndefined();
});

test('clients that no integration of their workspace uses are removed after a day', async () => {
  const issuers = ['used', 'unused', 'young', 'elsewhere'];
  for (const name of issuers) await here.oauthClients.storeOnce(at(name), client(name));
  const auth = { type: 'OAUTH2' as const, scopes: [] };
  for (const [workspace, clientId] of [
    [here, 'used'],
    [otherWorkspace, 'elsewhere'],
  ] as const)
    await workspace.integrations.create(
      anIntegration({ auth, oauthServer: { tokenUrl: 'https://x.example', client: { clientId } } }),
    );
  await sql.query(`UPDATE oauth_client SET created_at = now() - interval '25 hours' WHERE client_id = ANY($1)`, [
    issuers.filter((name) => name !== 'young'),
  ]);
  expect(await removeUnusedClients(db.pool)).toBe(2);
  const clients = await Promise.all(issuers.map((name) => here.oauthClients.find(at(name))));
  expect(clients.map((stored) => stored?.clientId)).toEqual(['used', undefined, 'young', undefined]);
  expect(await removeUnusedClients(db.pool)).toBe(0);
});

import type { KeyPrincipal, Scope, UserTokenGrant } from '@errand/contracts';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { createTestDatabase, masterKey, type TestDatabase } from '../testing/index.ts';
import { removeEndedTokens } from './user-tokens.ts';

let database: TestDatabase;
let db: Db;
let workspaceId: string;
const keys = { k1: masterKey('k1'), k2: masterKey('k2') };
const limits = { requestsPerMinute: 120, streams: 5, openRuns: 5 };

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [keys.k1] });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});
beforeEach(async () => {
  ({ workspaceId } = await db.workspaces.create('acme'));
});

type NewKey = { scopes?: Scope[]; product?: string; expiresAt?: Date };
async function newKey({ scopes = ['runs:read'], ...more }: NewKey = {}): Promise<KeyPrincipal> {
  const { key } = await db.apiKeys.create(workspaceId, { name: 'back end', scopes, ...more });
  return (await db.apiKeys.verify(key))!;
}

type Bounds = { userId?: string; minutes?: number; grant?: Partial<UserTokenGrant> };
async function mint(key: KeyPrincipal, { userId = 'ada', minutes = 15, grant }: Bounds = {}) {
  const created = await db.userTokens.create(key, { userId, minutes, limits, grant: { can: ['watch'], ...grant } });
  if (typeof created === 'string') throw new Error(created);
  return created;
}

/** The state of a token as a process without a cache reads it. */
async function stateOf(token: string): Promise<string> {
  db.userTokens.forget();
  return (await db.userTokens.verify(token)).state;
}

const endKey = ({ apiKeyId }: { apiKeyId: string }) =>
  db.pool.query(`UPDATE api_key SET expires_at = now() - interval '1 second' WHERE api_key_id = $1`, [apiKeyId]);

/** Rotates a key, and returns its successor. */
async function rotate({ apiKeyId }: { apiKeyId: string }) {
  const rotated = await db.apiKeys.rotate(workspaceId, apiKeyId, 86_400_000);
  if (!rotated || rotated === 'ended') throw new Error('The key was not rotated.');
  return rotated;
}

test('a token has the scopes of its abilities, its bounds, and the name of its product, and is stored as a hash', async () => {
  const key = await newKey({ scopes: ['admin'], product: 'helpdesk' });
  const { token, userTokenId } = await mint(key, { grant: { can: ['watch', 'edit', 'decide'], runIds: ['r'] } });
  expect(await db.userTokens.verify(token)).toMatchObject({
    state: 'valid',
    principal: {
      kind: 'user_token',
      id: userTokenId,
      label: 'a user of helpdesk',
      workspaceId,
      userId: 'ada',
      scopes: ['runs:read', 'approvals:decide'],
      grant: { can: ['watch', 'edit', 'decide'], runIds: ['r'] },
      limits,
      key: { id: key.id, apiKeyId: key.apiKeyId, product: 'helpdesk' },
    },
  });
  const { rows } = await db.pool.query('SELECT user_token::text AS row FROM user_token');
  expect(JSON.stringify(rows)).not.toContain(token.slice(8, 40));
});

test('a key is no token, a token is no key, and a mistyped token is refused without a query', async () => {
  const { key } = await db.apiKeys.create(workspaceId, { name: 'one', scopes: ['runs:read'] });
  const { token } = await mint(await newKey());
  expect(await stateOf(key)).toBe('unknown');
  expect(await db.apiKeys.verify(token)).toBeNull();
  expect(await stateOf(token.replace(/.$/, (last) => (last === 'x' ? 'y' : 'x')))).toBe('unknown');
});

test('a token ends with its time, with its user, and with the workspace', async () => {
  const key = await newKey();
  const [first, second] = [await mint(key), await mint(key, { userId: 'ben' })];
  await db.pool.query(`UPDATE user_token SET expires_at = now() - interval '1 s' WHERE user_token_id = $1`, [
    first.userTokenId,
  ]);
  expect([await stateOf(first.token), await stateOf(second.token)]).toEqual(['ended', 'valid']);
  expect(await db.userTokens.revoke(workspaceId, 'ben', key)).toBe(1);
  expect(await stateOf(second.token)).toBe('ended');
  expect(await db.userTokens.revoke(workspaceId, 'ben', key)).toBe(0);
  const third = await mint(key);
  await db.pool.query('UPDATE workspace SET suspended_at = now() WHERE workspace_id = $1', [workspaceId]);
  expect(await stateOf(third.token)).toBe('ended');
});

test('revoking ends a token at once in this process, although its answer is cached', async () => {
  const key = await newKey();
  const { token } = await mint(key);
  expect((await db.userTokens.verify(token)).state).toBe('valid');
  await db.userTokens.revoke(workspaceId, 'ada', key);
  expect((await db.userTokens.verify(token)).state).toBe('ended');
  const another = await mint(key);
  expect((await db.userTokens.verify(another.token)).state).toBe('valid');
  await db.apiKeys.revoke(workspaceId, key.apiKeyId);
  expect((await db.userTokens.verify(another.token)).state).toBe('ended');
});

test('a token ends when its key is revoked or expires, and never lives longer than the key', async () => {
  const revoked = await newKey();
  const ofRevoked = await mint(revoked);
  await db.apiKeys.revoke(workspaceId, revoked.apiKeyId);
  expect(await stateOf(ofRevoked.token)).toBe('ended');
  expect(await db.userTokens.create(revoked, { userId: 'ada', minutes: 1, limits, grant: { can: ['watch'] } })).toBe(
    'ended',
  );
  const expiresAt = new Date(Date.now() + 120_000);
  const expiring = await newKey({ expiresAt });
  const ofExpiring = await mint(expiring, { minutes: 60 });
  expect(ofExpiring.expiresAt).toEqual(expiresAt);
  await endKey(expiring);
  expect(await stateOf(ofExpiring.token)).toBe('ended');
});

test('a token survives rotations of its key, and ends with the newest of them', async () => {
  const key = await newKey();
  const { token } = await mint(key);
  const second = await rotate(key);
  expect(await stateOf(token)).toBe('valid');
  await endKey(key);
  expect(await stateOf(token)).toBe('valid');
  const third = await rotate(second);
  await endKey(second);
  expect(await db.userTokens.verify(token)).toMatchObject({
    principal: { key: { apiKeyId: third.apiKeyId, id: key.id } },
  });
  expect(await stateOf(token)).toBe('valid');
  await db.apiKeys.revoke(workspaceId, third.apiKeyId);
  expect(await stateOf(token)).toBe('ended');
});

test('a revoked key has no successor: its tokens end, although a rotation replaced it', async () => {
  const key = await newKey();
  const { token } = await mint(key);
  await rotate(key);
  await db.apiKeys.revoke(workspaceId, key.apiKeyId);
  expect(await stateOf(token)).toBe('ended');
  await endKey(key);
  expect(await stateOf(token)).toBe('ended');
});

test.each<[string, Scope[], Partial<UserTokenGrant>]>([
  ['watch', ['approvals:decide'], { can: ['watch'] }],
  ['decide', ['approvals:decide'], { can: ['decide'] }],
  ['ask', ['runs:read'], { can: ['ask'] }],
  ['connect', ['runs:read'], { can: ['connect'] }],
  ['the person', ['runs:read', 'admin'], { can: ['watch'], person: { id: 'ana', name: 'Ana' } }],
])('a token ends when its key loses the scope of %s', async (_, scopes, grant) => {
  const key = await newKey({ scopes: ['admin', 'persons:claim'], product: 'helpdesk' });
  const { token } = await mint(key, { grant });
  expect(await stateOf(token)).toBe('valid');
  await db.pool.query('UPDATE api_key SET scopes = $2 WHERE api_key_id = $1', [key.apiKeyId, scopes]);
  expect(await stateOf(token)).toBe('ended');
  expect(await db.userTokens.valid([{ workspaceId, userTokenId: key.apiKeyId }])).toEqual(new Set());
});

test('the check of streams names the valid tokens alone', async () => {
  const key = await newKey();
  const tokens = [await mint(key), await mint(key, { userId: 'ben' })];
  await db.userTokens.revoke(workspaceId, 'ben', key);
  const valid = await db.userTokens.valid(tokens.map(({ userTokenId }) => ({ workspaceId, userTokenId })));
  expect(valid).toEqual(new Set([tokens[0]!.userTokenId]));
});

test('a user has at most 100 tokens: one more ends the oldest, also of concurrent requests', async () => {
  const key = await newKey();
  const oldest = await mint(key);
  for (let n = 0; n < 10; n++) await Promise.all(Array.from({ length: 10 }, () => mint(key)));
  const { rows } = await db.pool.query('SELECT 1 FROM user_token WHERE workspace_id = $1 AND revoked_at IS NULL', [
    workspaceId,
  ]);
  expect([rows.length, await stateOf(oldest.token)]).toEqual([100, 'ended']);
});

test('a workspace has at most 10,000 tokens, of which the ended ones make room', async () => {
  const key = await newKey();
  await db.pool.query(
    `INSERT INTO user_token (workspace_id, user_token_id, hmac, hmac_key_id, user_id, api_key_id, allowed, limits, expires_at)
     SELECT $1, gen_random_uuid(), uuid_send(gen_random_uuid()), 'k1', 'user ' || n, $2, '{"can":["watch"]}', '{}', now() + interval '1 minute'
     FROM generate_series(1, 10000) AS n`,
    [workspaceId, key.apiKeyId],
  );
  const newToken = { userId: 'ada', minutes: 1, limits, grant: { can: ['watch' as const] } };
  expect(await db.userTokens.create(key, newToken)).toBe('full');
  await db.userTokens.revoke(workspaceId, 'user 1', key);
  expect(await db.userTokens.create(key, newToken)).toMatchObject({ token: expect.any(String) });
});

test('tokens are removed an hour after their end', async () => {
  const key = await newKey();
  const [old, recent] = [await mint(key), await mint(key)];
  const expire = ({ userTokenId }: { userTokenId: string }, ago: string) =>
    db.pool.query(`UPDATE user_token SET expires_at = now() - $2::interval WHERE user_token_id = $1`, [
      userTokenId,
      ago,
    ]);
  await expire(old, '61 minutes');
  await expire(recent, '59 minutes');
  await removeEndedTokens(db.pool);
  expect([await stateOf(old.token), await stateOf(recent.token)]).toEqual(['unknown', 'ended']);
});

test('the audit log names the key, the user and the abilities, and not the token', async () => {
  const key = await newKey();
  const { token, userTokenId } = await mint(key, { minutes: 7 });
  await db.userTokens.revoke(workspaceId, 'ada', key);
  const { rows } = await db.pool.query(
    `SELECT actor_id, action, target, details FROM audit WHERE workspace_id = $1 AND action LIKE 'user_token.%' ORDER BY audit_id`,
    [workspaceId],
  );
  expect(rows).toEqual([
    {
      actor_id: key.id,
      action: 'user_token.created',
      target: userTokenId,
      details: { userId: 'ada', can: ['watch'], minutes: 7 },
    },
    { actor_id: key.id, action: 'user_token.revoked', target: 'ada', details: { userTokens: 1 } },
  ]);
  expect(JSON.stringify(rows)).not.toContain(token);
});

test('a token of the old master key is valid after a change of the sealing key', async () => {
  const { token } = await mint(await newKey());
  const rotated = openDatabase({ ...database.logins, masterKeys: [keys.k2, keys.k1] });
  try {
    rotated.vault.sealWith('k2');
    expect((await rotated.userTokens.verify(token)).state).toBe('valid');
  } finally {
    await rotated.close();
  }
});

test('with wrong tokens before, only tokens that were valid here are read', async () => {
  const { token } = await mint(await newKey());
  expect((await db.userTokens.verify(token, { onlyKnown: true })).state).toBe('unknown');
  expect((await db.userTokens.verify(token)).state).toBe('valid');
  expect((await db.userTokens.verify(token, { onlyKnown: true })).state).toBe('valid');
});

test('twenty claims at once over two processes get exactly the five open runs of the user', async () => {
  const other = openDatabase({ ...database.logins, masterKeys: [keys.k1] });
  try {
    const run = () => ({ workspaceId, userId: 'ada', runId: crypto.randomUUID() });
    const runs = Array.from({ length: 20 }, run);
    const claims = await Promise.all(
      runs.map((each, i) => (i % 2 ? db : other).userTokens.openRuns.claim(each, limits.openRuns)),
    );
    expect(claims.filter(Boolean)).toHaveLength(5);
    expect(await db.userTokens.openRuns.claim({ ...run(), userId: 'ben' }, limits.openRuns)).toBe(true);
    await db.userTokens.openRuns.release(runs[claims.indexOf(true)]!);
    expect(await db.userTokens.openRuns.claim(run(), limits.openRuns)).toBe(true);
    expect(await db.userTokens.openRuns.claim(run(), limits.openRuns)).toBe(false);
    await db.pool.query(`UPDATE open_run_claim SET expires_at = now() WHERE workspace_id = $1`, [workspaceId]);
    expect(await db.userTokens.openRuns.claim(run(), limits.openRuns)).toBe(true);
  } finally {
    await other.close();
  }
});

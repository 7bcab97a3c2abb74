import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { createTestDatabase, masterKey, type TestDatabase } from '../testing/index.ts';
import { makeKey } from './format.ts';

let database: TestDatabase;
let db: Db;
let workspaceId: string;
const k1 = masterKey('k1');
const k2 = masterKey('k2');
const TTL_MS = 300;

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [k1], apiKeyTtlMs: TTL_MS });
  ({ workspaceId } = await db.workspaces.create('acme'));
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

test('a created key identifies its workspace and scopes, and the database does not contain it', async () => {
  const { key, apiKeyId } = await db.apiKeys.create(workspaceId, { name: 'app', scopes: ['runs:read', 'runs:write'] });
  expect(await db.apiKeys.verify(key)).toEqual({
    kind: 'api_key',
    id: apiKeyId,
    workspaceId,
    apiKeyId,
    label: 'app',
    scopes: ['runs:read', 'runs:write'],
  });
  const { rows } = await db.pool.query('SELECT api_key::text AS row FROM api_key');
  expect(JSON.stringify(rows)).not.toContain(key.slice(8, 40));
  const [listed] = await db.apiKeys.list(workspaceId, { limit: 100 });
  expect(listed).toMatchObject({ apiKeyId, name: 'app', prefix: 'er_live_', last4: key.slice(-4) });
  expect(JSON.stringify(listed)).not.toContain(key);
});

test('a page of keys has only valid or only other ones, and names makers that are on another page', async () => {
  const { workspaceId: own } = await db.workspaces.create('pages');
  const { key, ...first } = await db.apiKeys.create(own, { name: 'maker', scopes: ['admin'] });
  const actor = await db.apiKeys.verify(key);
  const create = (name: string, expiresAt?: Date) =>
    db.apiKeys.create(own, { name, scopes: ['runs:read'], ...(expiresAt && { expiresAt }) }, actor!);
  const revoked = await create('revoked');
  await db.apiKeys.revoke(own, revoked.apiKeyId);
  const expired = await create('expired', new Date(Date.now() - 1000));
  const expiring = await create('expiring', new Date(Date.now() + 3_600_000));
  const namesOf = async (page: Parameters<typeof db.apiKeys.list>[1]) =>
    (await db.apiKeys.list(own, page)).map(({ name }) => name);
  expect(await namesOf({ active: true, limit: 9 })).toEqual(['expiring', 'maker']);
  expect(await namesOf({ active: false, limit: 9 })).toEqual(['expired', 'revoked']);
  expect(await namesOf({ after: expired.apiKeyId, limit: 1 })).toEqual(['revoked']);
  const [listed] = await db.apiKeys.list(own, { limit: 1 });
  const madeBy = { type: 'api_key', id: first.apiKeyId, label: 'maker' };
  expect(listed).toMatchObject({ apiKeyId: expiring.apiKeyId, madeBy });
});

test('unknown and mistyped keys have no principal', async () => {
  expect(await db.apiKeys.verify(makeKey())).toBeNull();
  expect(await db.apiKeys.verify('er_live_nonsense')).toBeNull();
});

test('a mistyped key costs no query', async () => {
  const nowhere = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', masterKeys: [k1] });
  expect(await nowhere.apiKeys.verify(`${makeKey().slice(0, -1)}!`)).toBeNull();
  await expect(nowhere.apiKeys.verify(makeKey())).rejects.toThrow();
  await nowhere.close();
});

test('a revoked key is rejected immediately here, and within the time to live in other processes', async () => {
  const otherProcess = openDatabase({ ...database.logins, masterKeys: [k1], apiKeyTtlMs: TTL_MS });
  const { key, apiKeyId } = await db.apiKeys.create(workspaceId, { name: 'gone', scopes: ['admin'] });
  expect(await otherProcess.apiKeys.verify(key)).not.toBeNull();
  expect(await db.apiKeys.verify(key)).not.toBeNull();
  expect(await db.apiKeys.revoke(workspaceId, apiKeyId)).toMatchObject({ apiKeyId, revokedAt: expect.any(Date) });
  expect(await db.apiKeys.verify(key)).toBeNull();
  await sleep(TTL_MS + 50);
  expect(await otherProcess.apiKeys.verify(key)).toBeNull();
  await otherProcess.close();
});

test('a key of another workspace cannot be revoked', async () => {
  const stranger = await db.workspaces.create('stranger');
  const { key, apiKeyId } = await db.apiKeys.create(workspaceId, { name: 'mine', scopes: ['admin'] });
  expect(await db.apiKeys.revoke(stranger.workspaceId, apiKeyId)).toBeNull();
  expect(await db.apiKeys.verify(key)).not.toBeNull();
});

test('an expired key is rejected although its answer is cached', async () => {
  const patient = openDatabase({ ...database.logins, masterKeys: [k1] });
  const expiresAt = new Date(Date.now() + 2000);
  const { key } = await patient.apiKeys.create(workspaceId, { name: 'short', scopes: ['admin'], expiresAt });
  expect(await patient.apiKeys.verify(key)).not.toBeNull();
  await sleep(Math.max(0, expiresAt.getTime() - Date.now()) + 20);
  expect(await patient.apiKeys.verify(key)).toBeNull();
  await patient.close();
});

test('a hundred concurrent callers cost one query, and the use is recorded once', async () => {
  const { key, apiKeyId } = await db.apiKeys.create(workspaceId, { name: 'busy', scopes: ['admin'] });
  const otherProcess = openDatabase({ ...database.logins, masterKeys: [k1] });
  let lookups = 0;
  otherProcess.pool.on('acquire', () => lookups++);
  const callers = await Promise.all(Array.from({ length: 100 }, () => otherProcess.apiKeys.verify(key)));
  expect(callers.every((caller) => caller?.apiKeyId === apiKeyId)).toBe(true);
  await expect
    .poll(
      async () => (await db.apiKeys.list(workspaceId, { limit: 100 })).find((k) => k.apiKeyId === apiKeyId)?.lastUsedAt,
    )
    .toBeInstanceOf(Date);
  expect(lookups).toBe(2); // the look-up and the note
  await otherProcess.close();
});

test('a rotation creates a key with the same name and scopes, and the old key expires after the overlap', async () => {
  const old = await db.apiKeys.create(workspaceId, { name: 'app', scopes: ['runs:read'] });
  const rotated = await db.apiKeys.rotate(workspaceId, old.apiKeyId, 2000);
  if (!rotated || rotated === 'ended') throw new Error('It was not rotated.');
  expect(rotated).toMatchObject({ name: 'app', scopes: ['runs:read'], expiresAt: null });
  expect(await db.apiKeys.verify(old.key)).not.toBeNull();
  const next = await db.apiKeys.rotate(workspaceId, rotated.apiKeyId, 2000);
  if (!next || next === 'ended') throw new Error('It was not rotated.');
  // Who acts stays the same over every rotation.
  for (const { key, apiKeyId } of [old, rotated, next]) {
    expect(await db.apiKeys.verify(key)).toMatchObject({ kind: 'api_key', id: old.apiKeyId, apiKeyId });
  }
  expect(
    (await db.apiKeys.list(workspaceId, { limit: 100 })).find((key) => key.apiKeyId === old.apiKeyId),
  ).toMatchObject({
    replacedBy: rotated.apiKeyId,
    expiresAt: expect.any(Date),
  });
  await sleep(2050);
  expect(await db.apiKeys.verify(old.key)).toBeNull();
  expect(await db.apiKeys.verify(next.key)).not.toBeNull();
});

test('a rotation keeps the product of the key', async () => {
  const first = await db.apiKeys.create(workspaceId, { name: 'app', scopes: ['runs:read'], product: 'helpdesk' });
  const rotated = await db.apiKeys.rotate(workspaceId, first.apiKeyId, 60_000);
  if (!rotated || rotated === 'ended') throw new Error('It was not rotated.');
  expect(rotated.product).toBe('helpdesk');
  for (const { key } of [first, rotated]) expect(await db.apiKeys.verify(key)).toMatchObject({ product: 'helpdesk' });
});

test('the successor of an expiring key has the same lifetime, and the rotation does not extend the old key', async () => {
  const hour = 3_600_000;
  const expiresAt = new Date(Date.now() + hour);
  const { apiKeyId } = await db.apiKeys.create(workspaceId, { name: 'short', scopes: ['runs:read'], expiresAt });
  const rotated = await db.apiKeys.rotate(workspaceId, apiKeyId, 24 * hour);
  if (!rotated || rotated === 'ended') throw new Error('It was not rotated.');
  expect(Math.abs(rotated.expiresAt!.getTime() - Date.now() - hour)).toBeLessThan(10_000);
  const old = (await db.apiKeys.list(workspaceId, { limit: 100 })).find((key) => key.apiKeyId === apiKeyId);
  expect(old?.expiresAt).toEqual(expiresAt);
});

test('one of many concurrent rotations succeeds; keys of other workspaces and expired keys are not rotated', async () => {
  const { apiKeyId } = await db.apiKeys.create(workspaceId, { name: 'app', scopes: ['runs:read'] });
  const answers = await Promise.all(Array.from({ length: 8 }, () => db.apiKeys.rotate(workspaceId, apiKeyId, 60_000)));
  expect(answers.filter((answer) => answer === 'ended')).toHaveLength(7);
  const stranger = await db.workspaces.create('stranger');
  expect(await db.apiKeys.rotate(stranger.workspaceId, apiKeyId, 0)).toBeNull();
  const revoked = await db.apiKeys.create(workspaceId, { name: 'gone', scopes: ['runs:read'] });
  await db.apiKeys.revoke(workspaceId, revoked.apiKeyId);
  expect(await db.apiKeys.rotate(workspaceId, revoked.apiKeyId, 0)).toBe('ended');
});

test('an answer that was read before a revocation is not cached after it', async () => {
  const { key, apiKeyId } = await db.apiKeys.create(workspaceId, { name: 'raced', scopes: ['admin'] });
  const reading = db.apiKeys.verify(key);
  await db.apiKeys.revoke(workspaceId, apiKeyId);
  await reading;
  expect(await db.apiKeys.verify(key)).toBeNull();
});

test('with onlyKnown only a cached key is verified', async () => {
  const { key } = await db.apiKeys.create(workspaceId, { name: 'app', scopes: ['admin'] });
  expect(await db.apiKeys.verify(key, { onlyKnown: true })).toBeNull();
  expect(await db.apiKeys.verify(key)).not.toBeNull();
  await sleep(TTL_MS + 50);
  expect(await db.apiKeys.verify(key, { onlyKnown: true })).not.toBeNull();
});

test('validity returns the scopes of valid keys', async () => {
  const good = await db.apiKeys.create(workspaceId, { name: 'good', scopes: ['runs:read'] });
  const gone = await db.apiKeys.create(workspaceId, { name: 'gone', scopes: ['admin'] });
  const expired = await db.apiKeys.create(workspaceId, { name: 'over', scopes: ['admin'], expiresAt: new Date(1) });
  await db.apiKeys.revoke(workspaceId, gone.apiKeyId);
  const keys = [good, gone, expired].map(({ apiKeyId }) => ({ workspaceId, apiKeyId }));
  expect([...(await db.apiKeys.validity(keys))]).toEqual([[good.apiKeyId, ['runs:read']]]);
});

test('keys outlive a rotation of the master key', async () => {
  const { key, apiKeyId } = await db.apiKeys.create(workspaceId, { name: 'old', scopes: ['admin'] });
  const rotated = openDatabase({ ...database.logins, masterKeys: [k2, k1] });
  expect(await rotated.apiKeys.verify(key)).toMatchObject({ apiKeyId });
  const later = openDatabase({ ...database.logins, masterKeys: [k2], apiKeyTtlMs: 1 });
  await expect.poll(() => later.apiKeys.verify(key)).toMatchObject({ apiKeyId }); // moved when it was used
  await rotated.close();
  await later.close();
});

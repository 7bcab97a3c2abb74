import type { KeyPrincipal, PersonPrincipal, Scope } from '@errand/contracts';
import { type Db, openDatabase } from '@errand/db';
import { createTestDatabase, masterKey, type TestDatabase } from '@errand/db/testing';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { type SlotLimits, StreamSlots } from './stream-slots.ts';

let database: TestDatabase;
let db: Db;
let workspaceId: string;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  ({ workspaceId } = await db.workspaces.create('acme'));
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const none = { of: () => undefined };
const aKey = async (of = workspaceId): Promise<KeyPrincipal> => {
  const scopes: Scope[] = ['runs:read'];
  const { apiKeyId } = await db.apiKeys.create(of, { name: 'app', scopes });
  return { kind: 'api_key', id: apiKeyId, workspaceId: of, apiKeyId, label: 'app', scopes };
};
/** The slots of one more process. */
const slotsOf = (
  limits: SlotLimits,
  settings: ConstructorParameters<typeof StreamSlots>[0]['workspaceSettings'] = none,
) => {
  const { apiKeys, sessions, userTokens } = db;
  const deps = { apiKeys, sessions, userTokens, workspaceSettings: settings };
  const slots = new StreamSlots(deps, { renewMs: 20, ...limits });
  onTestFinished(() => slots.close());
  return slots;
};
const take = (slots: StreamSlots, key: KeyPrincipal, revoke = (_: Error) => {}) =>
  slots.acquire(key, ['runs:read'], revoke);
const refused = (code: string) =>
  expect.objectContaining({ code, options: expect.objectContaining({ headers: { 'retry-after': '5' } }) });
const leased = async ({ apiKeyId }: KeyPrincipal) => {
  const { rows } = await db.pool.query(
    'SELECT coalesce(sum(streams), 0)::int AS n FROM stream_lease WHERE api_key_id = $1',
    [apiKeyId],
  );
  return rows[0].n;
};

test('a key has so many streams over all processes, and a slot is freed once for each that ends', async () => {
  const key = await aKey();
  const [one, two] = [slotsOf({ maxPerKey: 3, batch: 1 }), slotsOf({ maxPerKey: 3, batch: 1 })];
  const first = await take(one, key);
  await take(one, key);
  await take(two, key);
  await expect(take(one, key)).rejects.toEqual(refused('too_many_streams'));
  await expect(take(two, key)).rejects.toEqual(refused('too_many_streams'));
  await take(two, await aKey());
  first();
  first();
  await take(one, key);
  await expect(take(one, key)).rejects.toEqual(refused('too_many_streams'));
  await Promise.all([one.close(), two.close()]);
  expect(await leased(key)).toBe(0);
});

test('all keys and sessions of a workspace share its limit over all processes; a lower one ends no stream', async () => {
  let limit = 3;
  const settings = { of: () => ({ streams: limit }) };
  const [one, two] = [slotsOf({}, settings), slotsOf({}, settings)];
  const person: PersonPrincipal = {
    kind: 'person',
    id: crypto.randomUUID(),
    sessionId: crypto.randomUUID(),
    label: 'Ada',
    isOperator: false,
    workspaceId,
    role: 'viewer',
    scopes: ['runs:read'],
  };
  const first = await take(one, await aKey());
  const second = await take(two, await aKey());
  const third = await one.acquire(person, ['runs:read'], () => {});
  for (const slots of [one, two])
    await expect(take(slots, await aKey())).rejects.toMatchObject({
      code: 'too_many_streams',
      message: 'The workspace has its maximum of 3 open streams.',
    });
  third();
  third();
  const key = await aKey();
  const fourth = await take(one, key);
  limit = 2;
  first();
  const open = () =>
    take(one, key).then(
      () => 'open',
      ({ code }) => code,
    );
  expect(await open()).toBe('too_many_streams');
  second();
  fourth();
  await expect.poll(open).toBe('open');
});

test('of a hundred streams that open at once, those within the limit do', async () => {
  const key = await aKey();
  const slots = slotsOf({ maxPerKey: 80, batch: 50 });
  const opened = await Promise.allSettled(Array.from({ length: 100 }, () => take(slots, key)));
  expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(80);
  expect(await leased(key)).toBe(80);
});

test('a workspace has its share of the streams of a process, with all of its keys', async () => {
  const slots = slotsOf({ maxPerProcess: 4 });
  const free = await take(slots, await aKey());
  await take(slots, await aKey());
  const third = await aKey();
  await expect(take(slots, third)).rejects.toEqual(refused('too_many_streams'));
  const { workspaceId: other } = await db.workspaces.create('other');
  await take(slots, await aKey(other));
  free();
  free();
  await take(slots, third);
});

test('slots that are not used any more are freed', async () => {
  const key = await aKey();
  const slots = slotsOf({ batch: 2 });
  const free = await Promise.all(Array.from({ length: 9 }, () => take(slots, key)));
  await expect.poll(() => leased(key)).toBe(10);
  for (const one of free.slice(1)) one();
  await expect.poll(() => leased(key)).toBe(4);
  free[0]!();
  await expect.poll(() => leased(key)).toBe(0);
});

test('a key that is revoked, expires or loses the scope loses its streams, once, and others do not', async () => {
  const slots = slotsOf({});
  const [revoked, expired, less, good] = [await aKey(), await aKey(), await aKey(), await aKey()];
  const decider = await aKey();
  const errors: Error[] = [];
  await slots.acquire(decider, ['runs:read', 'approvals:decide'], (why) => errors.push(why));
  const cuts = new Map<KeyPrincipal, string[]>();
  for (const key of [revoked, expired, less, good]) {
    const codes: string[] = [];
    cuts.set(key, codes);
    for (let i = 0; i < 2; i++) await take(slots, key, (why) => codes.push((why as unknown as { code: string }).code));
  }
  await db.apiKeys.revoke(workspaceId, revoked.apiKeyId);
  const change = (fault: string, { apiKeyId }: KeyPrincipal) =>
    db.pool.query(`UPDATE api_key SET ${fault} WHERE api_key_id = $1`, [apiKeyId]);
  await change('expires_at = now()', expired);
  await change(`scopes = '{runs:write}'`, less);
  await change(`scopes = '{admin}'`, good);
  // their slots are freed one interval after the cut
  await expect.poll(async () => [await leased(revoked), await leased(expired), await leased(less)]).toEqual([0, 0, 0]);
  const twice = (code: string) => [code, code];
  expect(errors).toEqual([expect.objectContaining({ code: 'insufficient_scope' })]);
  expect([revoked, expired, less, good].map((key) => cuts.get(key))).toEqual([
    twice('unauthenticated'),
    twice('unauthenticated'),
    twice('insufficient_scope'),
    [],
  ]);
});

import type { KeyPrincipal, PersonPrincipal, Principal } from '@errand/contracts';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { createTestDatabase, masterKey, type TestDatabase } from '../testing/index.ts';

let database: TestDatabase;
let db: Db;
let workspaceId: string;
let ada: PersonPrincipal;
let ben: PersonPrincipal;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey('k1')] });
  ({ workspaceId } = await db.workspaces.create('acme'));
  [ada, ben] = [await aPerson('Ada'), await aPerson('Ben')];
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

async function aPerson(name: string): Promise<PersonPrincipal> {
  const { personId } = await db.people.create({ name });
  const session = { sessionId: 's', isOperator: false, role: 'admin' } as const;
  return { kind: 'person', id: personId, label: name, ...session, workspaceId, scopes: ['admin'] };
}
const aKey = async (actor?: Principal): Promise<KeyPrincipal> =>
  (await db.apiKeys.verify((await db.apiKeys.create(workspaceId, { name: 'k', scopes: ['admin'] }, actor)).key))!;
const rotated = async ({ apiKeyId }: KeyPrincipal, actor?: Principal): Promise<KeyPrincipal> => {
  const key = await db.apiKeys.rotate(workspaceId, apiKeyId, 60_000, actor);
  return (await db.apiKeys.verify(key && key !== 'ended' ? key.key : ''))!;
};
const behind = async ({ id }: KeyPrincipal, workspace = workspaceId): Promise<string[]> => {
  const identity = `api_key:${id}`;
  const people = await db.people.behind(workspace, [identity, null]);
  return people(identity)
    .map((person) => (person === `person:${ada.id}` ? 'Ada' : 'Ben'))
    .sort();
};

test('a key has the person who made it behind it, and so has a key that it makes', async () => {
  const key = await aKey(ada);
  expect([await behind(key), await behind(await aKey(key)), await behind(await aKey(await aKey(key)))]).toEqual([
    ['Ada'],
    ['Ada'],
    ['Ada'],
  ]);
});

test('a key of the service has no person behind it, before somebody rotates it', async () => {
  const key = await aKey();
  const made = await aKey(key);
  expect([await behind(key), await behind(made)]).toEqual([[], []]);
  const next = await rotated(key, ada);
  expect([await behind(next), await behind(made), await behind(await aKey(next))]).toEqual([['Ada'], [], ['Ada']]);
});

test('a key that another person rotates has both behind it, and so has a key that it makes', async () => {
  const first = await aKey(ada);
  const next = await rotated(first, ben);
  const made = await aKey(next);
  expect([await behind(first), await behind(next), await behind(made)]).toEqual(Array(3).fill(['Ada', 'Ben']));
  expect(await behind(await aKey(first))).toEqual(['Ada']);
});

test('a rotation by a key of another person adds that person; one by the key itself loses nobody', async () => {
  const own = await aKey(ada);
  expect(await behind(await rotated(own, own))).toEqual(['Ada']);
  expect(await behind(await rotated(await aKey(ada), await aKey(ben)))).toEqual(['Ada', 'Ben']);
  expect(await behind(await aKey(await rotated(await aKey(ada), await aKey())))).toEqual(['Ada']);
});

test('keys of other workspaces count for nothing', async () => {
  const { workspaceId: elsewhere } = await db.workspaces.create('other');
  expect(await behind(await aKey(ada), elsewhere)).toEqual([]);
});

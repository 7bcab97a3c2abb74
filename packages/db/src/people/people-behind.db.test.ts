import type { KeyPrincipal, PersonPrincipal, Principal, Scope } from '@errand/contracts';
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

type ProductKey = { product: string; scopes: Scope[]; actor?: Principal };
const productKey = async ({ actor, ...key }: ProductKey): Promise<KeyPrincipal> =>
  (await db.apiKeys.verify((await db.apiKeys.create(workspaceId, { name: 'k', ...key }, actor)).key))!;
const partiesOf = async (...identities: string[]): Promise<string[][]> => {
  const behindEach = await db.people.behind(workspaceId, identities);
  return identities.map((identity) => [...behindEach(identity)].sort());
};

test('a key has its product behind it, and so has a key that it made or rotated', async () => {
  const key = await productKey({ product: 'helpdesk', scopes: ['admin'] });
  const keys = [key, await rotated(key), await aKey(key), await rotated(await aKey(), key)];
  expect(await partiesOf(...keys.map(({ id }) => `api_key:${id}`))).toEqual([
    ['product:helpdesk'],
    ['product:helpdesk'],
    ['product:helpdesk'],
    ['product:helpdesk'],
  ]);
});

test('a claimed person has the parties behind the keys that can name it, and no others', async () => {
  await productKey({ product: 'shop', scopes: ['persons:claim', 'admin'], actor: ada });
  const ended = await productKey({ product: 'shop', scopes: ['persons:claim'], actor: ben });
  await db.apiKeys.revoke(workspaceId, ended.apiKeyId);
  await productKey({ product: 'shop-2', scopes: ['admin'], actor: ben });
  const shop = ['product:shop', ...[ada, ben].map(({ id }) => `person:${id}`)].sort();
  expect(await partiesOf('claimed:shop:ana', 'claimed:shop:b:c', 'claimed:shop-2:ana', 'claimed:sho:p:ana')).toEqual([
    shop,
    shop,
    [],
    [],
  ]);
});

test('approvers who may decide are members with the scope, and persons whom a valid key can name', async () => {
  const [decider, viewer, disabled, stranger] = await Promise.all(
    ['Decider', 'Viewer', 'Disabled', 'Stranger'].map((name) => aPerson(name)),
  );
  await db.people.addMember(workspaceId, decider!.id, 'decider', 'system:errand');
  await db.people.addMember(workspaceId, viewer!.id, 'viewer', 'system:errand');
  await db.people.addMember(workspaceId, disabled!.id, 'admin', 'system:errand');
  await db.people.setOperator(ada.id);
  const operator = { ...ada, isOperator: true };
  expect(await db.instancePeople.disable(disabled!.id, operator)).toMatchObject({ person: { name: 'Disabled' } });
  await productKey({ product: 'desk', scopes: ['persons:claim', 'approvals:decide'] });
  await productKey({ product: 'mute', scopes: ['persons:claim', 'runs:write'] });
  const { apiKeyId } = await productKey({ product: 'ended', scopes: ['persons:claim', 'admin'] });
  await db.apiKeys.revoke(workspaceId, apiKeyId);
  const persons = [decider, viewer, disabled, stranger].map((each) => ({ type: 'person', id: each!.id }) as const);
  const claimed = ['desk:ana', 'mute:ana', 'ended:ana', 'none:ana'].map((id) => ({ type: 'claimed', id }) as const);
  const deciders = await db.people.deciders(workspaceId, [...persons, ...claimed]);
  expect([...deciders].sort()).toEqual(['claimed:desk:ana', `person:${decider!.id}`].sort());
});

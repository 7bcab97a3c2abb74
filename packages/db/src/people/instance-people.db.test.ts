// People of the instance: disabled by operators, of whom one stays.
import type { Principal } from '@errand/contracts';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';
import type { Person } from './people.ts';

let database: TestDatabase;
let db: Db;
let workspaceId: string;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});
beforeEach(async () => {
  await db.pool.query('DELETE FROM console_link; DELETE FROM person');
  ({ workspaceId } = await db.workspaces.create('acme'));
});

const principalOf = ({ personId, name }: Person): Principal => ({
  kind: 'person',
  id: personId,
  label: name,
  isOperator: true,
  sessionId: personId,
});
const anOperator = (name: string) => db.people.create({ name, isOperator: true });

test('two operators who disable each other at once leave one', async () => {
  for (let round = 0; round < 10; round++) {
    await db.pool.query('DELETE FROM person');
    const [one, two] = [await anOperator('One'), await anOperator('Two')];
    const answers = await Promise.all([
      db.instancePeople.disable(two.personId, principalOf(one)),
      db.instancePeople.disable(one.personId, principalOf(two)),
    ]);
    expect(answers.filter((answer) => answer === 'last_operator')).toHaveLength(1);
    const people = await db.instancePeople.list(10);
    expect(people.filter(({ disabledAt }) => disabledAt !== null)).toHaveLength(1);
  }
});

test('nobody disables themselves, and an unknown person is not found', async () => {
  const [one] = [await anOperator('One'), await anOperator('Two')];
  expect(await db.instancePeople.disable(one.personId, principalOf(one))).toBe('own_account');
  expect(await db.instancePeople.disable(crypto.randomUUID(), principalOf(one))).toBe('not_found');
  expect(await db.instancePeople.enable(crypto.randomUUID(), principalOf(one))).toBe('not_found');
});

test('a disabled person has no session and no link, nor one that the person made; the workspaces say who did it', async () => {
  const operator = await anOperator('Olga');
  const ada = await db.people.create({ name: 'Ada' });
  await db.people.addMember(workspaceId, ada.personId, 'admin', 'system:errand');
  const session = await db.sessions.open(ada, {});
  const login = await db.consoleLinks.createLogin(ada, principalOf(operator));
  const invite = (by: Person) =>
    db.consoleLinks.createInvitation(workspaceId, { name: 'Grace', role: 'admin' }, principalOf(by));
  const [ofAda, ofOperator] = [await invite(ada), await invite(operator)];
  const disabled = await db.instancePeople.disable(ada.personId, principalOf(operator));
  expect(disabled).toMatchObject({ person: { name: 'Ada', memberships: 1 }, workspaceIds: [workspaceId] });
  expect(await db.sessions.verify(session)).toBeNull();
  expect(await db.consoleLinks.redeem(login.token)).toMatchObject({ fault: 'revoked' });
  expect(await db.consoleLinks.redeem(ofAda.token)).toMatchObject({ fault: 'revoked' });
  await db.instancePeople.enable(ada.personId, principalOf(operator));
  expect(await db.sessions.verify(session)).toBeNull();
  expect(await db.consoleLinks.redeem(ofAda.token)).toMatchObject({ fault: 'revoked' });
  expect(await db.consoleLinks.redeem(ofOperator.token)).toMatchObject({ workspaceId });
  const entries = await db.forWorkspace(workspaceId).audit.list({}, 10);
  expect(entries.filter(({ action }) => action.startsWith('person.'))).toMatchObject([
    { action: 'person.enabled', target: ada.personId, actor: { type: 'person', label: 'Olga' } },
    { action: 'person.disabled', target: ada.personId, details: { name: 'Ada' } },
  ]);
});

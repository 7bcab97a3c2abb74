// A member who administers a workspace no more does not come back with an earlier invitation.
import { type Principal, system } from '@errand/contracts';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';

let database: TestDatabase;
let db: Db;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

test.each(['remove', 'setRole'] as const)('%s revokes the invitations of the member, and no others', async (how) => {
  const { workspaceId } = await db.workspaces.create(`acme ${how}`);
  const [ada, other] = [await db.people.create({ name: 'Ada' }), await db.people.create({ name: 'Other' })];
  for (const { personId } of [ada, other]) await db.people.addMember(workspaceId, personId, 'admin', 'system:errand');
  const invite = (personId: string) => {
    const by: Principal = { kind: 'person', id: personId, label: 'Ada', isOperator: false, sessionId: personId };
    return db.consoleLinks.createInvitation(workspaceId, { name: 'Ada again', role: 'admin' }, by);
  };
  const [ofAda, ofOther] = [await invite(ada.personId), await invite(other.personId)];
  if (how === 'remove') await db.members.remove(workspaceId, ada.personId, system);
  else await db.members.setRole(workspaceId, ada.personId, 'viewer', system);
  expect(await db.consoleLinks.redeem(ofAda.token)).toMatchObject({ fault: 'revoked' });
  expect(await db.consoleLinks.redeem(ofOther.token)).toMatchObject({ workspaceId });
});

// Links of the console: each works once, in time, for its person or workspace.
import { system } from '@errand/contracts';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';
import type { Person } from './people.ts';

let database: TestDatabase;
let db: Db;
let workspaceId: string;
let ada: Person;
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
  ada = await db.people.create({ name: 'Ada' });
});

const invite = (role: 'viewer' | 'admin' = 'viewer') =>
  db.consoleLinks.createInvitation(workspaceId, { name: 'Grace', role }, system);
const redeem = (token: string, signedIn?: Person) => db.consoleLinks.redeem(token, signedIn);
const set = (fault: string) => db.pool.query(`UPDATE console_link SET ${fault}`);
const members = async () =>
  (await db.members.list(workspaceId, { limit: 100 })).map(({ name, role }) => `${name} ${role}`);

test.each(['login', 'invitation'] as const)('of a hundred uses of a %s link at once, one succeeds', async (kind) => {
  const link = kind === 'login' ? await db.consoleLinks.createLogin(ada, system) : await invite();
  const answers = await Promise.all(Array.from({ length: 100 }, () => redeem(link.token)));
  expect(answers.filter((answer) => 'person' in answer)).toHaveLength(1);
  expect(answers.filter((answer) => 'fault' in answer && answer.fault === 'used')).toHaveLength(99);
  expect(await members()).toEqual(kind === 'login' ? [] : ['Grace viewer']);
  expect((await db.pool.query('SELECT FROM person')).rowCount).toBe(kind === 'login' ? 1 : 2);
});

test('a sign-in link is for its person and lasts ten minutes, an invitation seven days', async () => {
  const login = await db.consoleLinks.createLogin(ada, system);
  const invitation = await invite();
  const { rows } = await db.pool.query(
    'SELECT kind, extract(epoch FROM expires_at - created_at)::int AS seconds FROM console_link ORDER BY kind DESC',
  );
  expect(rows).toEqual([
    { kind: 'login', seconds: 600 },
    { kind: 'invitation', seconds: 7 * 86_400 },
  ]);
  expect(await redeem(login.token)).toEqual({ person: ada, workspaceId: null });
  expect(await redeem(invitation.token)).toMatchObject({ person: { name: 'Grace' }, workspaceId });
});

test('a link that has expired, is revoked, or is unknown does not work, and says so', async () => {
  const expired = await invite();
  await set(`expires_at = now() - interval '1 second'`);
  expect(await redeem(expired.token)).toEqual({ fault: 'expired', madeBy: 'errand' });
  const revoked = await invite();
  expect(await db.consoleLinks.revokeInvitation(workspaceId, revoked.linkId, system)).toBe(true);
  expect(await db.consoleLinks.revokeInvitation(workspaceId, revoked.linkId, system)).toBe(false);
  expect(await redeem(revoked.token)).toEqual({ fault: 'revoked', madeBy: 'errand' });
  for (const token of ['', 'A'.repeat(43), 'A'.repeat(44), `${(await invite()).token} `, '%'.repeat(43)])
    expect(await redeem(token)).toEqual({ fault: 'unknown' });
  expect(await members()).toEqual([]);
});

test('an invitation belongs to its workspace: another one cannot revoke or list it', async () => {
  const { linkId } = await invite();
  const { workspaceId: other } = await db.workspaces.create('other');
  expect(await db.consoleLinks.revokeInvitation(other, linkId, system)).toBe(false);
  expect(await db.consoleLinks.invitations(other, { limit: 100 })).toEqual([]);
  expect(await db.consoleLinks.invitations(workspaceId, { limit: 100 })).toMatchObject([
    { linkId, name: 'Grace', madeBy: 'errand' },
  ]);
});

test('a person who is signed in joins as the same person, and keeps a role from before', async () => {
  expect(await redeem((await invite('viewer')).token, ada)).toMatchObject({ person: { personId: ada.personId } });
  await redeem((await invite('admin')).token, ada);
  expect(await members()).toEqual(['Ada viewer']);
});

test('the sign-in link of a disabled person does not work', async () => {
  const { token } = await db.consoleLinks.createLogin(ada, system);
  await db.pool.query('UPDATE person SET disabled_at = now()');
  expect(await redeem(token)).toEqual({ fault: 'revoked', madeBy: 'errand' });
});

test('only the HMAC of a token is stored', async () => {
  const { token } = await invite();
  const { rows } = await db.pool.query('SELECT row_to_json(console_link)::text AS text FROM console_link');
  expect(rows[0].text).not.toContain(token);
  expect(rows[0].text).not.toContain(Buffer.from(token).toString('hex'));
});

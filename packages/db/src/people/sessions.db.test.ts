// Sessions of the console: two secrets, an end after 12 hours without a request, after 7 days, and when they are ended.
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';
import type { Person } from './people.ts';
import { personPrincipal } from './sessions.ts';

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
  await db.pool.query('DELETE FROM person');
  ({ workspaceId } = await db.workspaces.create('acme'));
  ada = await db.people.create({ name: 'Ada' });
  await db.people.addMember(workspaceId, ada.personId, 'operator', 'system:errand');
});

const open = () => db.sessions.open(ada, { ip: '203.0.113.7', userAgent: 'Firefox' });
const isOpen = async (secrets: Awaited<ReturnType<typeof open>>) => (await db.sessions.verify(secrets)) !== null;
const set = (change: string) => db.pool.query(`UPDATE console_session SET ${change}`);

test('a session needs both secrets, and those of two sessions do not mix', async () => {
  const [first, second] = [await open(), await open()];
  expect(await db.sessions.verify(first, workspaceId)).toMatchObject({
    sessionId: first.sessionId,
    person: ada,
    role: 'operator',
    isSuspended: false,
    hasEntered: false,
  });
  for (const secrets of [
    { cookie: first.cookie, token: second.token },
    { cookie: second.token, token: second.cookie },
    { cookie: first.cookie, token: '' },
    { cookie: 'A'.repeat(43), token: first.token },
  ])
    expect(await db.sessions.verify(secrets)).toBeNull();
});

test('a session slides by 12 hours with each request, and ends after 7 days anyway', async () => {
  const session = await open();
  const { rows } = await db.pool.query('SELECT ends_at - created_at AS life FROM console_session');
  expect(rows[0].life).toMatchObject({ days: 7 });
  await set(`seen_at = now() - interval '11 hours 59 minutes'`);
  expect(await isOpen(session)).toBe(true);
  const age = async () =>
    (await db.pool.query('SELECT extract(epoch FROM now() - seen_at)::int AS age FROM console_session')).rows[0].age;
  await expect.poll(age).toBeLessThan(60);
  await set(`seen_at = now() - interval '12 hours 1 second'`);
  expect(await isOpen(session)).toBe(false);
  expect(await db.sessions.list(ada.personId, { limit: 100 })).toEqual([]);
  await set(`seen_at = now(), ends_at = now() - interval '1 second'`);
  expect(await isOpen(session)).toBe(false);
});

test('an ended session stays ended; only its person ends it', async () => {
  const [first, second] = [await open(), await open()];
  const grace = await db.people.create({ name: 'Grace' });
  expect(await db.sessions.end(grace, first.sessionId, 'signed out')).toBe(false);
  const ends = await Promise.all(Array.from({ length: 20 }, () => db.sessions.end(ada, first.sessionId, 'signed out')));
  expect(ends.filter(Boolean)).toHaveLength(1);
  expect([await isOpen(first), await isOpen(second)]).toEqual([false, true]);
  expect((await db.sessions.list(ada.personId, { limit: 100 })).map(({ sessionId }) => sessionId)).toEqual([
    second.sessionId,
  ]);
});

test('the 21st session of a person ends the one that was seen first', async () => {
  const oldest = await open();
  await set(`seen_at = now() - interval '1 hour'`);
  const others = [];
  for (let n = 0; n < 19; n++) others.push(await open());
  // Read as a list: a check of the session would note later that it was seen.
  expect(await db.sessions.list(ada.personId, { limit: 100 })).toHaveLength(20);
  await set(`seen_at = CASE WHEN session_id = '${oldest.sessionId}' THEN now() - interval '1 hour' ELSE now() END`);
  others.push(await open());
  expect(await isOpen(oldest)).toBe(false);
  expect(await db.sessions.list(ada.personId, { limit: 100 })).toHaveLength(20);
});

test('a disabled person has no session, and the roles of streams name neither ended nor suspended ones', async () => {
  const [first, second] = [await open(), await open()];
  const refs = [first, second].map(({ sessionId }) => ({ sessionId, workspaceId }));
  const roles = async () => {
    const roleOf = await db.sessions.roles(refs);
    return refs.map(roleOf);
  };
  expect(await roles()).toEqual(['operator', 'operator']);
  await db.sessions.end(ada, first.sessionId, 'signed out');
  expect(await roles()).toEqual([undefined, 'operator']);
  await db.pool.query('UPDATE workspace SET suspended_at = now() WHERE workspace_id = $1', [workspaceId]);
  expect(await roles()).toEqual([undefined, undefined]);
  expect(await db.sessions.verify(second, workspaceId)).toMatchObject({ isSuspended: true });
  await db.pool.query('UPDATE person SET disabled_at = now()');
  expect(await isOpen(second)).toBe(false);
});

test('the audit log names a session once, also if its first requests arrive at once', async () => {
  const secrets = await open();
  const session = (await db.sessions.verify(secrets, workspaceId))!;
  const principal = personPrincipal(session, workspaceId, 'operator');
  await Promise.all(Array.from({ length: 10 }, () => db.sessions.enter(principal)));
  const { rows } = await db.pool.query(
    `SELECT target FROM audit WHERE workspace_id = $1 AND action = 'session.entered'`,
    [workspaceId],
  );
  expect(rows).toEqual([{ target: session.sessionId }]);
  expect(await db.sessions.verify(secrets, workspaceId)).toMatchObject({ hasEntered: true });
});

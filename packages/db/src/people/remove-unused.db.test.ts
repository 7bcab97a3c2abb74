// The removal of old links and sessions, and of people whom nothing refers to any more.
import { system } from '@errand/contracts';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';
import { removeUnusedPeople } from './remove-unused.ts';

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

const remove = (rowsAtOnce?: number) => removeUnusedPeople(db.pool, new AbortController().signal, rowsAtOnce);
const old = (table: string) => db.pool.query(`UPDATE ${table} SET created_at = now() - interval '31 days'`);
const names = async () => (await db.pool.query('SELECT name FROM person ORDER BY name')).rows.map(({ name }) => name);
const left = async (table: string) => (await db.pool.query(`SELECT FROM ${table}`)).rowCount;
const aPerson = (name: string, more = {}) => db.people.create({ name, ...more });

test('links and sessions are removed 30 days after their end', async () => {
  const ada = await aPerson('Ada', { isOperator: true });
  const makeAll = async () => {
    for (let n = 0; n < 3; n++) {
      await db.consoleLinks.createLogin(ada, system);
      await db.sessions.open(ada, {});
    }
  };
  await makeAll();
  expect(await remove()).toBe(0);
  for (const [link, session] of [
    [`used_at = now() - interval '31 days'`, `ended_at = now() - interval '31 days'`],
    [`revoked_at = now() - interval '31 days'`, `ends_at = now() - interval '31 days'`],
    [`expires_at = now() - interval '31 days'`, `seen_at = now() - interval '31 days'`],
  ]) {
    await db.pool.query(`UPDATE console_link SET ${link!.replace('31', '29')}`);
    await db.pool.query(`UPDATE console_session SET ${session!.replace('31', '29')}`);
    expect(await remove()).toBe(0);
    await db.pool.query(`UPDATE console_link SET ${link}`);
    await db.pool.query(`UPDATE console_session SET ${session}`);
    // In batches of two.
    expect(await remove(2)).toBe(6);
    expect([await left('console_link'), await left('console_session')]).toEqual([0, 0]);
    await makeAll();
  }
});

test('a person stays who can sign in, is a member or an operator, made a key, or is new; others are removed', async () => {
  await db.pool.query('DELETE FROM person');
  const [member, identified, signedIn, invited, maker] = await Promise.all(
    ['member', 'identified', 'signed in', 'invited', 'maker of a key'].map((name) => aPerson(name)),
  );
  await aPerson('operator', { isOperator: true });
  await aPerson('unused');
  await aPerson('unused, too');
  await db.people.addMember(workspaceId, member!.personId, 'viewer', 'system:errand');
  await db.pool.query(
    `INSERT INTO person_identity (issuer, subject, person_id) VALUES ('https://issuer.example', '1', $1)`,
    [identified!.personId],
  );
  await db.sessions.open(signedIn!, {});
  await db.consoleLinks.createLogin(invited!, system);
  const { apiKeyId } = await db.apiKeys.create(workspaceId, { name: 'app', scopes: [] });
  await db.pool.query('UPDATE api_key SET person_id = $1 WHERE api_key_id = $2', [maker!.personId, apiKeyId]);
  await old('person');
  await aPerson('new');
  expect(await remove(1)).toBe(2);
  expect(await names()).toEqual(['identified', 'invited', 'maker of a key', 'member', 'new', 'operator', 'signed in']);
});

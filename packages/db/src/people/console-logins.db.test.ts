import { Secret } from '@errand/contracts';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';
import { makeSecret } from './secrets.ts';

let database: TestDatabase;
let db: Db;
let owner: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await db.close();
  await database.drop();
});

const aLogin = (returnPath = '/console/') => ({
  state: new Secret(makeSecret()),
  browser: makeSecret(),
  pending: new Secret('verifier and nonce'),
  returnPath,
});

test('a login is taken once, even at the same time, and only with its browser', async () => {
  const { state, browser, ...login } = aLogin('/console/runs');
  await db.consoleLogins.start({ state, browser, ...login });
  expect(await db.consoleLogins.take(state.reveal(), makeSecret())).toBeUndefined();
  expect(await db.consoleLogins.take(makeSecret(), browser)).toBeUndefined();
  const taken = await Promise.all(Array.from({ length: 10 }, () => db.consoleLogins.take(state.reveal(), browser)));
  const returned = taken.filter((each) => each !== undefined);
  expect(returned).toMatchObject([{ sessionId: null, returnPath: '/console/runs' }]);
  expect(returned[0]?.pending.reveal()).toBe('verifier and nonce');
});

test('the verifier opens in its own row alone', async () => {
  const [first, second] = [aLogin(), aLogin()];
  await db.consoleLogins.start(first);
  await db.consoleLogins.start(second);
  await owner.query(`UPDATE console_login SET sealed = (SELECT sealed FROM console_login ORDER BY login_id LIMIT 1)`);
  expect(await db.consoleLogins.take(second.state.reveal(), second.browser)).toBeUndefined();
});

test('the number of logins is bounded: the oldest are removed', async () => {
  await owner.query('DELETE FROM console_login');
  await owner.query(`INSERT INTO console_login (login_id, state_hmac, browser_hmac, sealed, return_path, created_at, expires_at)
    SELECT gen_random_uuid(), int4send(i), int4send(i), '', '/console/', now() - (i || ' ms')::interval, now() + interval '9 minutes'
    FROM generate_series(1, 10050) i`);
  const newest = aLogin();
  await db.consoleLogins.start(newest);
  const { rows } = await owner.query('SELECT count(*)::int AS n FROM console_login');
  expect(rows).toEqual([{ n: 10_000 }]);
  expect(await db.consoleLogins.take(newest.state.reveal(), newest.browser)).toBeDefined();
  await owner.query('DELETE FROM console_login');
});

test('a tenant connection has no right on the tables of people', async () => {
  const { rows } = await owner.query(
    `SELECT name, has_table_privilege('errand_app', name, right_) AS granted
     FROM unnest(ARRAY['person', 'person_identity', 'membership', 'console_session', 'console_link', 'console_login']) AS name,
       unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS right_`,
  );
  expect(rows).toHaveLength(24);
  expect(rows.filter(({ granted }) => granted)).toEqual([]);
});

// The reach of a hostile statement on a tenant connection, by kind of login, and the checks of a new connection.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { isDatabaseTrouble } from '../database-errors.ts';
import { migrateOrCheck } from '../migrate/migrate.ts';
import { createRun } from '../runs/create.ts';
import { aNewRun } from '../testing/a-new-run.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';

let database: TestDatabase;
let admin: pg.Client;
let workspaces: string[];
const masterKeys = [masterKey()];
const plain = `plain_${randomBytes(4).toString('hex')}`;
const free = `free_${randomBytes(4).toString('hex')}`;

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  for (const [name, more] of [
    [plain, 'LOGIN'],
    [free, 'LOGIN BYPASSRLS'],
  ]) {
    await admin.query(`CREATE ROLE ${name} ${more} PASSWORD 'x'; GRANT errand_app, errand_system TO ${name}`);
  }
  const db = openDatabase({ ...database.logins, masterKeys });
  workspaces = [(await db.workspaces.create('mine')).workspaceId, (await db.workspaces.create('other')).workspaceId];
  await db.close();
});
afterAll(async () => {
  await admin.query(`DROP ROLE ${plain}; DROP ROLE ${free}`);
  await admin.end();
  await database.drop();
});

const as = (username: string) => Object.assign(new URL(database.url), { username, password: 'x' }).href;

function opened(more: Partial<Parameters<typeof openDatabase>[0]> & { url: string }): Db {
  const db = openDatabase({ masterKeys, ...more });
  onTestFinished(() => db.close());
  return db;
}

const attacks = [
  'RESET ROLE',
  'SET ROLE NONE',
  'SET ROLE errand_system',
  `SELECT set_config('role', 'errand_system', false)`,
  `SELECT set_config('role', 'none', false)`,
  'SET SESSION AUTHORIZATION DEFAULT',
  'RESET SESSION AUTHORIZATION',
  'SET SESSION AUTHORIZATION errand_system',
  'DISCARD ALL',
];

/** Workspaces that a tenant's connection shows after a hostile statement; the connection is the one that a request would get next. */
async function reached(db: Db, attack: string): Promise<string[]> {
  const client = await db.poolOf(workspaces[0]!).connect();
  try {
    await client.query(attack).catch(() => {});
    const { rows } = await client.query('SELECT workspace_id AS id FROM workspace').catch(() => ({ rows: [] }));
    return rows.map(({ id }) => id);
  } finally {
    client.release(true);
  }
}

describe('with the logins of the embedded Postgres', () => {
  test.each(attacks)('%s shows no row of another workspace', async (attack) => {
    expect(await reached(opened(database.logins), attack)).not.toContain(workspaces[1]);
  });

  test('a hostile statement makes no run of another workspace due, and claims none', async () => {
    const db = opened(database.logins);
    const { runId } = await createRun({ pool: db.pool, workspaceId: workspaces[1]! }, aNewRun());
    const client = await db.poolOf(workspaces[0]!).connect();
    for (const attack of ['SELECT 1', ...attacks]) {
      await client.query(attack).catch(() => {});
      await client.query(`UPDATE run SET due = 2, priority = 10 WHERE run_id = '${runId}'`).catch(() => {});
      await client.query(`UPDATE run SET due = 0, lease = 'x' WHERE run_id = '${runId}'`).catch(() => {});
    }
    client.release(true);
    const { rows } = await admin.query('SELECT due, lease, priority FROM run WHERE run_id = $1', [runId]);
    expect(rows).toEqual([{ due: 1, lease: null, priority: 0 }]);
  });

  test('a statement that names another workspace reaches it: statements must filter themselves', async () => {
    const attack = `SELECT set_config('errand.workspace', '${workspaces[1]}', false)`;
    expect(await reached(opened(database.logins), attack)).toEqual([workspaces[1]]);
  });

  test('they have no weaknesses', async () => {
    const db = opened(database.logins);
    await db.ready();
    expect(db.weaknesses()).toEqual([]);
  });

  test('the service login cannot migrate, and reports it only if a migration is missing', async () => {
    expect(await migrateOrCheck(database.logins.url)).toEqual([]);
    const older = await createTestDatabase(inject('postgres'));
    onTestFinished(() => older.drop());
    const client = new pg.Client({ connectionString: older.url });
    await client.connect();
    await client.query(`DELETE FROM _prisma_migrations WHERE migration_name LIKE '%_baseline'`);
    await client.end();
    await expect(migrateOrCheck(older.logins.url)).rejects.toThrow(/lacks .*_baseline.*ERRAND_OWNER_DATABASE_URL/);
  });
});

describe('with one login for all', () => {
  test('a superuser session takes the role; only a change of the session authorization undoes it, and a warning says so', async () => {
    const db = opened({ url: database.url });
    await db.ready();
    const out: string[] = [];
    for (const attack of attacks) if ((await reached(db, attack)).includes(workspaces[1]!)) out.push(attack);
    expect(out).toEqual(['SET SESSION AUTHORIZATION errand_system']);
    const client = await db.poolOf(workspaces[0]!).connect();
    await client.query('RESET SESSION AUTHORIZATION');
    await client.query('SET ROLE NONE');
    expect((await client.query('SELECT FROM workspace')).rowCount).toBe(2);
    client.release(true);
    expect(db.weaknesses()).toEqual([{ severe: true, text: expect.stringMatching(/"postgres" is a superuser.*docs/) }]);
  });

  test('BYPASSRLS causes a warning', async () => {
    const db = opened({ url: as(free) });
    await db.ready();
    expect(db.weaknesses()).toEqual([{ severe: true, text: expect.stringMatching(/BYPASSRLS/) }]);
  });

  test('a login with both roles works, with a warning', async () => {
    const db = opened({ url: as(plain) });
    await db.ready();
    expect(db.weaknesses()).toEqual([
      { severe: false, text: expect.stringMatching(/may take the role errand_system/) },
    ]);
  });

  test('a login without the tenant role is rejected at the start with instructions', async () => {
    await expect(opened({ url: database.logins.url }).ready()).rejects.toThrow(/GRANT errand_app TO/);
  });

  test('logins of two databases are rejected at the start', async () => {
    const unrelated = await createTestDatabase(inject('postgres'));
    onTestFinished(() => unrelated.drop());
    const db = openDatabase({ ...database.logins, tenantUrl: unrelated.logins.tenantUrl, masterKeys });
    await expect(db.ready()).rejects.toThrow(/different databases/);
    await db.close();
  });
});

// The last setting of a name applies, and the URL comes last: as behind a pooler with other options.
const misled = (url: string, role: string) => `${url}?options=${encodeURIComponent(`-c role=${role}`)}`;

describe('a connection without its role', () => {
  test.each(['errand_system', 'none'])(
    'serves no tenant as %s: nothing is asked through it, it is closed and told of',
    async (role) => {
      const refused: Error[] = [];
      const onRefused = (error: Error) => refused.push(error);
      const db = opened({ ...database.logins, tenantUrl: misled(as(plain), role), onRefused });
      const listed = await db
        .forWorkspace(workspaces[0]!)
        .integrations.list()
        .catch((error: unknown) => error);
      expect(isDatabaseTrouble(listed)).toBe(true);
      const query = await db
        .poolOf(workspaces[0]!)
        .query('SELECT 1')
        .catch((error: unknown) => error);
      expect(query).toMatchObject({ name: 'WrongRole' });
      expect(isDatabaseTrouble(query)).toBe(true);
      expect(refused.map(({ message }) => message)).toEqual([
        expect.stringMatching(/not as "errand_app"/),
        expect.stringMatching(/not as "errand_app"/),
      ]);
      const sessions = () => admin.query('SELECT FROM pg_stat_activity WHERE usename = $1', [plain]);
      await expect.poll(async () => (await sessions()).rowCount).toBe(0);
    },
  );

  test('is rejected for maintenance', async () => {
    const db = opened({ ...database.logins, url: misled(as(plain), 'errand_app') });
    await expect(db.connect()).rejects.toThrow(/not as "errand_system"/);
    await expect(db.pool.query('SELECT 1')).rejects.toThrow(/not as "errand_system"/);
  });

  test('each connection is checked once, regardless of the number of statements', async () => {
    const db = opened({ ...database.logins, poolSize: 2 });
    await db.poolOf(workspaces[0]!).query('SELECT 1');
    let statements = 0;
    const client = await db.poolOf(workspaces[0]!).connect();
    const { query } = client;
    client.query = ((...args: Parameters<typeof query>) => {
      statements++;
      return query.apply(client, args);
    }) as typeof query;
    client.release();
    for (let i = 0; i < 20; i++) await db.poolOf(workspaces[0]!).query('SELECT 1');
    expect(statements).toBe(20);
  });
});

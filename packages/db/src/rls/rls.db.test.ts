// Row-level security: the reach of a statement without a workspace condition.
import { Secret } from '@errand/contracts';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { migrate } from '../migrate/migrate.ts';
import { createRun } from '../runs/create.ts';
import { newId } from '../statements/scope.ts';
import { aNewRun } from '../testing/a-new-run.ts';
import { anIntegration, aTarget } from '../testing/an-integration.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';

let database: TestDatabase;
let db: Db;
let owner: pg.Client;
let mine: string;
let theirs: string;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  ({ workspaceId: mine } = await db.workspaces.create('mine'));
  ({ workspaceId: theirs } = await db.workspaces.create('other'));
  for (const workspaceId of [mine, theirs]) {
    const { customerIntegrationId } = await db.forWorkspace(workspaceId).integrations.create(anIntegration());
    await db
      .forWorkspace(workspaceId)
      .credentials.putUserToken(aTarget(customerIntegrationId), 'u', new Secret('token'));
    await createRun({ pool: db.poolOf(workspaceId), workspaceId }, aRun());
  }
});
afterAll(async () => {
  await owner.end();
  await db.close();
  await database.drop();
});

const aRun = () => aNewRun({ repeatKey: 'k', intent: 'i', userId: 'u' });

const walled = `SELECT c.oid::regclass::text AS name, c.relispartition AS part FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
  WHERE c.relkind IN ('r', 'p') ORDER BY 1`;

test('every table with a workspace has row-level security, partitions too', async () => {
  const { rows } = await owner.query(
    `SELECT t.name, c.relrowsecurity AND c.relforcerowsecurity AS on,
       (SELECT count(*)::int FROM pg_policy p WHERE p.polrelid = c.oid AND p.polqual IS NOT NULL AND p.polwithcheck IS NOT NULL
          AND p.polcmd = '*' AND 0 <> ALL(p.polroles)) AS policies
     FROM (${walled}) AS t JOIN pg_class c ON c.oid = t.name::regclass`,
  );
  expect(rows.length).toBeGreaterThan(15);
  expect(rows.filter(({ on, policies }) => !on || policies !== 2)).toEqual([]);
});

test('a table of a later migration gets row-level security at the start', async () => {
  const later = await createTestDatabase(inject('postgres'));
  const client = new pg.Client({ connectionString: later.url });
  await client.connect();
  await client.query('CREATE TABLE later (workspace_id uuid PRIMARY KEY)');
  await migrate(later.url);
  const { rows } = await client.query(`SELECT relforcerowsecurity AS on FROM pg_class WHERE relname = 'later'`);
  expect(rows).toEqual([{ on: true }]);
  await client.end();
  await later.drop();
});

test('no view shows more than its reader can see', async () => {
  const { rows } = await owner.query(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('v', 'm') AND n.nspname IN ('public', 'errand_partitions', 'errand_audit', 'errand_access')
       AND NOT coalesce(c.reloptions @> '{security_invoker=true}', false)`,
  );
  expect(rows).toEqual([]);
});

test('the roles of the pools own nothing and do not bypass row-level security', async () => {
  const roleQuery = `SELECT current_user AS name, r.rolsuper OR r.rolbypassrls AS free,
    EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid) AS owns FROM pg_roles r WHERE r.rolname = current_user`;
  expect((await db.pool.query(roleQuery)).rows).toEqual([{ name: 'errand_system', free: false, owns: false }]);
  expect((await db.poolOf(mine).query(roleQuery)).rows).toEqual([{ name: 'errand_app', free: false, owns: false }]);
});

describe('a statement that forgets its workspace', () => {
  test('sees the rows of its session, and without one none', async () => {
    for (const table of ['run', 'execution_plan', 'integration', 'tool', 'integration_user', 'audit', 'workspace']) {
      const visible = await db.poolOf(mine).query(`SELECT DISTINCT workspace_id AS id FROM ${table}`);
      expect([table, visible.rows]).toEqual([table, [{ id: mine }]]);
      expect((await db.poolOf('').query(`SELECT FROM ${table}`)).rowCount).toBe(0);
    }
  });

  test('changes and removes nothing of others', async () => {
    const before = (await owner.query('SELECT count(*) FROM integration_user')).rows;
    expect((await db.poolOf(mine).query(`UPDATE integration_user SET active = active`)).rowCount).toBe(1);
    const deletion = db.poolOf(mine).query('DELETE FROM integration_user WHERE workspace_id = $1', [theirs]);
    expect((await deletion).rowCount).toBe(0);
    expect((await owner.query('SELECT count(*) FROM integration_user')).rows).toEqual(before);
  });

  test('cannot write rows of others, move rows to them, or make their runs due', async () => {
    const foreign = { code: '42501' };
    const pool = db.poolOf(mine);
    await expect(createRun({ pool, workspaceId: theirs }, aRun())).rejects.toMatchObject(foreign);
    await expect(pool.query('UPDATE run SET workspace_id = $1', [theirs])).rejects.toMatchObject(foreign);
    expect((await pool.query('UPDATE run SET due = 2 WHERE workspace_id = $1', [theirs])).rowCount).toBe(0);
    await expect(pool.query('SELECT * FROM graphile_worker.jobs')).rejects.toMatchObject(foreign);
  });

  test('reaches neither keys nor partitions, and cannot change the audit log', async () => {
    const part = (await owner.query(`SELECT name FROM (${walled}) AS t WHERE part LIMIT 1`)).rows[0].name;
    for (const sql of [
      'SELECT * FROM api_key',
      `SELECT * FROM ${part}`,
      'UPDATE audit SET target = target',
      'DELETE FROM audit',
      'SELECT * FROM vault_canary',
    ]) {
      await expect(db.poolOf(mine).query(sql), sql).rejects.toMatchObject({ code: '42501' });
    }
  });
});

test('connections switch between workspaces, also in transactions and for Prisma', async () => {
  const names = async (workspaceId: string) => {
    const here = db.forWorkspace(workspaceId);
    const [{ integrations }, run] = await Promise.all([
      here.integrations.list(),
      db.poolOf(workspaceId).query('SELECT workspace_id AS id FROM run'),
    ]);
    const patched = await here.integrations.patch(integrations[0]!.customerIntegrationId, { active: true });
    return [
      run.rows.map(({ id }) => id),
      integrations.length,
      patched?.customerIntegrationId === integrations[0]!.customerIntegrationId,
    ];
  };
  const ids = Array.from({ length: 60 }, (_, i) => (i % 2 ? mine : theirs));
  expect(await Promise.all(ids.map(names))).toEqual(ids.map((id) => [[id], 1, true]));
});

test('an owner without superuser rights can migrate; without the right to create roles the error has instructions', async () => {
  const name = `owner_${Math.random().toString(36).slice(2)}`;
  await owner.query(`CREATE ROLE ${name} LOGIN PASSWORD 'x'`);
  const empty = await createTestDatabase(inject('postgres'), { empty: true });
  const url = new URL(empty.url);
  await owner.query(`ALTER DATABASE ${url.pathname.slice(1)} OWNER TO ${name}`);
  Object.assign(url, { username: name, password: 'x' });
  await expect(migrate(url.href)).rejects.toThrow(/may not make the roles.*GRANT errand_app, errand_system TO/);
  await owner.query(`GRANT errand_app, errand_system TO ${name}`);
  await migrate(url.href);
  const pooled = openDatabase({ url: url.href, masterKeys: [masterKey()] });
  await pooled.ready();
  const { workspaceId } = await pooled.workspaces.create('w');
  await pooled.forWorkspace(workspaceId).integrations.create(anIntegration());
  await createRun({ pool: pooled.poolOf(workspaceId), workspaceId }, aRun());
  expect(await pooled.sealAudit()).toBe(1);
  expect((await pooled.poolOf(newId()).query('SELECT FROM run')).rowCount).toBe(0);
  await pooled.close();
  await empty.drop();
  await owner.query(`DROP ROLE ${name}`);
});

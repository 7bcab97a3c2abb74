// The removal of deleted workspaces: complete, in batches, and continued after a crash.
import { system } from '@errand/contracts';
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { verifyAudit } from '../audit/verify.ts';
import { type Db, openDatabase } from '../database.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';
import { KEPT_TABLES, removeWorkspaces } from './remove-workspaces.ts';

let database: TestDatabase;
let db: Db;
let owner: pg.Client;
beforeEach(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  await db.ready();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
});
afterEach(async () => {
  await owner.end();
  await db.close();
  await database.drop();
});

const tablesOfWorkspaces = async (): Promise<string[]> => {
  const { rows } = await owner.query<{ name: string }>(
    `SELECT DISTINCT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT a.attisdropped ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
};

/** The number of rows of a workspace, by table. */
async function rowsOf(workspaceId: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of await tablesOfWorkspaces()) {
    const text = `SELECT count(*)::int AS n FROM ${name} WHERE workspace_id = $1`;
    counts[name] = (await owner.query<{ n: number }>(text, [workspaceId])).rows[0]!.n;
  }
  return counts;
}

/** SQL for a value of a type; `n` is the number of the row. */
function sampleOf(type: string): string {
  if (type === 'uuid') return 'gen_random_uuid()';
  if (type.endsWith('[]')) return `'{}'`;
  if (type.startsWith('json')) return `'{}'`;
  if (type.startsWith('timestamp') || type === 'date') return 'now()';
  if (type === 'boolean') return 'false';
  if (type === 'bytea') return 'uuid_send(gen_random_uuid())';
  if (type === 'tsvector') return `''`;
  return type === 'text' ? 'gen_random_uuid()::text' : 'n';
}

/** A workspace with rows in each table that has the column workspace_id; the tables come from the catalog. */
async function aFullWorkspace(name: string, rows = 3): Promise<string> {
  const workspace = await db.instanceWorkspaces.create(name, system);
  if (typeof workspace === 'string') throw new Error(workspace);
  const { workspaceId } = workspace;
  const { rows: checks } = await owner.query<{ text: string }>(
    `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS text FROM pg_constraint
     WHERE contype = 'c' AND connamespace = 'public'::regnamespace AND coninhcount = 0`,
  );
  for (const { text } of checks) await owner.query(text);
  await owner.query("SET session_replication_role = 'replica'");
  for (const table of await tablesOfWorkspaces()) {
    if (table === 'workspace' || KEPT_TABLES.includes(table)) continue;
    const { rows: columns } = await owner.query<{ name: string; type: string }>(
      `SELECT quote_ident(a.attname) AS name, format_type(a.atttypid, a.atttypmod) AS type FROM pg_attribute a
       WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull AND NOT a.atthasdef
         AND a.attname <> 'workspace_id'`,
      [table],
    );
    const names = columns.map((column) => `, ${column.name}`).join('');
    const values = columns.map((column) => `, ${sampleOf(column.type)}`).join('');
    const { rows: keys } = await owner.query<{ isWorkspace: boolean }>(
      `SELECT bool_and(a.attname = 'workspace_id') AS "isWorkspace" FROM pg_index i
       JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) WHERE i.indrelid = $1::regclass AND i.indisprimary`,
      [table],
    );
    const count = keys[0]?.isWorkspace ? 1 : rows;
    await owner.query(
      `INSERT INTO ${table} (workspace_id${names}) SELECT $1::uuid${values} FROM generate_series(1, $2::int) AS n`,
      [workspaceId, count],
    );
  }
  await owner.query("SET session_replication_role = 'origin'");
  return workspaceId;
}

/** Suspends and deletes it, as if some minutes ago. */
async function deleteWorkspace(workspaceId: string, name: string): Promise<void> {
  await db.instanceWorkspaces.setSuspended(workspaceId, true, system);
  expect(await db.instanceWorkspaces.delete(workspaceId, name, system)).toMatchObject({ deletingAt: expect.any(Date) });
  await owner.query(`UPDATE workspace SET suspended_at = now() - interval '5 minutes' WHERE workspace_id = $1`, [
    workspaceId,
  ]);
}
const remove = (rowsAtOnce?: number, signal = new AbortController().signal) =>
  removeWorkspaces(db.connect, signal, rowsAtOnce);
const actionsOf = async (workspaceId: string) => {
  const text = 'SELECT action FROM audit WHERE workspace_id = $1 ORDER BY audit_id';
  return (await owner.query<{ action: string }>(text, [workspaceId])).rows.map(({ action }) => action);
};

test('nothing of a deleted workspace is in any table, apart from its audit log, and all of another one is', async () => {
  const [gone, stays] = [await aFullWorkspace('Gone'), await aFullWorkspace('Stays')];
  const before = await rowsOf(stays);
  const filled = Object.entries(await rowsOf(gone)).filter(([table]) => !KEPT_TABLES.includes(table));
  expect(filled.filter(([, rows]) => rows === 0)).toEqual([]);
  await deleteWorkspace(gone, 'Gone');
  expect(await remove()).toBe(1);
  const left = Object.entries(await rowsOf(gone)).filter(([, rows]) => rows > 0);
  expect(left.map(([table]) => table).filter((table) => !KEPT_TABLES.includes(table))).toEqual([]);
  expect(await rowsOf(stays)).toEqual(before);
  expect(await actionsOf(gone)).toEqual([
    'workspace.created',
    'workspace.suspended',
    'workspace.deleted',
    'workspace.removed',
  ]);
  while ((await db.sealAudit()) > 0);
  expect((await verifyAudit(owner)).breaches).toEqual([]);
  expect((await db.instanceWorkspaces.list(10)).map(({ name }) => name)).toEqual(['Stays']);
  expect(await db.instanceWorkspaces.create('Gone', system)).toMatchObject({ name: 'Gone' });
});

test('a removal that fails between batches leaves the rest, and the next one continues', async () => {
  const gone = await aFullWorkspace('Gone', 40);
  await deleteWorkspace(gone, 'Gone');
  await owner.query(`CREATE SEQUENCE batches; GRANT USAGE ON batches TO errand_system;
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('batches') = 3 THEN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); END IF;
      RETURN NULL; END $$;
    CREATE TRIGGER fails AFTER DELETE ON run FOR EACH STATEMENT EXECUTE FUNCTION fail()`);
  await expect(remove(10)).rejects.toThrow();
  // Two batches of ten runs are removed; the third one is rolled back.
  expect((await rowsOf(gone)).run).toBe(20);
  expect((await rowsOf(gone)).workspace).toBe(1);
  const stopping = new AbortController();
  stopping.abort();
  expect(await remove(10, stopping.signal)).toBe(0);
  expect(await remove(10)).toBe(1);
  expect((await rowsOf(gone)).run).toBe(0);
});

test('two processes do not remove at once, and a transaction deletes at most a batch of a table', async () => {
  const gone = await aFullWorkspace('Gone', 50);
  await deleteWorkspace(gone, 'Gone');
  await owner.query(`CREATE TABLE batch (rows int); GRANT INSERT ON batch TO errand_system;
    CREATE FUNCTION count_rows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO batch SELECT count(*) FROM gone; RETURN NULL; END $$;
    CREATE TRIGGER counts AFTER DELETE ON ledger REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION count_rows()`);
  expect((await Promise.all([remove(20), remove(20), remove(20)])).sort()).toEqual([0, 0, 1]);
  const { rows } = await owner.query<{ rows: number }>('SELECT rows FROM batch WHERE rows > 0');
  expect(rows.map((batch) => batch.rows)).toEqual([20, 20, 10]);
});

test('only a suspended workspace without runs in progress is deleted, by its name; a deleted one cannot be changed', async () => {
  const id = await aFullWorkspace('Acme');
  const { delete: erase, rename, setLimits, setSuspended } = db.instanceWorkspaces;
  expect(await erase(id, 'Acme', system)).toBe('not_suspended');
  expect(await erase(crypto.randomUUID(), 'Acme', system)).toBe('not_found');
  await setSuspended(id, true, system);
  for (const name of ['acme', ' Acme', '']) expect(await erase(id, name, system)).toBe('wrong_name');
  await owner.query(`UPDATE run SET lease = 'pool-a' WHERE workspace_id = $1`, [id]);
  expect(await erase(id, 'Acme', system)).toBe('busy');
  await owner.query('UPDATE run SET lease = NULL WHERE workspace_id = $1', [id]);
  await deleteWorkspace(id, 'Acme');
  expect(await erase(id, 'Acme', system)).toBe('deleting');
  expect(await rename(id, 'Other', system)).toBe('deleting');
  expect(await setSuspended(id, false, system)).toBe('deleting');
  expect(await setLimits(id, { runs: 1 }, system)).toBe('deleting');
});

test('the removal waits until no process accepts the keys any more, and until no worker holds a run', async () => {
  const id = await aFullWorkspace('Acme');
  await db.instanceWorkspaces.setSuspended(id, true, system);
  await db.instanceWorkspaces.delete(id, 'Acme', system);
  expect(await remove()).toBe(0);
  await owner.query(`UPDATE workspace SET suspended_at = now() - interval '61 seconds'`);
  const hold = (lease: string | null) => owner.query('UPDATE run SET lease = $1', [lease]);
  await hold('pool-a');
  expect(await remove()).toBe(0);
  await hold(null);
  expect(await remove()).toBe(1);
});

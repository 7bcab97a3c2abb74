import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sha256 } from '@errand/basics/sha256';
import { Logger, runMigrations } from 'graphile-worker';
import type pg from 'pg';
import { primaryUrl } from '../primary/primary-choice.ts';
import { withSession } from '../primary/session.ts';
import { type AppliedMigration, refuseUnknown, VERSION } from './unknown-migration.ts';

/** The migrations of this repository; src/ and dist/ have the same depth. */
export const migrationsDir = fileURLToPath(new URL('../../../../prisma/migrations', import.meta.url));

// The lock and table of `prisma migrate deploy`, so that both tools can be used on one database.
const LOCK_ID = 72707369;
const TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`;

/** Makes the partitions of today and tomorrow, and secures new tables. */
const FINISH = 'SELECT errand_partitions.ensure_run_event(), errand_access.secure_all_tables()';

/** Statements that wait behind the one that waits for a lock wait no longer than this. Migrations of busy tables set it themselves. */
const LOCK_TIMEOUT = '1s';
const [LOCK_TRIES, LOCK_PAUSE_MS] = [60, 500];
const LOCK_CODES = ['55P03', '40P01']; // lock_not_available, deadlock_detected

type Queries = Pick<pg.ClientBase, 'query'>;

class MigrationError extends Error {
  override name = 'MigrationError';
}

/** What an operator allows. */
type Allowed = {
  /** Whether a database with tables of another program may be migrated. */
  mayShare?: boolean;
  /** The last applied migration, if this version may ignore the later ones. */
  accepted?: string | undefined;
};

type Options = Allowed & {
  /** Folder of folders with a migration.sql, applied in the order of their names. */
  dir?: string;
  /** Maximum wait for another process that migrates, in ms. */
  waitMs?: number;
};

/**
 * Applies the missing migrations and returns their names. Of several concurrent servers, one migrates and the others wait.
 * @throws MigrationError if a migration fails (it is rolled back completely), was edited after it was applied, or failed earlier, or
 * if the database belongs to another program
 * @throws LastingError if the database has a migration that this version lacks
 */
export async function migrate(url: string, options: Options = {}) {
  const { dir = migrationsDir, mayShare = false, accepted, waitMs = 120_000 } = options;
  return withMigrationSession(url, async (client) => {
    await acquireLock(client, waitMs);
    if (!mayShare) await refuseForeign(client, await migrationNames(dir));
    const applied = await applyAll(client, dir, accepted);
    await migrateJobQueue(url);
    await client.query(`SET lock_timeout = '${LOCK_TIMEOUT}'`);
    await retriedForLocks(() => client.query(FINISH)).catch((cause) => {
      if (dir === migrationsDir) throw cause;
    });
    return applied;
  });
}

const withMigrationSession = <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> =>
  withSession(url, 'errand migrate', work);

/** Creates or migrates the tables of the job queue. */
export async function migrateJobQueue(url: string): Promise<void> {
  await runMigrations({ connectionString: await primaryUrl(url), maxPoolSize: 1, logger: new Logger(() => () => {}) });
}

/**
 * The migrations that a database lacks, if the login may read them, whether it has none at all, and the size of the database.
 * @throws LastingError if the database has one that this version lacks
 */
export async function readPending(
  url: string,
  accepted?: string,
): Promise<{ pending: string[]; isNew: boolean; bytes: number }> {
  return withMigrationSession(url, async (client) => {
    const names = await migrationNames();
    const { rows } = await client.query<{ mayRead: boolean | null; bytes: number }>(
      `SELECT has_table_privilege(to_regclass('public._prisma_migrations'), 'SELECT') AS "mayRead",
         pg_database_size(current_database())::float8 AS bytes`,
    );
    const { mayRead, bytes } = rows[0]!;
    if (mayRead === null) return { pending: names, isNew: true, bytes };
    if (!mayRead) return { pending: [], isNew: false, bytes };
    const { rows: applied } = await client.query<AppliedMigration>(`${APPLIED} AND finished_at IS NOT NULL`);
    refuseUnknown(applied, names, { accepted });
    const pending = names.filter((name) => !applied.some((row) => row.name === name));
    return { pending, isNew: pending.length === names.length, bytes };
  });
}

/** Migrates, or, if the login does not own the tables, checks that no migration is missing. @throws MigrationError with instructions */
export async function migrateOrCheck(url: string, allowed: Allowed = {}): Promise<string[]> {
  return withMigrationSession(url, async (client) => {
    const { rows } = await client.query<{ mine: boolean }>(
      `SELECT pg_has_role(current_user, c.relowner, 'USAGE') AS mine FROM pg_class c WHERE c.oid = to_regclass('public._prisma_migrations')`,
    );
    if (rows[0]?.mine !== false) return await migrate(url, allowed);
    if (!allowed.mayShare) await refuseForeign(client, await migrationNames(migrationsDir));
    await client.query('SET ROLE errand_system');
    const expected = await migrationNames(migrationsDir);
    const appliedChecksums = await readApplied(client, expected, allowed.accepted);
    const missing = expected.filter((name) => !appliedChecksums.has(name));
    if (missing.length > 0) {
      throw new MigrationError(
        `the database lacks the migrations ${missing.join(', ')}, and the login of DATABASE_URL may not apply them; ` +
          'start once with ERRAND_OWNER_DATABASE_URL, the URL of the login that owns the tables',
      );
    }
    return [];
  });
}

const MAX_TABLES_NAMED = 3;

/** Tables, views and the like that no extension brought. A first migration that failed leaves the table of migrations. */
const TABLES = `SELECT n.nspname || '.' || c.relname AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
    AND NOT (n.nspname = 'public' AND c.relname = '_prisma_migrations')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  ORDER BY n.nspname = 'public' DESC, 1 LIMIT $1`;

/** The tables of every version of Errand. */
const OWN_TABLES = `SELECT to_regclass('public.run') IS NOT NULL AND to_regclass('public.workspace') IS NOT NULL
  AND to_regclass('public.execution_plan') IS NOT NULL AS own`;

/** @throws MigrationError if the database has tables, and none of Errand */
async function refuseForeign(client: pg.Client, own: readonly string[]): Promise<void> {
  const { rows: tables } = await client.query<{ name: string }>(TABLES, [MAX_TABLES_NAMED + 1]);
  if (tables.length === 0 || (await hasOwnTables(client, own))) return;
  const names = tables.slice(0, MAX_TABLES_NAMED).map(({ name }) => name);
  const more = tables.length > MAX_TABLES_NAMED ? ' and others' : '';
  throw new MigrationError(
    `the database has tables of another program (${names.join(', ')}${more}) and none of Errand, so nothing was changed in it; ` +
      'set DATABASE_URL to an empty database, or set ERRAND_SHARED_DATABASE=true to create the tables of Errand beside them',
  );
}

async function hasOwnTables(client: pg.Client, own: readonly string[]): Promise<boolean> {
  if ((await client.query<{ own: boolean }>(OWN_TABLES)).rows[0]?.own) return true;
  const readable = await client.query<{ readable: boolean | null }>(
    `SELECT has_table_privilege(to_regclass('public._prisma_migrations'), 'SELECT') AS readable`,
  );
  if (!readable.rows[0]?.readable) return false;
  const { rows } = await client.query('SELECT FROM "_prisma_migrations" WHERE migration_name = ANY($1) LIMIT 1', [own]);
  return rows.length > 0;
}

/** Takes the lock of migrations for the session. @throws MigrationError if another process keeps it for too long */
export async function acquireLock(client: pg.Client, waitMs: number): Promise<void> {
  // Polls, because a waiting query would delay vacuum.
  for (const end = Date.now() + waitMs; ; await sleep(100)) {
    const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [LOCK_ID]);
    if (rows[0]?.got) return;
    if (Date.now() > end)
      throw new MigrationError(`another process has been migrating this database for ${waitMs / 1000} s; end it first`);
  }
}

async function applyAll(client: pg.Client, dir: string, accepted?: string) {
  await client.query(TABLE);
  const all = await migrationNames(dir);
  const appliedChecksums = await readApplied(client, all, accepted);
  const applied: string[] = [];
  for (const name of all) {
    const sql = await readFile(join(dir, name, 'migration.sql'));
    const checksum = sha256(sql);
    const appliedChecksum = appliedChecksums.get(name);
    if (appliedChecksum === undefined) {
      await apply(client, name, checksum, sql.toString('utf8'));
      applied.push(name);
    } else if (appliedChecksum !== checksum) {
      throw new MigrationError(`migration ${name} was edited after it was applied; undo that and add a new migration`);
    }
  }
  return applied;
}

/** The migrations of a database. The runner of this version notes the version of Errand. */
const APPLIED = `SELECT migration_name AS name, checksum, finished_at, substring(logs FROM '^Errand ([0-9A-Za-z.+-]{1,40})$') AS version
  FROM "_prisma_migrations" WHERE rolled_back_at IS NULL`;

/**
 * Returns the checksums of the applied migrations, by name.
 * @throws MigrationError if one failed
 * @throws LastingError if this version lacks one
 */
async function readApplied(runner: Queries, own: readonly string[], accepted?: string): Promise<Map<string, string>> {
  const { rows } = await runner.query<AppliedMigration & { checksum: string; finished_at: Date | null }>(APPLIED);
  const failed = rows.find((row) => !row.finished_at);
  if (failed)
    throw new MigrationError(
      `migration ${failed.name} failed before; repair the database, then run \`prisma migrate resolve\` for it`,
    );
  refuseUnknown(rows, own, { accepted });
  return new Map(rows.map(({ name, checksum }) => [name, checksum]));
}

export type MigrationState = { pending: string[]; last?: string };

/**
 * The migrations of this version that a database lacks, and the last one that it has.
 * @throws MigrationError if one failed
 * @throws LastingError if this version lacks one
 */
export async function readMigrationState(runner: Queries, accepted?: string): Promise<MigrationState> {
  const own = await migrationNames();
  const applied = [...(await readApplied(runner, own, accepted)).keys()].sort();
  return { pending: own.filter((name) => !applied.includes(name)), last: applied.at(-1) };
}

/** The migrations of this version, oldest first. */
export async function migrationNames(dir = migrationsDir) {
  const entries = await readdir(dir, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Applies migrations in the transaction of the caller. @param client an owner with the lock @param names oldest first */
export async function applyInTransaction(
  client: pg.Client,
  names: readonly string[],
  dir = migrationsDir,
): Promise<void> {
  await client.query(TABLE);
  for (const name of names) {
    const sql = await readFile(join(dir, name, 'migration.sql'));
    await applyUnsafely(client, name, sha256(sql), sql.toString('utf8'));
  }
}

/** The migrations of this version with their checksums, oldest first. */
export async function knownMigrations(dir = migrationsDir): Promise<{ name: string; checksum: string }[]> {
  const names = await migrationNames(dir);
  return Promise.all(
    names.map(async (name) => ({ name, checksum: sha256(await readFile(join(dir, name, 'migration.sql'))) })),
  );
}

/** Applies a migration and records it. The caller commits, or rolls back after an error. */
async function applyUnsafely(client: pg.Client, name: string, checksum: string, sql: string): Promise<void> {
  await client.query(sql);
  await client.query(
    `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count, logs)
     VALUES ($1, $2, $3, now(), clock_timestamp(), 1, $4)`,
    [randomUUID(), checksum, name, `Errand ${VERSION}`],
  );
}

/** Repeats a transaction that did not get a lock in time. Between two tries the statements of others go on. */
async function retriedForLocks<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!LOCK_CODES.includes((error as { code?: string }).code ?? '') || tries === LOCK_TRIES) throw error;
      await sleep(LOCK_PAUSE_MS);
    }
  }
}

async function apply(client: pg.Client, name: string, checksum: string, sql: string) {
  try {
    await retriedForLocks(async () => {
      try {
        await client.query('BEGIN');
        await applyUnsafely(client, name, checksum, sql);
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK').catch(() => {});
        throw error;
      }
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MigrationError(`migration ${name} failed and was rolled back: ${reason}`, { cause });
  }
}

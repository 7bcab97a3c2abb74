import { randomUUID } from 'node:crypto';
import { ExplainedError } from '@errand/basics/explained-error';
import type pg from 'pg';
import { verifyAudit } from '../audit/verify.ts';
import { acquireLock, applyInTransaction, knownMigrations, migrateJobQueue } from '../migrate/migrate.ts';
import { refuseUnknown } from '../migrate/unknown-migration.ts';
import { withSession } from '../primary/session.ts';
import { markRestoredRuns } from '../runs/restored-runs.ts';
import { checkStoredKeys } from '../vault/canary.ts';
import { Vault } from '../vault/vault.ts';
import { loadTables } from './load-tables.ts';
import type { Manifest, PartitionBounds } from './manifest.ts';
import { damaged, type OpenBackup } from './read-backup.ts';
import { quoted } from './tables.ts';

export type RestoreOptions = {
  /** URL of the login that will own the tables. */
  ownerUrl: string;
  backup: OpenBackup;
  /** `id:base64` each; at least one of those that sealed the secrets of the backup. */
  masterKeys: readonly string[];
  /** Restores an audit log that was broken before the backup. */
  acceptBreaches?: boolean;
  onProgress?: (progress: RestoreProgress) => void;
  /** Called when the database is known to be empty. The function that it returns is called when the restore is complete. */
  onBegin?: () => Promise<(() => Promise<void>) | undefined>;
  /** Called when all is loaded and checked, before it becomes visible. */
  beforeCommit?: () => Promise<void>;
};

export type RestoreProgress = { table: string; bytes: number };
export type Restored = { rows: number; openRuns: number; auditEntries: number; migrated: string[] };

const LOCK_WAIT_MS = 30_000;

/**
 * Restores a backup into an empty database: all of it in one transaction, or nothing. The database is held until `endHold`.
 * @throws ExplainedError if the database is not empty, the backup is damaged or of a newer version, or the keys are not those of the backup
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { ownerUrl, backup, onBegin, beforeCommit } = options;
  const migrations = await planMigrations(backup);
  return withSession(ownerUrl, 'errand restore', async (owner) => {
    await owner.query('SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0');
    await acquireLock(owner, LOCK_WAIT_MS);
    await checkEmpty(owner);
    const onComplete = await onBegin?.();
    // The job queue has its own transactions. Its empty tables do no harm if the rest fails.
    await migrateJobQueue(ownerUrl);
    await owner.query('BEGIN');
    const restored = await restoreAll(owner, options, migrations);
    await beforeCommit?.();
    await owner.query('COMMIT');
    await onComplete?.();
    for (const { name } of backup.manifest.tables) await owner.query(`ANALYZE public.${quoted(name)}`);
    return restored;
  });
}

type MigrationPlan = { ofBackup: string[]; later: string[] };

/** @throws ExplainedError if this version lacks a migration of the backup, or has it with another content */
async function planMigrations({ file, manifest }: OpenBackup): Promise<MigrationPlan> {
  const known = await knownMigrations();
  const ofManifest = manifest.migrations.map(({ name }) => ({ name, version: manifest.errandVersion }));
  const names = known.map(({ name }) => name);
  refuseUnknown(ofManifest, names, { subject: file });
  const checksums = new Map(known.map(({ name, checksum }) => [name, checksum]));
  for (const { name, checksum } of manifest.migrations) {
    if (checksums.get(name) !== checksum)
      throw new ExplainedError(
        `The migration ${name} of ${file} differs from the one of this version. Restore it with the program that made it.`,
      );
  }
  const ofBackup = new Set(manifest.migrations.map(({ name }) => name));
  return { ofBackup: names.filter((name) => ofBackup.has(name)), later: names.filter((name) => !ofBackup.has(name)) };
}

async function checkEmpty(owner: pg.Client): Promise<void> {
  const { rows } = await owner.query<{ name: string; database: string }>(
    `SELECT c.relname AS name, current_database() AS database FROM pg_class c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1 LIMIT 1`,
  );
  if (rows[0])
    throw new ExplainedError(
      `The database ${rows[0].database} is not empty: it has the table ${rows[0].name}. Restore into a new database, or into another data folder.`,
    );
}

async function restoreAll(
  owner: pg.Client,
  options: RestoreOptions,
  { ofBackup, later }: MigrationPlan,
): Promise<Restored> {
  const { backup, masterKeys, acceptBreaches = false, onProgress } = options;
  const { manifest } = backup;
  await applyInTransaction(owner, ofBackup);
  await owner.query('SELECT errand_access.secure_all_tables()');
  for (const month of manifest.months ?? []) await ensureMonth(owner, month);
  if (manifest.partitions) await makePartitions(owner, manifest.partitions);
  await loadTables(owner, backup, (table, bytes) => onProgress?.({ table, bytes }));
  await applyInTransaction(owner, later);
  await owner.query('SELECT errand_partitions.ensure_run_event(), errand_access.secure_all_tables()');
  const auditEntries = await checkAudit(owner, backup, acceptBreaches);
  await checkStoredKeys(owner, new Vault(masterKeys));
  const openRuns = await markRestoredRuns(owner);
  await readListsAgain(owner);
  await hold(owner, manifest);
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
  return { rows, openRuns, auditEntries, migrated: later };
}

/** Replaces the empty partitions of a new database by the partitions of the backup. */
async function makePartitions(owner: pg.Client, partitions: readonly PartitionBounds[]): Promise<void> {
  const { rows } = await owner.query<{ parent: string; name: string }>(
    `SELECT parent, name FROM unnest('{run_event,ledger}'::text[]) AS parent, errand_partitions.bounds(parent)`,
  );
  for (const { parent, name } of rows) await owner.query('SELECT errand_partitions.drop_empty($1, $2)', [parent, name]);
  for (const { parent, low, high } of partitions)
    await owner.query('SELECT errand_partitions.make($1, $2, $3)', [parent, low, high]);
}

/** In the migrations of such a backup, `ensure_run_event` makes the partitions of a month and of the next one. */
const ensureMonth = (owner: pg.Client, month: string) =>
  owner.query(
    `SELECT errand_partitions.ensure_run_event(to_timestamp($1, 'YYYYMMDD'))
     WHERE to_regclass('errand_partitions.run_event_' || $2::text) IS NULL`,
    [`${month}15`, month],
  );

/** @returns the number of verified entries @throws ExplainedError for a broken chain */
async function checkAudit(owner: pg.Client, { file, manifest }: OpenBackup, acceptBreaches: boolean): Promise<number> {
  const { checked, breaches, heads } = await verifyAudit(owner, manifest.auditHeads);
  if (heads.length !== manifest.auditHeads.length) throw damaged(file);
  // At the time of the backup, the newest entries were waiting for their link.
  const { rows } = await owner.query<{ id: string }>('SELECT audit_id AS id FROM audit_unsealed');
  const waiting = new Set(rows.map(({ id }) => id));
  const found = breaches.filter(({ seq, auditId }) => seq !== null || !waiting.has(auditId));
  if (found.length > 0 && !acceptBreaches)
    throw new ExplainedError(
      `The audit log in ${file} has ${found.length} breaches, such as entry ${found[0]!.auditId}: it ${found[0]!.what}. The original had them too if the file is the one that was made. Verify the original, or restore with --accept-breaches.`,
    );
  return checked;
}

/** Jobs that read tools are not in a backup. */
const readListsAgain = (owner: pg.Client) =>
  owner.query(
    `UPDATE integration i SET list_at = clock_timestamp() WHERE kind = 'mcp' AND active AND (list_at IS NOT NULL OR EXISTS (
       SELECT FROM integration_user u WHERE u.workspace_id = i.workspace_id AND u.customer_integration_id = i.customer_integration_id
         AND u.active AND u.sealed_grant IS NOT NULL))`,
  );

const hold = (owner: pg.Client, { backupId, takenAt }: Manifest) =>
  owner.query('INSERT INTO restore (restore_id, backup_id, taken_at) VALUES ($1, $2, $3)', [
    randomUUID(),
    backupId,
    takenAt,
  ]);

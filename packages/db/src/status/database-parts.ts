// Parts of the state of the instance. Each is one bounded statement of the role errand_system.
import type { SystemStatus } from '@errand/contracts';
import type { PoolClient } from 'pg';
import { migrationNames } from '../migrate/migrate.ts';
import { toFields } from '../statements/fields.ts';
import { firstRow } from '../statements/scope.ts';
import { LIVING } from '../vault/sealing-key.ts';

type Known<Part> = Exclude<Part, 'unknown'>;
type Database = SystemStatus['database'];
type Read<Part> = (client: PoolClient) => Promise<Known<Part> | 'unknown'>;

/** A worker counts as alive for this many seconds after a heartbeat; then other workers take its runs. */
export const ALIVE_SECONDS = 10;
const MAX_ROWS = 100;
const MAX_INDEXES = 50;

export const readPostgresVersion: Read<SystemStatus['postgresVersion']> = async (client) =>
  (await firstRow<{ version: string }>(client, `SELECT current_setting('server_version') AS version`)).version;

export const readMigrations: Read<SystemStatus['migrations']> = async (client) => {
  const { rows } = await client.query<{ name: string; at: Date }>(
    `SELECT migration_name AS name, finished_at AS at FROM "_prisma_migrations"
     WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`,
  );
  const applied = new Set(rows.map(({ name }) => name));
  const last = rows.at(-1);
  const pending = (await migrationNames()).filter((name) => !applied.has(name));
  return { ...(last && { last: last.name, appliedAt: last.at.toISOString() }), pending };
};

export const readWorkers: Read<SystemStatus['workers']> = async (client) => {
  type Worker = Known<SystemStatus['workers']>[number];
  const { rows } = await client.query(
    `SELECT worker_pool_id AS "workerPoolId", host, started_at AS "startedAt", heartbeat_at AS "heartbeatAt",
       heartbeat_at > clock_timestamp() - interval '${ALIVE_SECONDS} seconds' AS "isAlive"
     FROM worker_pool ORDER BY heartbeat_at DESC LIMIT ${MAX_ROWS}`,
  );
  return rows.map((row) => toFields<Worker>(row));
};

export const readProcesses: Read<SystemStatus['processes']> = async (client) => {
  type Process = Known<SystemStatus['processes']>[number];
  const { rows } = await client.query(
    `SELECT host, seen_at AS "seenAt", key_ids AS "masterKeyIds", sealing AS "sealingKeyId"
     FROM vault_reader WHERE ${LIVING} ORDER BY host LIMIT ${MAX_ROWS}`,
  );
  return rows.map((row) => toFields<Process>(row));
};

export const readQueue: Read<SystemStatus['queue']> = async (client) =>
  toFields<Known<SystemStatus['queue']>>(
    await firstRow(
      client,
      `SELECT due.n AS due, claimed.n AS claimed, due.seconds AS "oldestDueSeconds",
         (SELECT min(restored_at) FROM restore WHERE resumed_at IS NULL) AS "heldSince"
       FROM (SELECT count(*)::int AS n, greatest(extract(epoch FROM clock_timestamp() - min(updated_at)), 0)::float8 AS seconds
           FROM run WHERE run.due > 0 AND run.lease IS NULL) AS due,
         (SELECT count(*)::int AS n FROM run WHERE run.lease IS NOT NULL) AS claimed`,
    ),
  );

export const readBytes: Read<Database['bytes']> = async (client) =>
  (await firstRow<{ bytes: number }>(client, 'SELECT pg_database_size(current_database())::float8 AS bytes')).bytes;

export const readConnections: Read<Database['connections']> = (client) =>
  firstRow(
    client,
    `SELECT sum(numbackends)::int AS used, current_setting('max_connections')::int AS max FROM pg_stat_database`,
  );

/** Without pg_read_all_stats the snapshots of other sessions are hidden. Those of other databases do not delay vacuum in this one. */
export const readOldestSnapshot: Read<Database['oldestSnapshot']> = async (client) => {
  const { mayRead, ...snapshot } = await firstRow<{ mayRead: boolean }>(
    client,
    `SELECT pg_has_role('pg_read_all_stats', 'USAGE') AS "mayRead", oldest.* FROM (SELECT 1) AS once LEFT JOIN (
       SELECT age(backend_xmin)::int AS transactions, extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds,
         nullif(application_name, '') AS application
       FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid() AND backend_type <> 'autovacuum worker'
         AND (datname = current_database() OR datname IS NULL)
       ORDER BY age(backend_xmin) DESC, xact_start LIMIT 1) AS oldest ON true`,
  );
  if (!mayRead) return 'unknown';
  return toFields<Known<Database['oldestSnapshot']>>(
    snapshot as { transactions: number | null; seconds: number | null; application: string | null },
  );
};

export const readUnusedIndexes: Read<Database['unusedIndexes']> = async (client) => {
  const { since } = await firstRow<{ since: Date | null }>(
    client,
    'SELECT stats_reset AS since FROM pg_stat_database WHERE datname = current_database()',
  );
  const { rows: indexes } = await client.query<{ table: string; index: string; bytes: number }>(
    `SELECT s.relname AS table, s.indexrelname AS index, pg_relation_size(s.indexrelid)::float8 AS bytes
     FROM pg_stat_user_indexes s JOIN pg_index i USING (indexrelid)
     WHERE s.schemaname = 'public' AND s.idx_scan = 0 AND NOT i.indisunique ORDER BY bytes DESC, index LIMIT ${MAX_INDEXES}`,
  );
  return { ...(since && { since: since.toISOString() }), indexes };
};

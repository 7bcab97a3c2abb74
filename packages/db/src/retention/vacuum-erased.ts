import type { Client, Pool } from 'pg';
import { MAY_VACUUM, vacuumTables } from '../runs/queue/vacuum-queue.ts';

/** The graphile-worker task that vacuums tables after erasures. */
export const ERASED_VACUUM_TASK = 'vacuum_erased';

/** Begins the task in a minute. Erasures that end before share the job, and do not move its time. */
export const ADD_ERASED_VACUUM = `SELECT count(*) FROM graphile_worker.add_job('${ERASED_VACUUM_TASK}', run_at := now() + interval '1 minute',
  job_key := '${ERASED_VACUUM_TASK}', job_key_mode := 'preserve_run_at')`;

// Every table, so that none is forgotten. A vacuum of a table with few dead rows reads only the pages that have changed.
const TABLES = `SELECT format('%I.%I', s.schemaname, s.relname) AS name FROM pg_stat_all_tables s JOIN pg_class c ON c.oid = s.relid
  WHERE s.schemaname IN ('public', 'errand_partitions') AND s.n_dead_tup > 0 AND ${MAY_VACUUM} ORDER BY s.n_dead_tup`;
/** As gently as autovacuum. The statistics of a table contain frequent values of removed rows until they are made again. */
const OPTIONS = { lock: 'errand.vacuum_erased', costDelay: '2ms', analyze: true };

/**
 * Vacuums and analyzes all tables with dead rows. Returns the names of those that took less than a minute. If another process does so, or
 * the signal stops it, a later job repeats it.
 * @param connect opens a connection outside the pool
 * @throws database errors; the job is repeated
 */
export async function vacuumErased(
  pool: Pool,
  connect: () => Promise<Client>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { rows } = await pool.query<{ name: string }>(TABLES);
  const vacuumed = await vacuumTables(connect, rows, { ...OPTIONS, signal });
  if (vacuumed === undefined || signal.aborted) await pool.query(ADD_ERASED_VACUUM);
  return vacuumed ?? [];
}

import type { Client, Pool } from 'pg';

/**
 * Tables from which workers claim rows in order. Dead rows of them make every claim slower, and autovacuum comes late while its few workers
 * are busy with large tables.
 */
const QUEUES = ['public.run', 'public.webhook_delivery', 'public.webhook_message'];
/** Twice as many dead rows as autovacuum permits for `run`: then it is late. */
const MIN_DEAD_ROWS = 1000;
const DEAD_SHARE = 0.02;
const MIN_MINUTES = 2;

/** SQL: whether the session may vacuum `pg_class c`. Postgres 17 and later have the privilege MAINTAIN. Before, only the owner may. */
export const MAY_VACUUM = `(pg_has_role(current_user, c.relowner, 'USAGE') OR current_setting('server_version_num')::int >= 170000
    AND EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.privilege_type = 'MAINTAIN' AND pg_has_role(current_user, a.grantee, 'USAGE')))`;

const LATE_TABLES = `
SELECT format('%I.%I', s.schemaname, s.relname) AS name FROM pg_stat_all_tables s JOIN pg_class c ON c.oid = s.relid
WHERE c.oid = ANY(SELECT to_regclass(t) FROM unnest($1::text[]) AS t)
  AND s.n_dead_tup > $2::int + ${DEAD_SHARE} * greatest(c.reltuples, 0)
  AND coalesce(greatest(s.last_vacuum, s.last_autovacuum) < now() - interval '${MIN_MINUTES} minutes', true)
  AND ${MAY_VACUUM}
ORDER BY s.n_dead_tup DESC`;

const LOCK = `SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS mine`;
/** SQLSTATE query_canceled: it took too long, and what it removed stays removed. */
const QUERY_CANCELED = '57014';

/** `lock`: one process at a time vacuums under this name. */
type VacuumOptions = { lock: string; costDelay: string; analyze: boolean; signal: AbortSignal | undefined };

/**
 * Vacuums the queue tables that autovacuum has left with many dead rows. One process at a time does so. Returns the names of the tables.
 * @param connect opens a connection outside the pool
 */
export async function vacuumQueue(
  pool: Pool,
  connect: () => Promise<Client>,
  { signal, minDeadRows = MIN_DEAD_ROWS }: { signal?: AbortSignal; minDeadRows?: number } = {},
): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(LATE_TABLES, [QUEUES, minDeadRows]);
  const options = { lock: 'errand.vacuum', costDelay: '0', analyze: false, signal };
  return (await vacuumTables(connect, rows, options)) ?? [];
}

/**
 * Vacuums tables, one at a time and each for at most a minute, because a migration waits for it. It never waits for a lock, and gives no
 * space back to the disk, which would lock readers.
 * @returns the names of the vacuumed tables, without those that took too long; undefined if another process vacuums
 */
export async function vacuumTables(
  connect: () => Promise<Client>,
  tables: readonly { name: string }[],
  { lock, costDelay, analyze, signal }: VacuumOptions,
): Promise<string[] | undefined> {
  if (tables.length === 0) return [];
  const client = await connect();
  const vacuumed: string[] = [];
  try {
    await client.query(
      `SET lock_timeout = '200ms'; SET statement_timeout = '60s'; SET vacuum_cost_delay = '${costDelay}'`,
    );
    if (!(await client.query<{ mine: boolean }>(LOCK, [lock])).rows[0]!.mine) return undefined;
    for (const { name } of tables) {
      if (signal?.aborted) break;
      const isDone = await client
        .query(`VACUUM (ANALYZE ${analyze}, SKIP_LOCKED, TRUNCATE false, PARALLEL 0) ${name}`)
        .then(
          () => true,
          (error: { code?: string }) => {
            if (error.code !== QUERY_CANCELED) throw error;
            return false;
          },
        );
      if (isDone) vacuumed.push(name);
    }
    return vacuumed;
  } finally {
    await client.end().catch(() => {});
  }
}

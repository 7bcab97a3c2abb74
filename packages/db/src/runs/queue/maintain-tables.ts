import type { Client, Pool } from 'pg';

/** A table is analyzed if more rows than this, and more than `GROWTH_FACTOR` times its known rows, have changed. */
const MIN_CHANGED_ROWS = 500;
const GROWTH_FACTOR = 2;

// Tables of the hot path, with the partitions of events.
const STALE_TABLES = `
SELECT format('%I.%I', s.schemaname, s.relname) AS name FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
WHERE (s.schemaname = 'errand_partitions' OR s.schemaname = 'public' AND s.relname IN ('run', 'execution_plan', 'ledger', 'decision_request', 'idempotency'))
  AND c.relkind = 'r' AND s.n_mod_since_analyze > ${MIN_CHANGED_ROWS} + ${GROWTH_FACTOR} * greatest(c.reltuples, 0)`;

const LOCK = `SELECT pg_try_advisory_lock(hashtextextended('errand.upkeep', 0)) AS mine`;
const SESSION = `SET lock_timeout = '200ms'; SET statement_timeout = '5s'; SET synchronous_commit = off`;

/**
 * Analyzes quickly growing tables earlier than autovacuum, which runs at most once a minute. Statements that were planned for
 * almost empty tables would otherwise scan whole indexes until the first ANALYZE. Returns the analyzed tables; none if another
 * process analyzes.
 * @param connect opens a connection of the owner of the tables, outside the pool
 */
export async function maintainTables(pool: Pool, connect: () => Promise<Client>): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>({ name: 'upkeep_due', text: STALE_TABLES });
  if (rows.length === 0) return [];
  const client = await connect();
  try {
    await client.query(SESSION);
    if (!(await client.query<{ mine: boolean }>(LOCK)).rows[0]!.mine) return [];
    for (const { name } of rows) {
      // Autovacuum analyzes tables that take too long.
      await client.query(`ANALYZE (SKIP_LOCKED) ${name}`).catch((error: { code?: unknown }) => {
        if (error.code !== '57014') throw error;
      });
    }
    return rows.map(({ name }) => name);
  } finally {
    await client.end().catch(() => {});
  }
}

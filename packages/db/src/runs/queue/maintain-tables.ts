import type { Client, Pool } from 'pg';

/** A table is looked through when more of its rows have changed than this, and than `grown` of those it was known to have. */
const CHANGED = 500;
const GROWN = 2;

// What a statement of the hot path reads; events by their partitions.
const due = `
SELECT format('%I.%I', s.schemaname, s.relname) AS name FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
WHERE (s.schemaname = 'errand_parts' OR s.schemaname = 'public' AND s.relname IN ('run', 'execution_plan', 'ledger', 'waiting', 'idempotency'))
  AND c.relkind = 'r' AND s.n_mod_since_analyze > ${CHANGED} + ${GROWN} * greatest(c.reltuples, 0)`;

const lock = `SELECT pg_try_advisory_lock(hashtextextended('errand.upkeep', 0)) AS mine`;
const session = `SET lock_timeout = '200ms'; SET statement_timeout = '5s'; SET synchronous_commit = off`;

/**
 * Does early what Postgres itself does once a minute at most. Plans are kept as they were made when the tables were all but empty
 * and nothing was known of them: a run was then found by an index of which every row was read, until the first ANALYZE.
 * @param connect opens a connection of the tables' owner, outside the pool
 * @returns the tables that were looked through; none when another process is at it
 */
export async function keepUp(pool: Pool, connect: () => Promise<Client>): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>({ name: 'upkeep_due', text: due });
  if (rows.length === 0) return [];
  const client = await connect();
  try {
    await client.query(session);
    if (!(await client.query<{ mine: boolean }>(lock)).rows[0]!.mine) return [];
    for (const { name } of rows) {
      // One that takes too long is left to autovacuum; the others are done.
      await client.query(`ANALYZE (SKIP_LOCKED) ${name}`).catch((error: { code?: unknown }) => {
        if (error.code !== '57014') throw error;
      });
    }
    return rows.map(({ name }) => name);
  } finally {
    await client.end().catch(() => {});
  }
}

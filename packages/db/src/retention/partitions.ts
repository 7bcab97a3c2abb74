// The partitions of run_event and ledger: made ahead, and dropped once no run needs their rows.
import { setTimeout as pause } from 'node:timers/promises';
import type { Client, Pool } from 'pg';
import { withTransaction } from '../statements/scope.ts';
import { inTransaction } from './transaction.ts';

export type Partitioned = 'run_event' | 'ledger';
export type Span = 'day' | 'week' | 'month';

/** A partition: the rows of runs with ids from `low` to below `high`. `untilAt` is the moment of `high`. */
export type Partition = { parent: Partitioned; name: string; low: string; high: string; untilAt: Date };

const DAY_MS = 86_400_000;
const MAX_DAYS_BY_DAY = 62;
const MAX_DAYS_BY_WEEK = 400;

/**
 * The span of new partitions of rows that are kept for so many days. Statements lock every partition that they may read, so there must be
 * few. Rows wait up to a span for the end of their partition.
 */
export const spanOf = (days?: number): Span => {
  if (days === undefined || days > MAX_DAYS_BY_WEEK) return 'month';
  return days > MAX_DAYS_BY_DAY ? 'week' : 'day';
};

/** How far ahead partitions exist, so that a failure of the hourly task has no effect for days. */
const AHEAD_DAYS: Readonly<Record<Span, readonly number[]>> = { day: [0, 1, 2, 3], week: [0, 7], month: [0, 28] };
const LOCK_TIMEOUT = '200ms';
const TRIES = 5;
const LOCK_NOT_AVAILABLE = '55P03';

/** Makes the missing partitions of now and the near future, each in a short transaction. Returns their number. */
export async function ensurePartitions(pool: Pool, days: Readonly<Record<Partitioned, number | undefined>>) {
  let made = 0;
  for (const parent of ['run_event', 'ledger'] as const) {
    const span = spanOf(days[parent]);
    for (const ahead of AHEAD_DAYS[span]) if (await ensurePartition(pool, [parent, ahead, span])) made++;
  }
  return made;
}

/** Readers wait for the lock of a new partition, so it is given up soon and tried again. */
async function ensurePartition(pool: Pool, values: readonly [Partitioned, days: number, Span]): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      return await withTransaction(pool, async (client) => {
        await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
        const text = `SELECT errand_partitions.ensure($1, now() + $2::int * interval '1 day', $3) AS made`;
        return (await client.query<{ made: boolean }>(text, [...values])).rows[0]!.made;
      });
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE || tries === TRIES) throw error;
      await pause(tries * 500);
    }
  }
}

/** The partitions of a table, oldest first. */
export async function readPartitions(client: Pick<Client, 'query'>, parent: Partitioned): Promise<Partition[]> {
  const { rows } = await client.query<Partition>(
    `SELECT $1 AS parent, name, low, high, errand_partitions.uuid_time(high) AS "untilAt" FROM errand_partitions.bounds($1) ORDER BY low`,
    [parent],
  );
  return rows;
}

/**
 * `at`: the time `days` ago; rows of runs that ended before may go. `until`: the begin of the partition that contains `at`, so that later rows
 * wait for the end of their partition. Partitions that last longer than a seventh of the days are not waited for: then both are the same.
 */
export type RemovalEnd = { at: Date; until: Date };

export async function removalEnd(client: Client, parent: Partitioned, days: number): Promise<RemovalEnd> {
  const { rows } = await client.query<{ at: Date; low: Date | null; high: Date | null }>(
    `SELECT t.at, errand_partitions.uuid_time(p.low) AS low, errand_partitions.uuid_time(p.high) AS high
     FROM (SELECT clock_timestamp() - $2::float8 * interval '1 day' AS at) AS t
     LEFT JOIN errand_partitions.bounds($1) p ON p.low <= errand_partitions.uuid_floor(t.at) AND errand_partitions.uuid_floor(t.at) < p.high`,
    [parent, days],
  );
  const { at, low, high } = rows[0]!;
  return { at, until: low && high && high.getTime() - low.getTime() <= (days * DAY_MS) / 7 ? low : at };
}

// Each workspace has a range of the primary key, so only the runs of the partition are read.
const RUN_BETWEEN = (condition: string) => `
  WITH RECURSIVE w AS (
    (SELECT workspace_id AS id FROM run ORDER BY workspace_id LIMIT 1)
    UNION ALL SELECT (SELECT run.workspace_id FROM run WHERE run.workspace_id > w.id ORDER BY run.workspace_id LIMIT 1) FROM w WHERE w.id IS NOT NULL
  )
  SELECT FROM w WHERE w.id IS NOT NULL AND EXISTS (SELECT FROM run
    WHERE run.workspace_id = w.id AND run.run_id >= $1 AND run.run_id < $2 AND ${condition} OFFSET 0) LIMIT 1`;
const NEEDS_ROWS = RUN_BETWEEN('(run.ended_at IS NULL OR run.ended_at > $3::timestamptz)');
const IS_STORED = RUN_BETWEEN('true');

/** The partitions of times before `until` with no run that is open or ended after `at`. Some runs end after the end of their partition. */
export async function droppable(client: Client, parent: Partitioned, { at, until }: RemovalEnd): Promise<Partition[]> {
  const free: Partition[] = [];
  for (const partition of await readPartitions(client, parent)) {
    if (partition.untilAt > until) break;
    const { low, high } = partition;
    const open = await client.query<{ open: boolean }>('SELECT errand_partitions.has_open_run($1, $2) AS open', [
      low,
      high,
    ]);
    if (open.rows[0]!.open) continue;
    if ((await client.query(NEEDS_ROWS, [low, high, at])).rowCount === 0) free.push(partition);
  }
  return free;
}

/** The moment from which on the database must look for ended runs again. Clocks and commits may be late. */
export const readNow = async (client: Client): Promise<Date> =>
  (await client.query<{ at: Date }>(`SELECT clock_timestamp() - interval '1 minute' AS at`)).rows[0]!.at;

/** Whether a run with an id of the partition is stored. */
export const hasRuns = async (client: Client, { low, high }: Partition): Promise<boolean> =>
  (await client.query(IS_STORED, [low, high])).rowCount !== 0;

/**
 * Drops partitions, which is much cheaper than deleting their rows. Returns their number.
 * @param since when `droppable` was called
 * @throws on a lock timeout of the session, or after two seconds under a lock
 */
export async function dropPartitions(
  client: Client,
  partitions: readonly Partition[],
  since: Date,
  signal: AbortSignal,
): Promise<number> {
  let dropped = 0;
  for (const { parent, name } of partitions) {
    if (signal.aborted) break;
    // Two transactions: the first one removes the files and locks only the partition; the second one locks the table for a moment.
    if (!(await tryWith(client, 'empty($1, $2, $3)', [parent, name, since]))) continue;
    if (await tryWith(client, 'drop_empty($1, $2)', [parent, name])) dropped++;
  }
  return dropped;
}

/** Others wait for the locks of the statement, and under them it looks at all waiting runs. */
const tryWith = (client: Client, call: string, values: unknown[]): Promise<boolean> =>
  inTransaction(client, async () => {
    await client.query(`SET LOCAL statement_timeout = '2s'`);
    return (await client.query<{ done: boolean }>(`SELECT errand_partitions.${call} AS done`, values)).rows[0]!.done;
  });

const LEFT_BEHIND = `
SELECT right(c.relname, 6) AS month FROM pg_class c
WHERE c.relnamespace = 'errand_partitions'::regnamespace AND c.relkind = 'r' AND NOT c.relispartition AND c.relname ~ '^run_event_[0-9]{6}$'
  AND ((to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month') AT TIME ZONE 'UTC') <= $1::timestamptz`;

/** Drops months that an earlier release detached before it ended. Returns their number. */
export async function dropDetached(client: Client, until: Date): Promise<number> {
  const { rows } = await client.query<{ month: string }>(LEFT_BEHIND, [until]);
  for (const { month } of rows) await client.query('SELECT errand_partitions.drop_run_event($1)', [month]);
  return rows.length;
}

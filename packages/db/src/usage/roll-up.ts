import type { Pool, PoolClient } from 'pg';
import { type Runner, withTransaction } from '../statements/scope.ts';
import {
  addUsage,
  type EndedRun,
  endedRuns,
  keyedKinds,
  NOT_COUNTED,
  noUsage,
  OTHER_KEYS,
  type Usage,
  type UsageKind,
  usageByKey,
} from './count.ts';

const RUNS_AT_ONCE = 500;
/** Keys of each kind and day; twice as many may exist before the smallest are merged. */
const KEPT_KEYS = 300;
/** Retention of days: longer than the longest range of a request. */
const KEPT_DAYS = 400;
/** SQLSTATE query_canceled: the statement timed out. */
const QUERY_CANCELED = '57014';

const KEYED: ReadonlySet<UsageKind> = new Set(keyedKinds);

export type UsageRow = Usage & { workspaceId: string; day: string; kind: UsageKind; key: string };

const COLUMNS = `workspace_id AS "workspaceId", to_char(day, 'YYYY-MM-DD') AS day, kind, key, runs::float8, succeeded::float8, failed::float8,
  calls::float8, call_errors::float8 AS "callErrors", tokens::float8, cost, cost_currency AS currency, times`;

// `ended_at` of a run precedes the visibility of its transaction. So the time of an earlier call is used once all transactions of
// that time have ended. A statement gets its transaction id within moments of reading the clock; 5 s are allowed for that.
const NEXT_LIMIT = `
  UPDATE usage_progress SET seen_at = clock_timestamp() - interval '5 seconds', seen_xid = pg_current_xact_id()::text
  FROM (SELECT seen_at AS at, seen_xid::xid8 <= pg_snapshot_xmin(pg_current_snapshot()) AS over FROM usage_progress) AS before
  WHERE before.over RETURNING before.at`;

/**
 * Counts each ended run exactly once: the rows and the position are written in one transaction. Returns the number of counted
 * runs.
 * @param options `through`: counts runs that ended by then; by default, up to the time before which no earlier end can appear
 */
export async function rollUpUsage(
  pool: Pool,
  signal: AbortSignal,
  { keptKeys = KEPT_KEYS, atOnce = RUNS_AT_ONCE, through }: { keptKeys?: number; atOnce?: number; through?: Date } = {},
): Promise<number> {
  const until = through ?? (await pool.query<{ at: Date }>(NEXT_LIMIT)).rows[0]?.at;
  let total = 0;
  for (let limit = atOnce; until && !signal.aborted; ) {
    try {
      const counted = await withTransaction(pool, (client) => countNext(client, until, { keptKeys, atOnce: limit }));
      total += counted;
      if (counted < limit) break;
    } catch (error) {
      // For runs with very many calls: fewer runs at a time.
      if ((error as { code?: string }).code !== QUERY_CANCELED || limit === 1) throw error;
      limit = Math.ceil(limit / 8);
    }
  }
  await pool.query(`DELETE FROM usage_day WHERE day < (now() AT TIME ZONE 'UTC')::date - $1::int`, [KEPT_DAYS]);
  return total;
}

async function countNext(
  client: PoolClient,
  until: Date,
  limits: { keptKeys: number; atOnce: number },
): Promise<number> {
  // One process counts at a time.
  const mark = await client.query<{ at: Date; id: string }>(`${READ_MARK} FOR UPDATE SKIP LOCKED`);
  if (!mark.rows[0]) return 0;
  const { at, id } = mark.rows[0];
  const next = `SELECT * FROM run WHERE ${NOT_COUNTED} AND (ended_at, run_id) > ($1::timestamptz, $2::uuid) AND ended_at <= $3::timestamptz
    ORDER BY ended_at, run_id LIMIT $4`;
  const text = `${endedRuns(next)} ORDER BY r.ended_at, r.run_id`;
  const { rows } = await client.query<EndedRun>(text, [at, id, until, limits.atOnce]);
  const last = rows.at(-1);
  if (!last) return 0;
  await addRuns(client, rows, limits.keptKeys);
  await client.query('UPDATE usage_progress SET through_at = $1, through_id = $2', [last.endedAt, last.runId]);
  return rows.length;
}

const READ_MARK = 'SELECT through_at AS at, through_id AS id FROM usage_progress';

/** @property isErased whether their user is erased: then they count for no user */
export type RunsToCount = { workspaceId: string; runIds: readonly string[]; isErased: boolean };

/**
 * Counts ended runs that the periodic task has not reached yet. Call it within a transaction that marks them as counted.
 * @returns their ids
 */
export async function countAhead(client: Runner, { workspaceId, runIds, isErased }: RunsToCount): Promise<string[]> {
  const isAhead = `run.workspace_id = $1 AND run.run_id = ANY($2::uuid[]) AND ${NOT_COUNTED}
    AND (run.ended_at, run.run_id) > (SELECT through_at, through_id FROM usage_progress)`;
  const values = [workspaceId, runIds];
  const { rows: ahead } = await client.query(`SELECT FROM run WHERE ${isAhead} LIMIT 1`, values);
  if (ahead.length === 0) return [];
  // The periodic task skips a locked row, and may have counted some of the runs until the lock is granted.
  await client.query(`${READ_MARK} FOR UPDATE`);
  const { rows } = await client.query<EndedRun>(endedRuns(`SELECT * FROM run WHERE ${isAhead}`), values);
  await addRuns(client, isErased ? rows.map((run) => ({ ...run, userId: OTHER_KEYS })) : rows, KEPT_KEYS);
  return rows.map(({ runId }) => runId);
}

/** Adds the usage of a user to that of the merged keys, day by day. Call it within a transaction. */
export async function forgetUsageOf(client: Runner, workspaceId: string, userId: string): Promise<void> {
  await client.query(`${READ_MARK} FOR UPDATE`);
  const { rows } = await client.query<UsageRow>(
    `DELETE FROM usage_day WHERE workspace_id = $1 AND kind = 'user' AND key = $2 RETURNING ${COLUMNS}`,
    [workspaceId, userId],
  );
  await addRows(
    client,
    rows.map((row) => ({ ...row, key: OTHER_KEYS })),
  );
}

const nameOf = ({ workspaceId, day, kind, key }: Omit<UsageRow, keyof Usage>) =>
  JSON.stringify([workspaceId, day, kind, key]);

async function addRuns(client: Runner, runs: readonly EndedRun[], keptKeys: number): Promise<void> {
  const rows = new Map<string, UsageRow>();
  for (const run of runs) {
    for (const { kind, key, usage } of usageByKey(run)) {
      const row = { workspaceId: run.workspaceId, day: run.day, kind, key, ...noUsage() };
      const name = nameOf(row);
      if (!rows.has(name)) rows.set(name, row);
      addUsage(rows.get(name)!, usage);
    }
  }
  await addRows(client, [...rows.values()]);
  const days = new Map([...rows.values()].map((row) => [nameOf({ ...row, key: '' }), row]));
  for (const day of days.values()) if (KEYED.has(day.kind)) await mergeSmallest(client, day, keptKeys);
}

/** Adds rows with different keys to those that are stored. */
async function addRows(client: Runner, added: readonly UsageRow[]): Promise<void> {
  const rows = new Map(added.map((row) => [nameOf(row), row]));
  const keys = added.map(({ workspaceId, day, kind, key }) => ({ workspaceId, day, kind, key }));
  const existing = await client.query<UsageRow>(
    `SELECT ${COLUMNS} FROM usage_day JOIN json_to_recordset($1::json) AS k("workspaceId" uuid, day date, kind text, key text)
      USING (day, kind, key) WHERE usage_day.workspace_id = k."workspaceId"`.replace(
      'workspace_id AS',
      'usage_day.workspace_id AS',
    ),
    [JSON.stringify(keys)],
  );
  for (const row of existing.rows) addUsage(rows.get(nameOf(row))!, row);
  await writeRows(client, added);
}

async function writeRows(client: Runner, rows: readonly UsageRow[]): Promise<void> {
  await client.query(
    `INSERT INTO usage_day (workspace_id, day, kind, key, runs, succeeded, failed, calls, call_errors, tokens, cost, cost_currency, times)
     SELECT r."workspaceId", r.day, r.kind, r.key, r.runs, r.succeeded, r.failed, r.calls, r."callErrors", r.tokens, r.cost, r.currency, r.times
     FROM json_to_recordset($1::json) AS r("workspaceId" uuid, day date, kind text, key text, runs bigint, succeeded bigint, failed bigint,
       calls bigint, "callErrors" bigint, tokens bigint, cost float8, currency text, times json)
     ON CONFLICT (workspace_id, day, kind, key) DO UPDATE SET runs = excluded.runs, succeeded = excluded.succeeded, failed = excluded.failed,
       calls = excluded.calls, call_errors = excluded.call_errors, tokens = excluded.tokens, cost = excluded.cost,
       cost_currency = excluded.cost_currency, times = excluded.times`,
    [JSON.stringify(rows)],
  );
}

/** Merges the smallest keys of a day that has too many. */
async function mergeSmallest(client: Runner, { workspaceId, day, kind }: UsageRow, keptKeys: number): Promise<void> {
  const ofDay = 'workspace_id = $1 AND day = $2 AND kind = $3';
  const values = [workspaceId, day, kind];
  const { rows: sizes } = await client.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM usage_day WHERE ${ofDay}`,
    values,
  );
  if (sizes[0]!.n <= 2 * keptKeys) return;
  const { rows } = await client.query<UsageRow>(
    `DELETE FROM usage_day WHERE ${ofDay} AND key NOT IN (SELECT key FROM usage_day WHERE ${ofDay} AND key <> '' ORDER BY runs DESC, key LIMIT $4)
     RETURNING ${COLUMNS}`,
    [...values, keptKeys],
  );
  const rest: UsageRow = { workspaceId, day, kind, key: OTHER_KEYS, ...noUsage() };
  for (const row of rows) addUsage(rest, row);
  await writeRows(client, [rest]);
}

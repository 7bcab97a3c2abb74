import type { Pool } from 'pg';
import { allRows } from '../statements/scope.ts';
import type { Registered } from '../tools/tool-row.ts';

/** The graphile-worker task that reads due tool lists, in one process at a time. */
export const LISTS_TASK = 'lists';

/** An integration with a due tool list. `lease`: no other process reads it until then. */
export type DueList = Registered & { workspaceId: string; lease: Date };

/** Lists are read daily, and at most once a minute regardless of the server. */
const ABOUT_A_DAY = `interval '20 hours' + random() * interval '8 hours'`;
const MIN_PAUSE = `interval '1 minute'`;
/** Longer than reading a list takes. */
const LEASE = `interval '3 minutes'`;
const MS = `interval '1 millisecond'`;

/** The hash and lifetime of a list, and the lease under which it was read. */
export type ListState = { sha256: string; ttlMs?: number; lease?: Date };

/**
 * SQL assignments after a list was read. A request for a new read during the read stays pending.
 * @param n number of the first of three parameters: `listValues`
 */
export const listReadColumns = (
  n: number,
): string => `listed_at = clock_timestamp(), list_failures = 0, list_sha256 = $${n}::text,
  list_stale_at = clock_timestamp() + greatest($${n + 1}::float8 * ${MS}, ${MIN_PAUSE}),
  list_at = CASE WHEN list_at <> $${n + 2}::timestamptz THEN list_at ELSE clock_timestamp() + ${ABOUT_A_DAY} END`;

export const listReadValues = (list: ListState | undefined): unknown[] => [
  list?.sha256 ?? null,
  // 0 is a library default, not a statement of the server.
  list?.ttlMs ? list.ttlMs : null,
  list?.lease ?? null,
];

/** Schedules an early read of a list, unless the server fails. Returns whether this changed anything. */
export async function requestListRead(
  pool: Pool,
  workspaceId: string,
  customerIntegrationId: string,
): Promise<boolean> {
  const { rows } = await pool.query<{ at: Date }>({
    name: 'list_want',
    text: `UPDATE integration SET list_at = greatest(clock_timestamp(), listed_at + ${MIN_PAUSE})
      WHERE workspace_id = $1 AND customer_integration_id = $2 AND kind = 'mcp' AND active AND list_failures = 0
        AND (list_at IS NULL OR list_at > greatest(clock_timestamp(), listed_at + ${MIN_PAUSE}))
      RETURNING list_at AS at`,
    values: [workspaceId, customerIntegrationId],
  });
  if (!rows[0]) return false;
  await pool.query(
    `SELECT graphile_worker.add_job($1, queue_name => $1, run_at => $2, max_attempts => 1, job_key => $3)`,
    [LISTS_TASK, rows[0].at, `${LISTS_TASK}:${workspaceId}:${customerIntegrationId}`],
  );
  return true;
}

/** Leases due lists, first one of each workspace. */
export const leaseDueLists = (pool: Pool, limit: number): Promise<DueList[]> =>
  allRows<DueList>(pool, {
    name: 'lists_take',
    text: `WITH due AS (
        SELECT workspace_id, customer_integration_id, list_at, row_number() OVER (PARTITION BY workspace_id ORDER BY list_at) AS n
        FROM integration WHERE kind = 'mcp' AND active AND list_at <= clock_timestamp()
      ), chosen AS (SELECT * FROM due ORDER BY n, list_at LIMIT $1)
      UPDATE integration i SET list_at = clock_timestamp() + ${LEASE}, listed_at = clock_timestamp() FROM chosen c
      WHERE i.workspace_id = c.workspace_id AND i.customer_integration_id = c.customer_integration_id AND i.list_at = c.list_at
      RETURNING i.workspace_id AS "workspaceId", i.customer_integration_id AS "customerIntegrationId",
        i.registration_id AS "registrationId", i.list_at AS lease`,
    values: [limit],
  });

const registrationKey = (due: DueList) => [due.workspaceId, due.customerIntegrationId, due.registrationId];
const REGISTRATION_KEY = 'workspace_id = $1 AND customer_integration_id = $2 AND registration_id = $3';

/** Records an unchanged list. Returns false if it has changed, or the registration is gone. */
export async function recordUnchangedList(pool: Pool, due: DueList, list: ListState): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'list_same',
    text: `UPDATE integration SET ${listReadColumns(4)} WHERE ${REGISTRATION_KEY} AND list_sha256 = $4`,
    values: [...registrationKey(due), ...listReadValues({ ...list, lease: due.lease })],
  });
  return rowCount === 1;
}

/** Records a failed read. The next read follows after a pause that doubles, up to a day. */
export async function recordFailedListRead(pool: Pool, due: DueList): Promise<void> {
  await pool.query({
    name: 'list_failed',
    text: `UPDATE integration SET list_failures = list_failures + 1,
        list_at = clock_timestamp() + least(interval '1 day', ${MIN_PAUSE} * power(2, least(list_failures, 11))) * (0.75 + random() / 2)
      WHERE ${REGISTRATION_KEY}`,
    values: registrationKey(due),
  });
}

/** The graphile-worker task that reads the tools of an MCP server. */
export const TOOLS_TASK = 'read_tools';
/** Pauses: 1 s, 3 s, 7 s, 20 s, 55 s. */
const MAX_ATTEMPTS = 6;

export type ToolsJob = { workspaceId: string; customerIntegrationId: string; userId: string };

/** Adds a job unless one is waiting for the same integration. */
export async function addToolsJob(pool: Pool, job: ToolsJob): Promise<void> {
  await pool.query(`SELECT graphile_worker.add_job($1, $2::json, max_attempts => ${MAX_ATTEMPTS}, job_key => $3)`, [
    TOOLS_TASK,
    JSON.stringify(job),
    `${TOOLS_TASK}:${job.workspaceId}:${job.customerIntegrationId}`,
  ]);
}

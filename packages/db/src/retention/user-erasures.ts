// The erasure of a user: the part of the request, and the cancellation of open runs. `erase-users.ts` removes the rest.
import { auditEntry } from '../audit/write.ts';
import type { Prisma } from '../generated/client.ts';
import { openStatuses } from '../runs/list/filter.ts';
import { newId, queryRow, queryRows, type RunScope } from '../statements/scope.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';

/** Open runs that are cancelled one after the other between two reads. */
const RUNS_AT_ONCE = 100;
/** Calls that an answer and the row list; `uncertain` counts all. */
const MAX_UNCERTAIN = 100;
const MAX_RULES = 2000;

/** A write of a cancelled run with an unknown outcome. */
export type UncertainCall = { runId: string; tool: string; toolCallId: string; since: string };

export type Erasure = {
  requestedAt: Date;
  throughId: string;
  scheduleIds: string[];
  /** Null once no run is open. */
  cancellingSince: Date | null;
  cancelled: number;
  uncertain: number;
  uncertainCalls: UncertainCall[];
  actions: string[];
};

const COLUMNS = `e.requested_at AS "requestedAt", e.through_id AS "throughId", e.schedule_ids AS "scheduleIds", e.cancelled, e.uncertain,
  e.cancelling_since AS "cancellingSince", e.uncertain_calls AS "uncertainCalls", e.actions`;

/** SQL of the runs of an erasure: runs that are not newer than the request, and late runs of the removed schedules. */
export const RUNS_OF_ERASURE = `run.workspace_id = e.workspace_id AND run.user_id = e.user_id
  AND (run.run_id <= e.through_id OR run.schedule_id = ANY(e.schedule_ids))`;

/** Removes schedules and rules, stores the erasure, and writes its audit entry. A repeated request includes newer runs. */
export async function beginErasure(
  tx: Prisma.TransactionClient,
  scoped: Pick<WorkspaceScope, 'workspaceId' | 'actor'>,
  { userId, connections }: { userId: string; connections: readonly string[] },
): Promise<void> {
  const { workspaceId } = scoped;
  // Schedules come first: a run that one creates after that is found by its id.
  const schedules = await tx.$queryRaw<{ id: string }[]>`
    DELETE FROM schedule WHERE workspace_id = ${workspaceId}::uuid AND run->>'userId' = ${userId} RETURNING schedule_id AS id`;
  const rules = await tx.$executeRaw`
    DELETE FROM approval_rule WHERE workspace_id = ${workspaceId}::uuid AND approval_rule_id IN (SELECT approval_rule_id FROM approval_rule
      WHERE workspace_id = ${workspaceId}::uuid AND user_id = ${userId} LIMIT ${MAX_RULES})`;
  const scheduleIds = schedules.map(({ id }) => id);
  // The clock of another process may be ahead, so the newest run counts too.
  await tx.$executeRaw`
    INSERT INTO user_erasure AS e (workspace_id, user_id, through_id, schedule_ids)
    VALUES (${workspaceId}::uuid, ${userId}, greatest(${newId()}::uuid, (SELECT run_id FROM run
      WHERE run.workspace_id = ${workspaceId}::uuid AND run.user_id = ${userId} ORDER BY run_id DESC LIMIT 1)), ${scheduleIds}::uuid[])
    ON CONFLICT (workspace_id, user_id) DO UPDATE SET through_id = greatest(e.through_id, excluded.through_id),
      schedule_ids = e.schedule_ids || excluded.schedule_ids, cancelling_since = coalesce(e.cancelling_since, clock_timestamp())`;
  await tx.$executeRaw`
    UPDATE user_erasure e SET actions = ARRAY(SELECT DISTINCT key FROM (
      SELECT unnest(e.actions) AS key UNION ALL SELECT a.key FROM action a JOIN run ON run.workspace_id = a.workspace_id AND run.run_id = a.run_id
      WHERE a.workspace_id = e.workspace_id AND run.user_id = e.user_id) AS k ORDER BY key LIMIT 100)
    WHERE e.workspace_id = ${workspaceId}::uuid AND e.user_id = ${userId}`;
  const counts = { connections: connections.length, schedules: schedules.length, rules };
  await tx.audit.create(auditEntry(scoped, 'user.erased', userId, counts));
}

/** Cancels a run. Resolves also if it has ended or is gone. */
export type CancelRun = (workspaceId: string, runId: string) => Promise<void>;

const OPEN_RUNS = `SELECT run.run_id AS "runId" FROM user_erasure e JOIN run ON ${RUNS_OF_ERASURE}
  WHERE e.workspace_id = $1 AND e.user_id = $2 AND run.status = ANY('{${openStatuses.join(',')}}') ORDER BY run.run_id LIMIT ${RUNS_AT_ONCE}`;

// Only once no run up to the checked id is open: a concurrent request may have included newer runs.
const END_CANCELLING = `WITH cancelled AS MATERIALIZED (
    SELECT run.run_id FROM user_erasure e JOIN run ON ${RUNS_OF_ERASURE}
    WHERE e.workspace_id = $1 AND e.user_id = $2 AND run.status = 'CANCELED' AND run.ended_at >= e.cancelling_since
  ), uncertain AS MATERIALIZED (
    SELECT l.run_id, l.tool, l.key, l.started_at FROM cancelled c JOIN ledger l ON l.workspace_id = $1 AND l.run_id = c.run_id
    WHERE l.kind = 'tool' AND l.effect = 'write' AND l.state IN ('INTENDED', 'UNCERTAIN') AND l.taken_from IS NULL
  ), listed AS (
    SELECT coalesce(jsonb_agg(jsonb_build_object('runId', run_id, 'tool', tool, 'toolCallId', key,
      'since', to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY started_at, run_id, key), '[]') AS calls
    FROM (SELECT * FROM uncertain ORDER BY started_at, run_id, key LIMIT ${MAX_UNCERTAIN}) AS first
  )
  UPDATE user_erasure e SET cancelling_since = NULL, cancelled = e.cancelled + (SELECT count(*) FROM cancelled),
    uncertain = e.uncertain + (SELECT count(*) FROM uncertain),
    uncertain_calls = jsonb_path_query_array(e.uncertain_calls || listed.calls, '$[0 to ${MAX_UNCERTAIN - 1}]')
  FROM listed WHERE e.workspace_id = $1 AND e.user_id = $2 AND e.cancelling_since IS NOT NULL AND e.through_id = $3`;

/**
 * Cancels the open runs of an erasure, in batches. Records the cancelled runs and their uncertain calls.
 * @returns the erasure; null if it has ended
 */
export async function cancelRunsOfErasure(scope: RunScope, userId: string, cancel: CancelRun): Promise<Erasure | null> {
  for (;;) {
    const erasure = await readErasure(scope, userId);
    if (!erasure) return null;
    const runs = await queryRows<{ runId: string }>(scope, { name: 'erasure_open', text: OPEN_RUNS, values: [userId] });
    for (const { runId } of runs) await cancel(scope.workspaceId, runId);
    if (runs.length > 0) continue;
    if (erasure.cancellingSince === null) return erasure;
    await queryRows(scope, { name: 'erasure_cancelled', text: END_CANCELLING, values: [userId, erasure.throughId] });
  }
}

const readErasure = (scope: RunScope, userId: string): Promise<Erasure | null> =>
  queryRow<Erasure>(scope, {
    name: 'erasure_read',
    text: `SELECT ${COLUMNS} FROM user_erasure e WHERE e.workspace_id = $1 AND e.user_id = $2`,
    values: [userId],
  });

/** The graphile-worker task that removes the data of erased users. */
export const ERASURE_TASK = 'erasures';

/** Makes a process begin with the removal now, rather than in the next minute. */
export async function addErasureJob(pool: RunScope['pool']): Promise<void> {
  await pool.query(`SELECT count(*) FROM graphile_worker.add_job($1, job_key := $1, max_attempts := 1)`, [
    ERASURE_TASK,
  ]);
}

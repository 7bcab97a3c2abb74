import type { RunHead } from './read.ts';
import type { RunScope } from './scope.ts';

/** An event as it is stored. `data` is JSON text without seq, type, run and time, which the columns hold. */
export type EventRow = { seq: number; type: string; data: string; toolCalls: string | null; createdAt: Date };

/** An event to append: `data` and `toolCalls` are JSON text. */
export type EventDraft = { type: string; data: string; toolCalls: string | null };

const columns = `seq, type, data::text AS data, tool_calls::text AS "toolCalls", created_at AS "createdAt"`;

/** Events of a run after `after`, oldest first, at most `limit`. Says nothing about whether the run exists. */
export async function readEvents(scope: RunScope, runId: string, after: number, limit: number): Promise<EventRow[]> {
  const { rows } = await scope.pool.query<EventRow>({
    name: 'events_read',
    text: `SELECT ${columns} FROM run_event WHERE workspace_id = $1 AND run_id = $2 AND seq > $3 ORDER BY seq LIMIT $4`,
    values: [scope.workspaceId, runId, after, limit],
  });
  return rows;
}

/**
 * Where a run stands, and its events after `after` at the same moment, oldest first, at most `limit`; null when the workspace has
 * no run of that id.
 */
export async function readFrom(
  scope: RunScope,
  runId: string,
  after: number,
  limit: number,
): Promise<{ head: RunHead; rows: EventRow[] } | null> {
  type Row = { head: number; status: RunHead['status'] } & (EventRow | { seq: null });
  const { rows } = await scope.pool.query<Row>({
    name: 'events_from',
    text: `SELECT run.seq AS head, run.status, e.* FROM run LEFT JOIN LATERAL (
        SELECT ${columns} FROM run_event WHERE workspace_id = $1 AND run_id = $2 AND seq > $3 ORDER BY seq LIMIT $4
      ) AS e ON true WHERE run.workspace_id = $1 AND run.run_id = $2 ORDER BY e.seq`,
    values: [scope.workspaceId, runId, after, limit],
  });
  const first = rows[0];
  if (!first) return null;
  const events = rows.flatMap(({ head: _, status: __, ...row }) => (row.seq === null ? [] : [row]));
  return { head: { seq: first.head, status: first.status }, rows: events };
}

/** The newest `limit` events of each of some runs, oldest first within a run. */
export async function readNewestEvents(
  scope: RunScope,
  runIds: readonly string[],
  limit: number,
): Promise<Map<string, EventRow[]>> {
  const { rows } = await scope.pool.query<EventRow & { runId: string }>({
    name: 'events_newest',
    text: `SELECT r.id AS "runId", e.* FROM unnest($2::uuid[]) AS r(id) CROSS JOIN LATERAL (
        SELECT ${columns} FROM run_event WHERE workspace_id = $1 AND run_id = r.id ORDER BY seq DESC LIMIT $3
      ) e ORDER BY r.id, e.seq`,
    values: [scope.workspaceId, runIds, limit],
  });
  const byRun = new Map<string, EventRow[]>(runIds.map((id) => [id, []]));
  for (const { runId, ...event } of rows) byRun.get(runId)!.push(event);
  return byRun;
}

/** How far each of some runs has come: the numbers of their newest events. Runs that do not exist are left out. */
export async function readHeads(
  pool: RunScope['pool'],
  runs: readonly { workspaceId: string; runId: string }[],
): Promise<{ runId: string; seq: number }[]> {
  const { rows } = await pool.query<{ runId: string; seq: number }>({
    name: 'events_heads',
    text: `SELECT run.run_id AS "runId", run.seq FROM unnest($1::uuid[], $2::uuid[]) AS r(w, id)
      JOIN run ON run.workspace_id = r.w AND run.run_id = r.id`,
    values: [runs.map((r) => r.workspaceId), runs.map((r) => r.runId)],
  });
  return rows;
}

/** Steps of a run whose end the log tells already. */
export async function readShownSteps(scope: RunScope, runId: string): Promise<string[]> {
  const { rows } = await scope.pool.query<{ id: string }>({
    name: 'events_steps',
    text: `SELECT DISTINCT data->'step'->>'stepId' AS id FROM run_event
      WHERE workspace_id = $1 AND run_id = $2 AND type = 'step' AND data->'step'->>'approval' <> 'PENDING'
        AND data->'step'->>'effectId' IS NULL`,
    values: [scope.workspaceId, runId],
  });
  return rows.map((row) => row.id);
}

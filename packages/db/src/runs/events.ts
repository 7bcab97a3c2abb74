import type { RunHead } from './read.ts';
import type { RunScope } from './scope.ts';

/** An event as it is stored. `data` is JSON text without seq, type, run and time, which the columns hold. */
export type EventRow = { seq: number; type: string; data: string; toolCalls: string | null; createdAt: Date };

/** An event to append: `data` and `toolCalls` are JSON text. */
export type EventDraft = { type: string; data: string; toolCalls: string | null };

/** Some events of a run, and whether there are more. */
export type EventPage = { rows: EventRow[]; more: boolean };

/** What may be read of a log: so many events, and of them so many bytes. */
export type EventLimit = { limit: number; bytes: number };

/** Tool calls of an event that are larger together are cut: those that are large by themselves are told by their sizes. */
const MAX_CALLS = 64 * 1024;
const MAX_CALL = 2048;

const calls = `CASE WHEN octet_length(tool_calls::text) <= ${MAX_CALLS} THEN tool_calls::text ELSE (
    SELECT json_agg(CASE WHEN json_typeof(c) <> 'object' OR octet_length(c::text) <= ${MAX_CALL} THEN c ELSE json_build_object(
      'large', c->>'toolCallId', 'tool', c->>'toolName', 'approval', c->'toolResult'->'approvalResult', 'bytes', octet_length(c::text)) END)::text
    FROM json_array_elements(tool_calls) AS c) END`;

// Events of `page` with what they come to in bytes, together with those before them in the given order.
const weighed = (page: string, order: string): string =>
  `SELECT e.*, row_number() OVER seen AS n, count(*) OVER ()::int AS found,
     sum(octet_length(e.data) + coalesce(octet_length(e."toolCalls"), 0)) OVER seen AS upto
   FROM (SELECT seq, type, data::text AS data, ${calls} AS "toolCalls", created_at AS "createdAt" FROM (${page}) AS page) AS e
   WINDOW seen AS (ORDER BY e.seq ${order})`;

type Found = { found: number };
const shown = `e.seq, e.type, e.data, e."toolCalls", e."createdAt", e.found`;

// The first is there whatever it comes to: who reads on gets on.
const after = `SELECT ${shown} FROM (${weighed('SELECT * FROM run_event WHERE workspace_id = $1 AND run_id = $2 AND seq > $3 ORDER BY seq LIMIT $4', '')}) AS e
  WHERE e.n = 1 OR e.upto <= $5`;

const toPage = (found: (EventRow & Found)[], limit: number): EventPage => {
  const count = found[0]?.found ?? 0;
  return { rows: found.map(({ found: _, ...row }) => row), more: count > found.length || count === limit };
};

/** Events of a run after `after`, oldest first. Says nothing about whether the run exists. */
export async function readEvents(
  scope: RunScope,
  runId: string,
  seq: number,
  { limit, bytes }: EventLimit,
): Promise<EventPage> {
  const { rows } = await scope.pool.query<EventRow & Found>({
    name: 'events_read',
    text: `${after} ORDER BY e.seq`,
    values: [scope.workspaceId, runId, seq, limit, bytes],
  });
  return toPage(rows, limit);
}

/** Where a run stands, and its events after `after` at the same moment, oldest first; null when the workspace has no run of that id. */
export async function readFrom(
  scope: RunScope,
  runId: string,
  seq: number,
  { limit, bytes }: EventLimit,
): Promise<({ head: RunHead } & EventPage) | null> {
  type Row = { head: number; status: RunHead['status'] } & ((EventRow & Found) | { seq: null });
  const { rows } = await scope.pool.query<Row>({
    name: 'events_from',
    text: `SELECT run.seq AS head, run.status, e.* FROM run LEFT JOIN LATERAL (${after}) AS e ON true
      WHERE run.workspace_id = $1 AND run.run_id = $2 ORDER BY e.seq`,
    values: [scope.workspaceId, runId, seq, limit, bytes],
  });
  const first = rows[0];
  if (!first) return null;
  const events = rows.flatMap(({ head: _, status: __, ...row }) => (row.seq === null ? [] : [row]));
  return { head: { seq: first.head, status: first.status }, ...toPage(events, limit) };
}

/** The newest events of a run as far as they have room, oldest first; `found` counts those that there are within the limit. */
export type NewestEvents = { rows: EventRow[]; found: number };

/** The newest `limit` events of each of some runs, oldest first within a run. @param runs with the bytes that each may have */
export async function readNewestEvents(
  scope: RunScope,
  runs: readonly { runId: string; bytes: number }[],
  limit: number,
): Promise<Map<string, NewestEvents>> {
  const ids = runs.map(({ runId }) => runId);
  const { rows } = await scope.pool.query<EventRow & Found & { runId: string; fits: boolean }>({
    name: 'events_newest',
    text: `SELECT r.id AS "runId", e.upto <= r.bytes AS fits, e.seq, e.type, CASE WHEN e.upto <= r.bytes THEN e.data END AS data,
        CASE WHEN e.upto <= r.bytes THEN e."toolCalls" END AS "toolCalls", e."createdAt", e.found
      FROM unnest($2::uuid[], $4::int[]) AS r(id, bytes) CROSS JOIN LATERAL (
        ${weighed('SELECT * FROM run_event WHERE workspace_id = $1 AND run_id = r.id ORDER BY seq DESC LIMIT $3', 'DESC')}
      ) AS e WHERE e.n = 1 OR e.upto <= r.bytes ORDER BY r.id, e.seq`,
    values: [scope.workspaceId, ids, limit, runs.map(({ bytes }) => bytes)],
  });
  const byRun = new Map<string, NewestEvents>(ids.map((id) => [id, { rows: [], found: 0 }]));
  for (const { runId, fits, found, ...event } of rows) {
    const own = byRun.get(runId)!;
    own.found = found;
    if (fits) own.rows.push(event);
  }
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

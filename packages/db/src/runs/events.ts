import { fieldArrays } from '../statements/columns.ts';
import { allRows, queryRows, type RunScope } from '../statements/scope.ts';
import type { RunHead } from './row.ts';

/** A stored event. `data` is JSON text without seq, type, run and time, which have their own columns. */
export type EventRow = { seq: number; type: string; data: string; toolCalls: string | null; createdAt: Date };

/** An event to append: `data` and `toolCalls` are JSON text. */
export type EventDraft = { type: string; data: string; toolCalls: string | null };

export type EventPage = { rows: EventRow[]; hasMore: boolean };

export type EventLimit = { limit: number; bytes: number };

/** If the tool calls of an event exceed this sum, the large ones are replaced by their sizes. */
const MAX_CALLS_BYTES = 64 * 1024;
const MAX_CALL_BYTES = 2048;

const CALLS = `CASE WHEN octet_length(tool_calls::text) <= ${MAX_CALLS_BYTES} THEN tool_calls::text ELSE (
    SELECT json_agg(CASE WHEN json_typeof(c) <> 'object' OR octet_length(c::text) <= ${MAX_CALL_BYTES} THEN c ELSE json_build_object(
      'large', c->>'toolCallId', 'tool', c->>'toolName', 'approval', c->'toolResult'->'approvalResult', 'bytes', octet_length(c::text)) END)::text
    FROM json_array_elements(tool_calls) AS c) END`;

// Events of `page`, with the running total of their bytes in `order`.
const withRunningBytes = (page: string, order: string): string =>
  `SELECT e.*, row_number() OVER seen AS n, count(*) OVER ()::int AS total,
     sum(octet_length(e.data) + coalesce(octet_length(e."toolCalls"), 0)) OVER seen AS upto
   FROM (SELECT seq, type, data::text AS data, ${CALLS} AS "toolCalls", created_at AS "createdAt" FROM (${page}) AS page) AS e
   WINDOW seen AS (ORDER BY e.seq ${order})`;

type PageCount = { total: number };
const EVENT_COLUMNS = `e.seq, e.type, e.data, e."toolCalls", e."createdAt", e.total`;

// The first event is read regardless of its size, so that a reader always makes progress.
const AFTER = `SELECT ${EVENT_COLUMNS} FROM (${withRunningBytes('SELECT * FROM run_event WHERE workspace_id = $1 AND run_id = $2 AND seq > $3 ORDER BY seq LIMIT $4', '')}) AS e
  WHERE e.n = 1 OR e.upto <= $5`;

const toPage = (events: (EventRow & PageCount)[], limit: number): EventPage => {
  const count = events[0]?.total ?? 0;
  return { rows: events.map(({ total: _, ...row }) => row), hasMore: count > events.length || count === limit };
};

/** Reads events of a run after `seq`, oldest first; empty if the run does not exist. */
export async function readEvents(
  scope: RunScope,
  runId: string,
  seq: number,
  { limit, bytes }: EventLimit,
): Promise<EventPage> {
  const rows = await queryRows<EventRow & PageCount>(scope, {
    name: 'events_read',
    text: `${AFTER} ORDER BY e.seq`,
    values: [runId, seq, limit, bytes],
  });
  return toPage(rows, limit);
}

/** Reads events of a run between two numbers, newest first. */
export async function readEventsBackwards(
  scope: RunScope,
  runId: string,
  { after, before }: { after: number; before: number },
  { limit, bytes }: EventLimit,
): Promise<EventPage> {
  const page =
    'SELECT * FROM run_event WHERE workspace_id = $1 AND run_id = $2 AND seq > $3 AND seq < $4 ORDER BY seq DESC LIMIT $5';
  const rows = await queryRows<EventRow & PageCount>(scope, {
    name: 'events_backwards',
    text: `SELECT ${EVENT_COLUMNS} FROM (${withRunningBytes(page, 'DESC')}) AS e WHERE e.n = 1 OR e.upto <= $6 ORDER BY e.seq DESC`,
    values: [runId, after, before, limit, bytes],
  });
  return toPage(rows, limit);
}

/** A run of any workspace, and the number of an event. */
export type LogPosition = { workspaceId: string; runId: string; seq: number };

/** Reads events of several runs after their positions, oldest first, in one statement. @param limit that of each run */
export async function readEventsOfRuns(
  pool: RunScope['pool'],
  positions: readonly LogPosition[],
  { limit, bytes }: EventLimit,
): Promise<EventPage[]> {
  const after = AFTER.replace('$1', 'r.w').replace('$2', 'r.id').replace('$3', 'r.seq');
  const rows = await allRows<EventRow & PageCount & { at: number }>(pool, {
    name: 'events_of_runs',
    text: `SELECT r.at::int - 1 AS at, e.* FROM unnest($1::uuid[], $2::uuid[], $3::int[]) WITH ORDINALITY AS r(w, id, seq, at)
      CROSS JOIN LATERAL (${after}) AS e ORDER BY r.at, e.seq`,
    values: [...fieldArrays(positions, 'workspaceId', 'runId', 'seq'), limit, bytes],
  });
  const pages = positions.map((): (EventRow & PageCount)[] => []);
  for (const { at, ...row } of rows) pages[at]!.push(row);
  return pages.map((page) => toPage(page, limit));
}

/** Reads the status of a run and its events after `seq` in one snapshot, oldest first; null if the run does not exist. */
export async function readHeadAndEvents(
  scope: RunScope,
  runId: string,
  seq: number,
  { limit, bytes }: EventLimit,
): Promise<({ head: RunHead } & EventPage) | null> {
  type HeadRow = { head: number; status: RunHead['status'] } & ((EventRow & PageCount) | { seq: null });
  const rows = await queryRows<HeadRow>(scope, {
    name: 'events_from',
    text: `SELECT run.seq AS head, run.status, e.* FROM run LEFT JOIN LATERAL (${AFTER}) AS e ON true
      WHERE run.workspace_id = $1 AND run.run_id = $2 ORDER BY e.seq`,
    values: [runId, seq, limit, bytes],
  });
  const first = rows[0];
  if (!first) return null;
  const events = rows.flatMap(({ head: _, status: __, ...row }) => (row.seq === null ? [] : [row]));
  return { head: { seq: first.head, status: first.status }, ...toPage(events, limit) };
}

/** The newest events of a run that fit, oldest first; `total` counts all within the limit. */
export type NewestEvents = { rows: EventRow[]; total: number };

/** Reads the newest `limit` events of each run, oldest first. @param runs run ids with their byte limits */
export async function readNewestEvents(
  scope: RunScope,
  runs: readonly { runId: string; bytes: number }[],
  limit: number,
): Promise<Map<string, NewestEvents>> {
  const ids = runs.map(({ runId }) => runId);
  const rows = await queryRows<EventRow & PageCount & { runId: string; fits: boolean }>(scope, {
    name: 'events_newest',
    text: `SELECT r.id AS "runId", e.upto <= r.bytes AS fits, e.seq, e.type, CASE WHEN e.upto <= r.bytes THEN e.data END AS data,
        CASE WHEN e.upto <= r.bytes THEN e."toolCalls" END AS "toolCalls", e."createdAt", e.total
      FROM unnest($2::uuid[], $4::int[]) AS r(id, bytes) CROSS JOIN LATERAL (
        ${withRunningBytes('SELECT * FROM run_event WHERE workspace_id = $1 AND run_id = r.id ORDER BY seq DESC LIMIT $3', 'DESC')}
      ) AS e WHERE e.n = 1 OR e.upto <= r.bytes ORDER BY r.id, e.seq`,
    values: [ids, limit, runs.map(({ bytes }) => bytes)],
  });
  const byRun = new Map<string, NewestEvents>(ids.map((id) => [id, { rows: [], total: 0 }]));
  for (const { runId, fits, total: count, ...event } of rows) {
    const newest = byRun.get(runId)!;
    newest.total = count;
    if (fits) newest.rows.push(event);
  }
  return byRun;
}

/** Reads the number of the newest event of each run; runs that do not exist are omitted. */
export const readHeads = (
  pool: RunScope['pool'],
  runs: readonly { workspaceId: string; runId: string }[],
): Promise<{ runId: string; seq: number }[]> =>
  allRows<{ runId: string; seq: number }>(pool, {
    name: 'events_heads',
    text: `SELECT run.run_id AS "runId", run.seq FROM unnest($1::uuid[], $2::uuid[]) AS r(w, id)
      JOIN run ON run.workspace_id = r.w AND run.run_id = r.id`,
    values: fieldArrays(runs, 'workspaceId', 'runId'),
  });

export async function readReportedSteps(scope: RunScope, runId: string): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(scope, {
    name: 'events_steps',
    text: `SELECT DISTINCT data->'step'->>'stepId' AS id FROM run_event
      WHERE workspace_id = $1 AND run_id = $2 AND type = 'step' AND data->'step'->>'approval' <> 'PENDING'
        AND data->'step'->>'effectId' IS NULL`,
    values: [runId],
  });
  return rows.map((row) => row.id);
}

/** The state in which each step of a run ended, as its event reports it. */
export async function readStepStates(scope: RunScope, runId: string): Promise<Map<string, string>> {
  const rows = await queryRows<{ id: string; state: string | null }>(scope, {
    name: 'events_step_states',
    text: `SELECT data->'step'->>'stepId' AS id, data->'step'->>'state' AS state FROM run_event
      WHERE workspace_id = $1 AND run_id = $2 AND type = 'step' AND data->'step'->>'approval' <> 'PENDING'
        AND data->'step'->>'effectId' IS NULL ORDER BY seq`,
    values: [runId],
  });
  return new Map(rows.map(({ id, state }) => [id, state ?? '']));
}

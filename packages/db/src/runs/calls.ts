import type { RunScope } from './scope.ts';

/** What was given to a call and what it answered, as JSON texts; null where they have no room, or are no longer kept. */
export type CallText = {
  tool: string | null;
  args: string | null;
  output: string | null;
  /** Of both together, as they are stored. */
  bytes: number;
  /** Their time is over, or the ledger has no such call. */
  gone: boolean;
};

/** A call that an event refers to by its ledger key. */
export type CallRef = { runId: string; key: string };

/**
 * What some calls were given and answered, in the order in which they are asked for.
 * @param room how many bytes are read for each run: of its first calls as long as they fit
 */
export async function readCallTexts(
  scope: RunScope,
  calls: readonly CallRef[],
  room: ReadonlyMap<string, number>,
): Promise<CallText[]> {
  if (calls.length === 0) return [];
  const { rows } = await scope.pool.query<CallText>({
    name: 'ledger_texts',
    text: `SELECT tool, CASE WHEN upto <= room THEN args::text END AS args,
        CASE WHEN upto <= room AND args IS NOT NULL THEN coalesce(output::text, 'null') END AS output, bytes, args IS NULL AS gone
      FROM (
        SELECT w.n, w.room, l.tool, l.args, l.output, coalesce(l.args_bytes + coalesce(l.output_bytes, 4), 0) AS bytes,
          sum(l.args_bytes + coalesce(l.output_bytes, 4)) OVER (PARTITION BY w.run_id ORDER BY w.n) AS upto
        FROM unnest($2::uuid[], $3::text[], $4::int[]) WITH ORDINALITY AS w(run_id, key, room, n)
        LEFT JOIN ledger l ON l.workspace_id = $1 AND l.run_id = w.run_id AND l.key = w.key
      ) AS c ORDER BY n`,
    values: [
      scope.workspaceId,
      calls.map(({ runId }) => runId),
      calls.map(({ key }) => key),
      calls.map(({ runId }) => room.get(runId) ?? 0),
    ],
  });
  return rows;
}

/** How an event shows a call: the whole of it, or by reference to the ledger with what was decided about it, if it was. JSON texts. */
export type RenderedCall = { whole: string | null; approval: string | null };

/** What the newest event that shows a call says of it; null when none does. */
export async function readRenderedCall(
  scope: RunScope,
  runId: string,
  toolCallId: string,
): Promise<RenderedCall | null> {
  const { rows } = await scope.pool.query<RenderedCall>({
    name: 'event_call',
    text: `SELECT CASE WHEN json_typeof(c) = 'object' AND c->'ref' IS NULL THEN c::text END AS whole,
        CASE WHEN json_typeof(c) = 'object' THEN (c->'approval')::text END AS approval
      FROM run_event e, json_array_elements(e.tool_calls) AS c
      WHERE e.workspace_id = $1 AND e.run_id = $2 AND e.type = 'step' AND e.tool_calls IS NOT NULL
        AND e.data->'step'->>'stepId' = split_part($3, '.', 1)
        AND CASE json_typeof(c) WHEN 'string' THEN c #>> '{}' ELSE coalesce(c->>'ref', c->>'toolCallId') END = $3
      ORDER BY e.seq DESC LIMIT 1`,
    values: [scope.workspaceId, runId, toolCallId],
  });
  return rows[0] ?? null;
}

import { type RunScope, rowOf, rowsOf } from './scope.ts';

/** The arguments and output of a call, as JSON texts; null when they do not fit or are no longer kept. */
export type CallText = {
  tool: string | null;
  args: string | null;
  output: string | null;
  /** Bytes of arguments and output together. */
  bytes: number;
  /** The texts were removed by age, or the ledger has no such call. */
  gone: boolean;
};

/** A call that an event refers to by its ledger key. */
export type CallRef = { runId: string; key: string };

/**
 * The arguments and outputs of calls, in the order of `calls`.
 * @param room bytes that may be read for each run; its first calls are read as long as they fit
 */
export async function readCallTexts(
  scope: RunScope,
  calls: readonly CallRef[],
  room: ReadonlyMap<string, number>,
): Promise<CallText[]> {
  if (calls.length === 0) return [];
  return rowsOf<CallText>(scope, {
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
      calls.map(({ runId }) => runId),
      calls.map(({ key }) => key),
      calls.map(({ runId }) => room.get(runId) ?? 0),
    ],
  });
}

/** How an event shows a call, as JSON texts: `whole`, or by its ledger key with its `approval`, if there was one. */
export type RenderedCall = { whole: string | null; approval: string | null };

/** A call as the newest event that shows it; null when no event does. */
export async function readRenderedCall(
  scope: RunScope,
  runId: string,
  toolCallId: string,
): Promise<RenderedCall | null> {
  return rowOf<RenderedCall>(scope, {
    name: 'event_call',
    text: `SELECT CASE WHEN json_typeof(c) = 'object' AND c->'ref' IS NULL THEN c::text END AS whole,
        CASE WHEN json_typeof(c) = 'object' THEN (c->'approval')::text END AS approval
      FROM run_event e, json_array_elements(e.tool_calls) AS c
      WHERE e.workspace_id = $1 AND e.run_id = $2 AND e.type = 'step' AND e.tool_calls IS NOT NULL
        AND e.data->'step'->>'stepId' = split_part($3, '.', 1)
        AND CASE json_typeof(c) WHEN 'string' THEN c #>> '{}' ELSE coalesce(c->>'ref', c->>'toolCallId') END = $3
      ORDER BY e.seq DESC LIMIT 1`,
    values: [runId, toolCallId],
  });
}

import { isoText } from '../statements/iso-text.ts';
import { queryRow, queryRows, type RunScope } from '../statements/scope.ts';

/** The arguments and output of a call, as JSON texts; null if they exceed the byte limit or are no longer stored. */
export type CallText = {
  tool: string | null;
  args: string | null;
  output: string | null;
  bytes: number;
  /** The texts were removed by age, or the call is not in the ledger. */
  isRemoved: boolean;
  /** State, effect, times, attempts and usage, as a JSON object; null if the call is not in the ledger. */
  facts: string | null;
  /** CallAttempts; null if there was only one, or if they do not fit. */
  attemptTimes: string | null;
  request: string | null;
};

/** SQL of the path of a tool's requests, from `tool` as t and `integration` as i. */
export const REQUEST_PATH = `rtrim(regexp_replace(i.base_url, '^[a-z]+://[^/?#]*', ''), '/') || t.path`;

// Tokens of argument values that a model wrote for the call. Their ledger keys have the prefix `fill:` and the key of the call.
const TOKENS = `(SELECT json_build_object('inputTokens', sum(f.input_tokens), 'outputTokens', sum(f.output_tokens)) FROM ledger f
  WHERE f.workspace_id = $1 AND f.run_id = w.run_id AND f.key > 'fill:' || w.key || ':' AND f.key < 'fill:' || w.key || ';'
  HAVING sum(f.input_tokens + f.output_tokens) > 0)`;
const FACTS = `CASE WHEN l.key IS NOT NULL THEN json_strip_nulls(json_build_object('state', CASE l.state WHEN 'REFUSED' THEN 'failed' ELSE lower(l.state) END,
  'effect', l.effect, 'startedAt', ${isoText('l.started_at')}, 'endedAt', ${isoText('l.finished_at')}, 'attempts', l.attempts, 'status', l.status, 'idempotencyKey', l.idempotency_key,
  'takenFrom', l.taken_from, 'usage', ${TOKENS}))::text END`;
const REQUEST = `CASE WHEN t.method IS NOT NULL THEN json_build_object('method', t.method, 'host', i.host, 'path', ${REQUEST_PATH})::text END`;

export type CallRef = { runId: string; key: string };

/**
 * Reads the arguments and outputs of calls, in the order of `calls`.
 * @param maxBytes bytes to read for each run; its first calls are read while they fit
 */
export async function readCallTexts(
  scope: RunScope,
  calls: readonly CallRef[],
  maxBytes: ReadonlyMap<string, number>,
): Promise<CallText[]> {
  if (calls.length === 0) return [];
  return queryRows<CallText>(scope, {
    name: 'ledger_texts',
    text: `SELECT tool, CASE WHEN upto <= max_bytes THEN args::text END AS args,
        CASE WHEN upto <= max_bytes AND args IS NOT NULL THEN coalesce(output::text, 'null') END AS output, bytes, args IS NULL AS "isRemoved", facts,
        CASE WHEN upto <= max_bytes THEN attempt_times::text END AS "attemptTimes", request
      FROM (
        SELECT w.n, w.max_bytes, l.tool, l.args, l.output, l.attempt_times, ${FACTS} AS facts, ${REQUEST} AS request, coalesce(l.args_bytes + coalesce(l.output_bytes, 4), 0) AS bytes,
          sum(l.args_bytes + coalesce(l.output_bytes, 4) + coalesce(octet_length(l.attempt_times::text), 0)) OVER (PARTITION BY w.run_id ORDER BY w.n) AS upto
        FROM unnest($2::uuid[], $3::text[], $4::int[]) WITH ORDINALITY AS w(run_id, key, max_bytes, n)
        LEFT JOIN ledger l ON l.workspace_id = $1 AND l.run_id = w.run_id AND l.key = w.key
        LEFT JOIN integration i ON i.workspace_id = $1 AND i.customer_integration_id = split_part(l.tool, '.', 1) AND i.created_at <= l.started_at
        LEFT JOIN tool t ON t.workspace_id = $1 AND t.customer_integration_id = i.customer_integration_id
          AND t.operation = split_part(l.tool, '.', 2)
      ) AS c ORDER BY n`,
    values: [
      calls.map(({ runId }) => runId),
      calls.map(({ key }) => key),
      calls.map(({ runId }) => maxBytes.get(runId) ?? 0),
    ],
  });
}

/** A call in an event, as JSON texts: `call`, or its `approval` if the event contains only the ledger key. */
export type RenderedCall = { call: string | null; approval: string | null };

/** Reads a call from the newest event that contains it; null if none does. */
export const readRenderedCall = (scope: RunScope, runId: string, toolCallId: string): Promise<RenderedCall | null> =>
  queryRow<RenderedCall>(scope, {
    name: 'event_call',
    text: `SELECT CASE WHEN json_typeof(c) = 'object' AND c->'ref' IS NULL THEN c::text END AS call,
        CASE WHEN json_typeof(c) = 'object' THEN (c->'approval')::text END AS approval
      FROM run_event e, json_array_elements(e.tool_calls) AS c
      WHERE e.workspace_id = $1 AND e.run_id = $2 AND e.type = 'step' AND e.tool_calls IS NOT NULL
        AND e.data->'step'->>'stepId' = split_part($3, '.', 1)
        AND CASE json_typeof(c) WHEN 'string' THEN c #>> '{}' ELSE coalesce(c->>'ref', c->>'toolCallId') END = $3
      ORDER BY e.seq DESC LIMIT 1`,
    values: [runId, toolCallId],
  });

// Words of results and errors, for lists by text. A periodic task adds them, so that the transaction that ends a run stays small.
import type { Pool, PoolClient } from 'pg';
import { queryRows, type RunScope, withTransaction } from '../../statements/scope.ts';
import { SEARCHED_CHARACTERS, wordsOf } from './words.ts';

const RUNS_AT_ONCE = 500;
/** Results beyond this size are not read, and of the others only the first characters. */
const MAX_RESULT_BYTES = 2 ** 20;
const READ_CHARACTERS = 20_000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

type EndedRun = {
  workspaceId: string;
  runId: string;
  endedAt: Date;
  /** The begin of the JSON text. */
  result: string | null;
  message: string | null;
};

/**
 * `ended_at` of a run precedes the visibility of its transaction, so each call begins this long before the end of the last one.
 * A transaction that ends a run takes at most the time limits of its few statements.
 */
const OVERLAP = "interval '30 seconds'";

const NEXT = `SELECT run.workspace_id AS "workspaceId", run.run_id AS "runId", run.ended_at AS "endedAt",
    CASE WHEN run.result_bytes <= ${MAX_RESULT_BYTES} THEN left(run.result::text, ${READ_CHARACTERS}) END AS result,
    CASE WHEN run.outputs_removed_at IS NULL THEN left(run.error->>'message', ${SEARCHED_CHARACTERS}) END AS message
  FROM run WHERE run.ended_at IS NOT NULL AND (run.ended_at, run.run_id) > ($1::timestamptz, $2::uuid)
  ORDER BY run.ended_at, run.run_id LIMIT $3`;

const MARK = `SELECT through_at - ${OVERLAP} AS at FROM retention WHERE kind = 'result_words' FOR UPDATE SKIP LOCKED`;

type Position = { at: Date; id: string };
type Batch = { runs: number; last: Position | undefined };

/** Adds the words of runs that ended since the last call. @returns the number of runs that were read */
export async function addResultWords(
  pool: Pool,
  signal: AbortSignal,
  { atOnce = RUNS_AT_ONCE }: { atOnce?: number } = {},
): Promise<number> {
  let total = 0;
  let batch: Batch = { runs: atOnce, last: undefined };
  while (batch.runs === atOnce && !signal.aborted) {
    const { last } = batch;
    batch = await withTransaction(pool, (client) => addNext(client, last, atOnce));
    total += batch.runs;
  }
  return total;
}

async function addNext(client: PoolClient, after: Position | undefined, atOnce: number): Promise<Batch> {
  // One process adds words at a time.
  const mark = (await client.query<{ at: Date }>(MARK)).rows[0];
  if (!mark) return { runs: 0, last: undefined };
  const { at, id } = after ?? { at: mark.at, id: FIRST_ID };
  const { rows } = await client.query<EndedRun>(NEXT, [at, id, atOnce]);
  const end = rows.at(-1);
  if (!end) return { runs: 0, last: after };
  const texts = rows.map(({ workspaceId, runId, result, message }) => ({
    workspaceId,
    runId,
    texts: result === null ? '' : textsOf(result),
    message: message ?? '',
  }));
  const found = texts.filter(({ texts, message }) => texts !== '' || message !== '');
  await client.query(
    `UPDATE run_text t SET words = n.words FROM json_to_recordset($1::json) AS r("workspaceId" uuid, "runId" uuid, texts text, message text)
      JOIN run_text o ON o.workspace_id = r."workspaceId" AND o.run_id = r."runId"
      CROSS JOIN LATERAL (SELECT o.words || ${wordsOf('o.workspace_id', 'r.texts')} || ${wordsOf('o.workspace_id', 'r.message')} AS words) AS n
      WHERE t.workspace_id = o.workspace_id AND t.run_id = o.run_id AND t.words <> n.words`,
    [JSON.stringify(found)],
  );
  const move = `UPDATE retention SET through_at = greatest(through_at, $1), through_id = $2 WHERE kind = 'result_words'`;
  await client.query(move, [end.endedAt, end.runId]);
  return { runs: rows.length, last: { at: end.endedAt, id: end.runId } };
}

// A string of JSON; the last one may be cut off. A colon follows the names of members.
const STRING = /"((?:[^"\\]|\\.)*)(?:"\s*(:)?|\\?$)/gs;

/** The first characters of the texts in a JSON value, without the names of members. @param json its JSON text, or the begin of it */
export function textsOf(json: string): string {
  let texts = '';
  for (const [, literal = '', colon] of json.matchAll(STRING)) {
    if (texts.length >= SEARCHED_CHARACTERS) break;
    if (colon === undefined) texts += `${texts === '' ? '' : ' '}${unescaped(literal)}`;
  }
  return texts.slice(0, SEARCHED_CHARACTERS).toWellFormed();
}

const unescaped = (literal: string): string => JSON.parse(`"${literal.replace(/\\u[0-9a-f]{0,3}$/i, '')}"`) as string;

/** SQL that sets the words of runs to those of their intents. @param runs a FROM item with workspace_id and run_id */
export const forgetWords = (runs: string): string => `UPDATE run_text t SET words = i.words FROM ${runs} AS s
  JOIN run r ON r.workspace_id = s.workspace_id AND r.run_id = s.run_id
  CROSS JOIN LATERAL (SELECT ${wordsOf('r.workspace_id', 'r.intent')} AS words) AS i
  WHERE t.workspace_id = s.workspace_id AND t.run_id = s.run_id AND t.words <> i.words`;

const FORGET_USER = `WITH next AS MATERIALIZED (
    SELECT workspace_id, run_id FROM run WHERE workspace_id = $1 AND user_id = $2 AND run_id > $3::uuid ORDER BY run_id LIMIT $4
  ), forgotten AS (${forgetWords('next')})
  SELECT run_id AS "runId" FROM next ORDER BY run_id DESC LIMIT 1`;

/** Removes the words of the results and errors of a user's runs, in small transactions. */
export async function forgetResultWords(scope: RunScope, userId: string, atOnce = RUNS_AT_ONCE): Promise<void> {
  for (let after: string | undefined = FIRST_ID; after !== undefined; ) {
    const values: unknown[] = [userId, after, atOnce];
    const rows: { runId: string }[] = await queryRows(scope, { name: 'run_words_forget', text: FORGET_USER, values });
    after = rows[0]?.runId;
  }
}

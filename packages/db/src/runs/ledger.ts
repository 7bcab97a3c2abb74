import type { Json, RunError } from '@errand/contracts';
import { jsonText } from './json.ts';
import type { RunScope } from './scope.ts';

/** INTENDED: a write is about to be sent. UNCERTAIN: it was sent and nobody knows what came of it. REFUSED: it did
 *  not happen, and may be made again. */
export type LedgerState = 'INTENDED' | 'DONE' | 'FAILED' | 'UNCERTAIN' | 'SKIPPED' | 'REFUSED';

type LedgerError = { code: string; message: string; retryable?: boolean } | RunError;

/** One model call or tool call of a run. What is DONE or FAILED is never done again: it is read back. */
export type LedgerEntry = {
  /** Unique within the run, e.g. `owners.2` for the third item of step owners. */
  key: string;
  kind: 'tool' | 'model';
  stepId: string | null;
  iteration: number;
  tool: string | null;
  args: Json;
  argsSha256: string;
  effect: 'read' | 'write';
  state: LedgerState;
  output?: Json;
  error?: LedgerError;
  idempotencyKey: string | null;
  attempts: number;
  inputTokens?: number;
  outputTokens?: number;
};

/** A ledger entry as read back. */
export type LedgerRow = {
  key: string;
  kind: 'tool' | 'model';
  stepId: string | null;
  iteration: number;
  tool: string | null;
  args: Json;
  argsSha256: string;
  effect: 'read' | 'write';
  state: LedgerState;
  output: Json | null;
  error: LedgerError | null;
  idempotencyKey: string | null;
  attempts: number;
  epoch: number;
};

const json = (value: unknown): string | null => (value === undefined ? null : jsonText(value));

/** Parameters of `ledgerUpsert`, in its order. */
export const ledgerValues = (entries: readonly LedgerEntry[], epoch: number): unknown[] => [
  entries.map((e) => e.key),
  entries.map((e) => e.kind),
  entries.map((e) => e.stepId),
  entries.map((e) => e.iteration),
  entries.map((e) => e.tool),
  entries.map((e) => json(e.args)),
  entries.map((e) => e.argsSha256),
  entries.map((e) => e.effect),
  entries.map((e) => e.state),
  entries.map((e) => json(e.output)),
  entries.map((e) => json(e.error)),
  entries.map((e) => e.idempotencyKey),
  entries.map((e) => e.attempts),
  entries.map((e) => e.inputTokens ?? 0),
  entries.map((e) => e.outputTokens ?? 0),
  epoch,
];

const casts = [
  'text',
  'text',
  'text',
  'int',
  'text',
  'text',
  'text',
  'text',
  'text',
  'text',
  'text',
  'text',
  'int',
  'int',
  'int',
];

/** The insert-or-finish of ledger entries, for every row of `source` (one row: the run was moved); `n` is its first parameter. */
export const ledgerUpsert = (source: string, n: number): string => `
  INSERT INTO ledger AS l (workspace_id, run_id, key, kind, step_id, iteration, tool, args, args_sha256, effect, state, output, error,
    idempotency_key, attempts, input_tokens, output_tokens, epoch, finished_at)
  SELECT $1, $2, e.key, e.kind, e.step_id, e.iteration, e.tool, e.args::json, e.args_sha256, e.effect, e.state, e.output::json,
    e.error::json, e.idempotency_key, e.attempts, e.input_tokens, e.output_tokens, $${n + casts.length}::int,
    CASE WHEN e.state <> 'INTENDED' THEN clock_timestamp() END
  FROM ${source}, unnest(${casts.map((type, i) => `$${n + i}::${type}[]`).join(', ')})
    AS e(key, kind, step_id, iteration, tool, args, args_sha256, effect, state, output, error, idempotency_key, attempts, input_tokens, output_tokens)
  ON CONFLICT (workspace_id, run_id, key) DO UPDATE SET state = excluded.state, tool = excluded.tool, args = excluded.args,
    args_sha256 = excluded.args_sha256, idempotency_key = excluded.idempotency_key, output = excluded.output, error = excluded.error,
    attempts = excluded.attempts, input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens,
    epoch = excluded.epoch, finished_at = excluded.finished_at`;

const ledgerColumns = `l.key, l.kind, l.step_id AS "stepId", l.iteration, l.tool, l.args, l.args_sha256 AS "argsSha256", l.effect,
  l.state, l.output, l.error, l.idempotency_key AS "idempotencyKey", l.attempts, l.epoch`;

/** The ledger of a run, in the order in which its entries were begun. */
export async function readLedger(scope: RunScope, runId: string): Promise<LedgerRow[]> {
  const { rows } = await scope.pool.query<LedgerRow>({
    name: 'ledger_read',
    text: `SELECT ${ledgerColumns} FROM ledger l WHERE l.workspace_id = $1 AND l.run_id = $2 ORDER BY l.started_at, l.key`,
    values: [scope.workspaceId, runId],
  });
  return rows;
}

/**
 * Records what came of a call that was in flight when its run ended: the answer belongs to the ledger and nothing else.
 * Touches only entries that are not finished, and that this activation began.
 */
export async function recordLate(scope: RunScope, runId: string, epoch: number, entry: LedgerEntry): Promise<void> {
  await scope.pool.query({
    name: 'ledger_late',
    text: `UPDATE ledger SET state = $4, output = $5::json, error = $6::json, finished_at = clock_timestamp()
      WHERE workspace_id = $1 AND run_id = $2 AND key = $3 AND epoch = $7::int AND state IN ('INTENDED', 'UNCERTAIN')`,
    values: [scope.workspaceId, runId, entry.key, entry.state, json(entry.output), json(entry.error), epoch],
  });
}

/** Arguments and outputs of finished calls as JSON texts, by ledger key: what events show as tool calls. Null once their time is over. */
export async function readCallTexts(
  scope: RunScope,
  runId: string,
  keys: readonly string[],
): Promise<Map<string, { tool: string; args: string | null; output: string | null }>> {
  if (keys.length === 0) return new Map();
  const { rows } = await scope.pool.query<{ key: string; tool: string; args: string | null; output: string | null }>({
    name: 'ledger_texts',
    text: `SELECT key, tool, args::text AS args, CASE WHEN args IS NOT NULL THEN coalesce(output::text, 'null') END AS output FROM ledger
      WHERE workspace_id = $1 AND run_id = $2 AND key = ANY($3)`,
    values: [scope.workspaceId, runId, keys],
  });
  return new Map(rows.map(({ key, ...texts }) => [key, texts]));
}

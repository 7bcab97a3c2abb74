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
  /** What it answered, as JSON text that Postgres keeps (`jsonText`): it is never parsed to be written. */
  output?: string;
  error?: LedgerError;
  idempotencyKey: string | null;
  attempts: number;
  inputTokens?: number;
  outputTokens?: number;
};

/** A ledger entry as read back, without what may be large: `readLedgerEntry` and `readOutputs` give that. */
export type LedgerRow = {
  key: string;
  kind: 'tool' | 'model';
  stepId: string | null;
  iteration: number;
  tool: string | null;
  argsSha256: string;
  effect: 'read' | 'write';
  state: LedgerState;
  /** Sizes of its JSON texts; null where there is none. */
  argsBytes: number | null;
  outputBytes: number | null;
  /** What a call answered that failed or was skipped, as JSON text: that is short. */
  refusal: string | null;
  error: LedgerError | null;
  idempotencyKey: string | null;
  attempts: number;
};

const json = (value: unknown): string | null => (value === undefined ? null : jsonText(value));

const columns: readonly {
  name: string;
  type: 'text' | 'int' | 'bytea';
  json?: true;
  of: (entry: LedgerEntry) => unknown;
}[] = [
  { name: 'key', type: 'text', of: (e) => e.key },
  { name: 'kind', type: 'text', of: (e) => e.kind },
  { name: 'step_id', type: 'text', of: (e) => e.stepId },
  { name: 'iteration', type: 'int', of: (e) => e.iteration },
  { name: 'tool', type: 'text', of: (e) => e.tool },
  { name: 'args', type: 'text', json: true, of: (e) => json(e.args) },
  { name: 'args_sha256', type: 'bytea', of: (e) => Buffer.from(e.argsSha256, 'hex') },
  { name: 'effect', type: 'text', of: (e) => e.effect },
  { name: 'state', type: 'text', of: (e) => e.state },
  { name: 'output', type: 'text', json: true, of: (e) => e.output ?? null },
  { name: 'error', type: 'text', json: true, of: (e) => json(e.error) },
  { name: 'idempotency_key', type: 'text', of: (e) => e.idempotencyKey },
  { name: 'attempts', type: 'int', of: (e) => e.attempts },
  { name: 'input_tokens', type: 'int', of: (e) => e.inputTokens ?? 0 },
  { name: 'output_tokens', type: 'int', of: (e) => e.outputTokens ?? 0 },
];
const names = columns.map(({ name }) => name).join(', ');
const selected = columns.map(({ name, json: isJson }) => `e.${name}${isJson ? '::json' : ''}`).join(', ');

/** How many parameters `ledgerValues` makes. */
export const ledgerParameters = columns.length;

/** An entry as `ledgerUpsert` takes it: one value a parameter. */
export const ledgerRow = (entry: LedgerEntry): unknown[] => columns.map(({ of }) => of(entry));

/** Parameters of `ledgerUpsert`, in its order. */
export const ledgerValues = (entries: readonly LedgerEntry[]): unknown[] => columns.map(({ of }) => entries.map(of));

/**
 * SQL: the insert-or-finish of ledger entries.
 * @param at the first of its parameters
 * @param from the FROM clause, given what is inserted: the parameters as arrays, and the names of their columns
 * @param owner whose entries they are, as SQL
 */
export const ledgerUpsert = (
  at: number,
  from: (arrays: string, names: string) => string,
  owner: { workspaceId: string; runId: string; epoch: string },
): string => `
  INSERT INTO ledger AS l (workspace_id, run_id, epoch, finished_at, ${names})
  SELECT ${owner.workspaceId}, ${owner.runId}, ${owner.epoch}, CASE WHEN e.state <> 'INTENDED' THEN clock_timestamp() END, ${selected}
  FROM ${from(columns.map(({ type }, i) => `$${at + i}::${type}[]`).join(', '), names)}
  ON CONFLICT (workspace_id, run_id, key) DO UPDATE SET state = excluded.state, tool = excluded.tool, args = excluded.args,
    args_sha256 = excluded.args_sha256, idempotency_key = excluded.idempotency_key, output = excluded.output, error = excluded.error,
    attempts = excluded.attempts, input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens,
    epoch = excluded.epoch, finished_at = excluded.finished_at`;

/** Entries that are read at once, bytes of outputs that are, and what of a refusal. */
const PAGE_ROWS = 500;
const PAGE_BYTES = 1024 * 1024;
const MAX_REFUSAL = 8192;

const ledgerColumns = `key, kind, step_id AS "stepId", iteration, tool, encode(args_sha256, 'hex') AS "argsSha256", effect, state, args_bytes AS "argsBytes",
  output_bytes AS "outputBytes", CASE WHEN state IN ('FAILED', 'SKIPPED') AND output_bytes <= ${MAX_REFUSAL} THEN output::text END AS refusal,
  error, idempotency_key AS "idempotencyKey", attempts`;

/** The ledger of a run, by key, without arguments and outputs: what is large stays where it is until it is needed. */
export async function readLedger(scope: RunScope, runId: string): Promise<LedgerRow[]> {
  const all: LedgerRow[] = [];
  for (let after = ''; ; after = all.at(-1)!.key) {
    const { rows } = await scope.pool.query<LedgerRow>({
      name: 'ledger_read',
      text: `SELECT ${ledgerColumns} FROM ledger WHERE workspace_id = $1 AND run_id = $2 AND key > $3 ORDER BY key LIMIT ${PAGE_ROWS}`,
      values: [scope.workspaceId, runId, after],
    });
    all.push(...rows);
    if (rows.length < PAGE_ROWS) return all;
  }
}

/** What a call was given and answered; null when the ledger has no such call, or no longer keeps it. */
export async function readLedgerEntry(
  scope: RunScope,
  runId: string,
  key: string,
): Promise<{ args: Json; output: string | null } | null> {
  const { rows } = await scope.pool.query<{ args: Json; output: string | null }>({
    name: 'ledger_entry',
    text: 'SELECT args, output::text AS output FROM ledger WHERE workspace_id = $1 AND run_id = $2 AND key = $3',
    values: [scope.workspaceId, runId, key],
  });
  return rows[0] ?? null;
}

/**
 * What some calls answered, as JSON texts by their keys. It is read in pages, so that no statement and no answer of it is large.
 * @param calls with the size of each text, as the ledger tells it
 */
export async function readOutputs(
  scope: RunScope,
  runId: string,
  calls: readonly { key: string; bytes: number }[],
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (let at = 0; at < calls.length; ) {
    const keys: string[] = [];
    for (let bytes = 0; at < calls.length && keys.length < PAGE_ROWS && bytes < PAGE_BYTES; at++) {
      keys.push(calls[at]!.key);
      bytes += calls[at]!.bytes;
    }
    const { rows } = await scope.pool.query<{ key: string; output: string }>({
      name: 'ledger_outputs',
      text: `SELECT key, output::text AS output FROM ledger
        WHERE workspace_id = $1 AND run_id = $2 AND key = ANY($3::text[]) AND output IS NOT NULL`,
      values: [scope.workspaceId, runId, keys],
    });
    for (const { key, output } of rows) texts.set(key, output);
  }
  return texts;
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
    values: [scope.workspaceId, runId, entry.key, entry.state, entry.output ?? null, json(entry.error), epoch],
  });
}

/** How many calls of a run changed something, or may have. */
export async function countEffects(scope: RunScope, runId: string): Promise<number> {
  const { rows } = await scope.pool.query<{ n: number }>({
    name: 'ledger_effects',
    text: `SELECT count(*)::int AS n FROM ledger WHERE workspace_id = $1 AND run_id = $2 AND effect = 'write'
      AND state NOT IN ('FAILED', 'REFUSED')`,
    values: [scope.workspaceId, runId],
  });
  return rows[0]!.n;
}

/** Calls that were sent and of which nothing more is known: what a run that is cancelled has under way. */
export async function readInFlight(
  scope: RunScope,
  runId: string,
): Promise<Pick<LedgerRow, 'key' | 'stepId' | 'tool'>[]> {
  const { rows } = await scope.pool.query<Pick<LedgerRow, 'key' | 'stepId' | 'tool'>>({
    name: 'ledger_in_flight',
    text: `SELECT key, step_id AS "stepId", tool FROM ledger WHERE workspace_id = $1 AND run_id = $2 AND state = 'INTENDED'
      ORDER BY started_at, key`,
    values: [scope.workspaceId, runId],
  });
  return rows;
}

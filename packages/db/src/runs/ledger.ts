import type { CallAttempt, Json, RunError } from '@errand/contracts';
import type { Columns } from '../statements/columns.ts';
import { queryRow, queryRows, type RunScope } from '../statements/scope.ts';
import { jsonOrNull } from './json.ts';

/** INTENDED: about to be sent. UNCERTAIN: sent, with an unknown outcome. REFUSED: had no effect and may be sent again. */
export type LedgerState = 'INTENDED' | 'DONE' | 'FAILED' | 'UNCERTAIN' | 'SKIPPED' | 'REFUSED';

type LedgerError = { code: string; message: string; retryable?: boolean } | RunError;

/** One model or tool call of a run. A DONE or FAILED call is never repeated: its outcome is read. */
export type LedgerEntry = {
  /** Unique within the run, such as `owners.2` for the third item of step owners. */
  key: string;
  kind: 'tool' | 'model';
  stepId: string | null;
  iteration: number;
  tool: string | null;
  args: Json;
  argsSha256: string;
  effect: 'read' | 'write';
  state: LedgerState;
  /** JSON text made by `jsonText`. */
  output?: string;
  error?: LedgerError;
  /** Query parameters of the next page, if the service links to one. */
  link?: Json;
  idempotencyKey: string | null;
  attempts: number;
  /** HTTP status of the last answer. */
  status?: number;
  /** Stored if there was more than one attempt. */
  attemptTimes?: readonly CallAttempt[];
  inputTokens?: number;
  outputTokens?: number;
  /** Database time just before the first attempt; the time of the write by default. */
  startedAt?: Date;
};

/** A ledger entry without arguments and output, which `readLedgerEntry` and `readOutputs` read. */
export type LedgerRow = Omit<
  LedgerEntry,
  'args' | 'output' | 'error' | 'link' | 'inputTokens' | 'outputTokens' | 'startedAt' | 'status' | 'attemptTimes'
> & {
  /** Bytes of the JSON texts; null for none. */
  argsBytes: number | null;
  outputBytes: number | null;
  /** The output of a failed or skipped call, as JSON text, unless it is long. */
  refusal: string | null;
  error: LedgerError | null;
  link: Json;
  status: number | null;
  attemptTimes: CallAttempt[] | null;
  startedAt: Date;
  endedAt: Date | null;
  /** The earlier run that made the call; null for a call of this run. */
  takenFrom: string | null;
};

export type StoredEntry = Omit<LedgerEntry, 'args' | 'error' | 'link' | 'attemptTimes'> &
  Record<'args' | 'error' | 'link' | 'attemptTimes', string | null>;

export const toStored = (entry: LedgerEntry): StoredEntry => ({
  ...entry,
  args: jsonOrNull(entry.args),
  error: jsonOrNull(entry.error),
  link: jsonOrNull(entry.link),
  attemptTimes: attemptsText(entry),
});

// A single attempt has the times of the call, unless another one is about to begin.
const attemptsText = ({ attemptTimes = [], state }: LedgerEntry): string | null =>
  attemptTimes.length > (state === 'INTENDED' ? 0 : 1) ? JSON.stringify(attemptTimes) : null;

/** The columns of new ledger entries. `n` identifies the run within the statement. */
export const NEW_ENTRIES = {
  n: { type: 'int', value: ({ n }) => n },
  key: { type: 'text', value: ({ entry }) => entry.key },
  kind: { type: 'text', value: ({ entry }) => entry.kind },
  step_id: { type: 'text', value: ({ entry }) => entry.stepId },
  iteration: { type: 'int', value: ({ entry }) => entry.iteration },
  tool: { type: 'text', value: ({ entry }) => entry.tool },
  args: { type: 'json', value: ({ entry }) => entry.args },
  args_sha256: { type: 'bytea', value: ({ entry }) => Buffer.from(entry.argsSha256, 'hex') },
  effect: { type: 'text', value: ({ entry }) => entry.effect },
  state: { type: 'text', value: ({ entry }) => entry.state },
  output: { type: 'json', value: ({ entry }) => entry.output ?? null },
  error: { type: 'json', value: ({ entry }) => entry.error },
  link: { type: 'json', value: ({ entry }) => entry.link },
  idempotency_key: { type: 'text', value: ({ entry }) => entry.idempotencyKey },
  attempts: { type: 'int', value: ({ entry }) => entry.attempts },
  input_tokens: { type: 'int', value: ({ entry }) => entry.inputTokens ?? 0 },
  output_tokens: { type: 'int', value: ({ entry }) => entry.outputTokens ?? 0 },
  started_at: { type: 'timestamptz', value: ({ entry }) => entry.startedAt ?? null },
  status: { type: 'int', value: ({ entry }) => entry.status ?? null },
  attempt_times: { type: 'json', value: ({ entry }) => entry.attemptTimes },
} satisfies Columns<{ n: number; entry: StoredEntry }>;

const names = Object.keys(NEW_ENTRIES).filter((name) => name !== 'n');
const entryValues = names.map((name) =>
  // LEAST ignores NULL. Clocks differ by milliseconds, but a call must not end before it starts.
  name === 'started_at' ? 'LEAST(e.started_at, clock_timestamp())' : `e.${name}`,
);

/** SQL of whether a ledger entry is in ledger_tool_idx. One statement may write several first entries of a tool. */
export const isListed = (entry: string): string =>
  `${entry}.kind = 'tool' AND ${entry}.taken_from IS NULL AND ${entry}.first_of_tool`;

const listedBefore = (runs: string): string => `EXISTS (SELECT FROM ledger o WHERE o.workspace_id = ${runs}.workspace_id
      AND o.run_id = ${runs}.run_id AND o.tool = e.tool AND ${isListed('o')} OFFSET 0)`;

/** Whether an entry usually updates an existing one: reads are written once, writes before and after sending. */
export const finishesEntry = ({ effect, state }: LedgerEntry): boolean => effect === 'write' && state !== 'INTENDED';

/**
 * SQL that inserts ledger entries; fails if one exists.
 * @param entries SQL of the entries with the names of `NEW_ENTRIES` @param runs a CTE with n, workspace_id, run_id and epoch
 */
export const insertEntries = (entries: string, runs: string): string => `
  INSERT INTO ledger AS l (workspace_id, run_id, epoch, finished_at, first_of_tool, ${names.join(', ')})
  SELECT ${runs}.workspace_id, ${runs}.run_id, coalesce(${runs}.epoch, 0), CASE WHEN e.state <> 'INTENDED' THEN clock_timestamp() END,
    NOT ${listedBefore(runs)}, ${entryValues.join(', ')}
  FROM ${runs} JOIN ${entries} AS e(n, ${names.join(', ')}) USING (n)`;

/** SQL that inserts or updates ledger entries; writes more WAL. */
export const upsertEntries: typeof insertEntries = (entries, runs) => `${insertEntries(entries, runs)}
  ON CONFLICT (workspace_id, run_id, key) DO UPDATE SET state = excluded.state, tool = excluded.tool, args = excluded.args,
    args_sha256 = excluded.args_sha256, idempotency_key = excluded.idempotency_key, output = excluded.output, error = excluded.error,
    link = excluded.link, attempts = excluded.attempts, input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens,
    epoch = excluded.epoch, finished_at = excluded.finished_at, status = excluded.status, attempt_times = excluded.attempt_times`;

/** Maximum entries and output bytes of one statement, and characters of a refusal. */
const PAGE_ROWS = 500;
const PAGE_BYTES = 1024 * 1024;
const MAX_REFUSAL_CHARS = 8192;

const LEDGER_COLUMNS = `key, kind, step_id AS "stepId", iteration, tool, encode(args_sha256, 'hex') AS "argsSha256", effect, state, args_bytes AS "argsBytes",
  output_bytes AS "outputBytes", CASE WHEN state IN ('FAILED', 'SKIPPED') AND output_bytes <= ${MAX_REFUSAL_CHARS} THEN output::text END AS refusal,
  error, link, idempotency_key AS "idempotencyKey", attempts, status, attempt_times AS "attemptTimes", started_at AS "startedAt", finished_at AS "endedAt",
  taken_from AS "takenFrom"`;

export async function readLedger(scope: RunScope, runId: string): Promise<LedgerRow[]> {
  const all: LedgerRow[] = [];
  for (let after = ''; ; after = all.at(-1)!.key) {
    const rows = await queryRows<LedgerRow>(scope, {
      name: 'ledger_read',
      text: `SELECT ${LEDGER_COLUMNS} FROM ledger WHERE workspace_id = $1 AND run_id = $2 AND key > $3 ORDER BY key LIMIT ${PAGE_ROWS}`,
      values: [runId, after],
    });
    all.push(...rows);
    if (rows.length < PAGE_ROWS) return all;
  }
}

/** A call of a tool, by its step and state. */
export type CallState = Pick<LedgerRow, 'stepId' | 'tool' | 'effect' | 'state'>;

/** Reads the states of all tool calls of a run. */
export const readCallStates = (scope: RunScope, runId: string): Promise<CallState[]> =>
  queryRows<CallState>(scope, {
    name: 'ledger_states',
    text: `SELECT step_id AS "stepId", tool, effect, state FROM ledger WHERE workspace_id = $1 AND run_id = $2 AND kind = 'tool' ORDER BY key`,
    values: [runId],
  });

export const readLedgerEntry = (
  scope: RunScope,
  runId: string,
  key: string,
): Promise<{ args: Json; output: string | null } | null> =>
  queryRow<{ args: Json; output: string | null }>(scope, {
    name: 'ledger_entry',
    text: 'SELECT args, output::text AS output FROM ledger WHERE workspace_id = $1 AND run_id = $2 AND key = $3',
    values: [runId, key],
  });

/** Reads outputs as JSON texts by ledger key, in pages of limited size. @param calls ledger keys with the bytes of each output */
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
    const rows = await queryRows<{ key: string; output: string }>(scope, {
      name: 'ledger_outputs',
      text: `SELECT key, output::text AS output FROM ledger
        WHERE workspace_id = $1 AND run_id = $2 AND key = ANY($3::text[]) AND output IS NOT NULL`,
      values: [runId, keys],
    });
    for (const { key, output } of rows) texts.set(key, output);
  }
  return texts;
}

/** Records the outcome of a call that was in flight when its run ended. Changes only unfinished entries of this epoch. */
export async function recordLateCall(scope: RunScope, runId: string, epoch: number, entry: LedgerEntry): Promise<void> {
  await queryRows(scope, {
    name: 'ledger_late',
    text: `UPDATE ledger SET state = $4, output = $5::json, error = $6::json, status = $8::int, attempt_times = $9::json,
        finished_at = clock_timestamp()
      WHERE workspace_id = $1 AND run_id = $2 AND key = $3 AND epoch = $7::int AND state IN ('INTENDED', 'UNCERTAIN')`,
    values: [
      runId,
      entry.key,
      entry.state,
      entry.output ?? null,
      jsonOrNull(entry.error),
      epoch,
      entry.status ?? null,
      attemptsText(entry),
    ],
  });
}

/** Counts the calls of a run that changed something, or may have. Calls of earlier runs do not count. */
export async function countEffects(scope: RunScope, runId: string): Promise<number> {
  const rows = await queryRows<{ n: number }>(scope, {
    name: 'ledger_effects',
    text: `SELECT count(*)::int AS n FROM ledger WHERE workspace_id = $1 AND run_id = $2 AND effect = 'write'
      AND state NOT IN ('FAILED', 'REFUSED') AND taken_from IS NULL`,
    values: [runId],
  });
  return rows[0]!.n;
}

export const readInFlight = (scope: RunScope, runId: string): Promise<Pick<LedgerRow, 'key' | 'stepId' | 'tool'>[]> =>
  queryRows<Pick<LedgerRow, 'key' | 'stepId' | 'tool'>>(scope, {
    name: 'ledger_in_flight',
    text: `SELECT key, step_id AS "stepId", tool FROM ledger WHERE workspace_id = $1 AND run_id = $2 AND state = 'INTENDED'
      ORDER BY started_at, key`,
    values: [runId],
  });

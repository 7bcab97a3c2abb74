import type { Json, RunStatus } from '@errand/contracts';
import { admitNext, defaultPlaces } from './admit.ts';
import type { StoredPlan } from './create.ts';
import type { EventDraft } from './events.ts';
import { enqueue } from './job.ts';
import { jsonText } from './json.ts';
import { type LedgerEntry, ledgerParameters, ledgerUpsert, ledgerValues } from './ledger.ts';
import type { Runner, RunScope } from './scope.ts';
import { type NewWaiting, waitingInsert, waitingValues } from './waiting.ts';

export type UsageDelta = {
  steps?: number;
  toolCalls?: number;
  inputTokens?: number;
  outputTokens?: number;
  activeMs?: number;
};

/** One change of a run: everything in it is written in one statement, or nothing is. */
export type Move = {
  runId: string;
  /** The activation that writes; null for a caller outside any activation, who ends that activation by it. */
  epoch: number | null;
  /** The statuses from which the change is legal. */
  from: readonly RunStatus[];
  to: RunStatus;
  events: readonly EventDraft[];
  ledger?: readonly LedgerEntry[];
  usage?: UsageDelta;
  plan?: StoredPlan;
  /** The run stops being a repeat. */
  forgetRepeat?: boolean;
  end?: { result: Json | undefined; error: Json | null };
  /** Questions to humans. */
  waiting?: readonly NewWaiting[];
  /** The open questions of the run are void: it ends. */
  voidWaiting?: boolean;
  /** Lets go of the lease, unless something happened meanwhile: then nothing is moved (ending a run always lets go). */
  release?: boolean;
};

/** What came of a move: the numbers of its events end with `seq`. Null: the run has moved on without the writer. */
export type Moved = { seq: number; createdAt: Date } | null;

/**
 * Applies a move: updates the row, appends its events with the next numbers, writes ledger entries and the plan.
 * The row's lock orders writers; numbers have no gaps because a rolled back writer takes none.
 */
export async function moveRun(scope: RunScope, move: Move, runner: Runner = scope.pool): Promise<Moved> {
  const { name, text, values } = statement(scope, move);
  const { rows } = await runner.query<{ seq: number; createdAt: Date }>({ name, text, values });
  return rows[0] ?? null;
}

// The statement is put together from the parts that the move has, so that common moves stay small; the name tells the parts,
// hence each combination is prepared once a connection.
function statement(
  { workspaceId, places = defaultPlaces }: RunScope,
  move: Move,
): { name: string; text: string; values: unknown[] } {
  const values: unknown[] = [workspaceId, move.runId, move.from, move.to, move.events.length];
  const add = (...more: unknown[]): number => values.push(...more) - more.length + 1;
  const sets = ['status = $4', 'seq = seq + $5::int', 'updated_at = clock_timestamp()'];
  const parts: string[] = [];
  let name = 'run_move';

  let guard = '';
  if (move.epoch === null) {
    sets.push('epoch = epoch + 1', 'lease = NULL', 'wake = false');
    name += '_o';
  } else {
    guard = `AND epoch = $${add(move.epoch)}::int`;
    if (move.end || move.release) {
      sets.push('lease = NULL', 'wake = false');
      name += '_l';
    }
    if (move.release && !move.end) {
      guard += ' AND NOT wake';
      name += '_w';
    }
  }
  if (move.usage) {
    const u = move.usage;
    const n = add(u.steps ?? 0, u.toolCalls ?? 0, u.inputTokens ?? 0, u.outputTokens ?? 0, Math.round(u.activeMs ?? 0));
    sets.push(
      `steps = steps + $${n}::int`,
      `tool_calls = tool_calls + $${n + 1}::int`,
      `input_tokens = input_tokens + $${n + 2}::int`,
    );
    sets.push(`output_tokens = output_tokens + $${n + 3}::int`, `active_ms = active_ms + $${n + 4}::int`);
    name += '_u';
  }
  if (move.end) {
    const n = add(
      move.end.result === undefined ? null : jsonText(move.end.result),
      move.end.error && jsonText(move.end.error),
    );
    sets.push(`result = $${n}::json`, `error = $${n + 1}::jsonb`, 'ended_at = clock_timestamp()');
    sets.push('sealed_pass_through = NULL');
    // One that is cancelled before its turn waits for it no more.
    sets.push('admitted = true');
    name += '_e';
  }
  if (move.forgetRepeat) {
    sets.push('repeat_run_id = NULL');
    name += '_f';
  }
  if (move.events.length > 0) {
    const n = add(
      move.events.map((e) => e.type),
      move.events.map((e) => e.data),
      move.events.map((e) => e.toolCalls),
    );
    parts.push(`, appended AS (INSERT INTO run_event (workspace_id, run_id, seq, type, data, tool_calls, created_at)
      SELECT $1, $2, moved.seq - $5::int + e.n, e.type, e.data::json, e.tool_calls::json, moved.updated_at
      FROM moved, unnest($${n}::text[], $${n + 1}::text[], $${n + 2}::text[]) WITH ORDINALITY AS e(type, data, tool_calls, n))`);
    name += '_v';
  }
  if (move.ledger?.length) {
    const n = add(...ledgerValues(move.ledger), move.epoch ?? 0);
    const from = (arrays: string, names: string) => `moved, unnest(${arrays}) AS e(${names})`;
    const owner = { workspaceId: '$1', runId: '$2', epoch: `$${n + ledgerParameters}::int` };
    parts.push(`, led AS (${ledgerUpsert(n, from, owner)})`);
    name += '_d';
  }
  if (move.waiting?.length) {
    parts.push(`, asked AS (${waitingInsert('moved', add(...waitingValues(move.waiting)))})`);
    name += '_q';
  }
  if (move.voidWaiting) {
    parts.push(`, void AS (UPDATE waiting w SET decided_at = clock_timestamp(), decision = 'void' FROM moved
      WHERE w.workspace_id = $1 AND w.run_id = $2 AND w.decided_at IS NULL)`);
    name += '_n';
  }
  if (move.plan) {
    const n = add(move.plan.planType, jsonText(move.plan.plan), move.plan.madeBy, move.plan.calls);
    // Those of earlier plans stay: they may have been called.
    sets.push(
      `integrations = CASE WHEN integrations @> $${n + 3}::text[] THEN integrations ELSE integrations || $${n + 3}::text[] END`,
    );
    parts.push(`, planned AS (UPDATE execution_plan p SET plan_type = $${n}, plan = $${n + 1}::jsonb, made_by = $${n + 2},
      version = p.version + 1, updated_at = now() FROM moved
      WHERE p.workspace_id = $1 AND p.execution_plan_id = moved.execution_plan_id)`);
    name += '_p';
  }
  // Who ends, or waits for a human, gives its place to the next one.
  const turns = move.end || move.release ? ', (SELECT count(*) FROM turns)' : '';
  if (turns) {
    parts.push(admitNext(add(places)));
    name += '_t';
  }
  const text = `WITH moved AS (UPDATE run SET ${sets.join(', ')}
    WHERE workspace_id = $1 AND run_id = $2 AND status = ANY($3) ${guard}
    RETURNING seq, updated_at, execution_plan_id)${parts.join('')}
    SELECT seq, updated_at AS "createdAt"${turns} FROM moved`;
  return { name, text, values };
}

/** Enqueues the job that advances a run; for whoever resolved what the run waited for. */
export async function enqueueAdvance(scope: RunScope, runId: string, runner: Runner = scope.pool): Promise<void> {
  await runner.query({
    name: 'run_enqueue',
    text: `SELECT ${enqueue('$1::uuid', '$2::uuid')}`,
    values: [scope.workspaceId, runId],
  });
}

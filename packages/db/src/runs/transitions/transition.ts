import { isTerminal, type Json, mayBecome, RunStatus, type TokenUsage } from '@errand/contracts';
import type { StoredPlan } from '../create.ts';
import { type NewDecisionRequest, requestInsert, requestsText } from '../decision-requests.ts';
import type { EventDraft } from '../events.ts';
import { jsonText } from '../json.ts';
import { LEDGER_PARAMETERS, type LedgerEntry, ledgerUpsert, ledgerValues } from '../ledger.ts';
import type { RunScope } from '../scope.ts';

/** What is added to what a run has used. */
export type UsageDelta = Partial<TokenUsage> & { steps?: number; toolCalls?: number; activeMs?: number };

/** What a delta adds to the cost of a run, as it is stored: null for what has no known price, which the sum then has not either. */
export const costParameters = ({ cost }: UsageDelta): [cost: number | null, currency: string | null] =>
  cost === undefined ? [0, null] : [cost?.amount ?? null, cost?.currency ?? null];

/** The writer of a transition: an activation with its epoch, or null for a caller, whose write ends the activation. */
export type RunWriter = { runId: string; epoch: number | null };

/** One change of a run, which one statement writes completely or not at all. */
export type Transition = {
  to: RunStatus;
  events: readonly EventDraft[];
  ledger?: readonly LedgerEntry[];
  usage?: UsageDelta;
  plan?: StoredPlan;
  /** The run stops being a repeat. */
  forgetRepeat?: boolean;
  /** New decision requests. */
  decisionRequests?: readonly NewDecisionRequest[];
  /** Void the open decision requests, because the run ends. */
  voidRequests?: boolean;
  /**
   * Release the run until a human decides, or until this time, when its first decision request expires. If the run became due
   * meanwhile, nothing changes.
   */
  suspend?: Date;
  /** Present exactly when `to` is terminal. */
  end?: { result: Json | undefined; error: Json | null; summary?: string };
};

/** The result of a transition: `seq` is the number of its last event. Null: not applied, because the writer does not hold the run. */
export type Applied = { seq: number; createdAt: Date } | null;

/** For each status the statuses from which a run may reach it. */
export const sources = Object.fromEntries(
  RunStatus.options.map((to) => [to, RunStatus.options.filter((from) => !isTerminal(from) && mayBecome(from, to))]),
) as Record<RunStatus, RunStatus[]>;

/**
 * Applies a transition: updates the row of the run, appends events with the next numbers, writes ledger entries, requests and the plan.
 * Writers are ordered by the lock of the row. Numbers have no gaps, because a rolled back writer uses none.
 */
export async function applyTransition(scope: RunScope, target: RunWriter, transition: Transition): Promise<Applied> {
  const { rows } = await scope.pool.query<{ seq: number; createdAt: Date }>(statement(scope, target, transition));
  return rows[0] ?? null;
}

// The statement has only the parts that the transition needs. Its name lists the parts, so that each combination is prepared once for a
// connection.
function statement(
  { workspaceId }: RunScope,
  target: RunWriter,
  change: Transition,
): { name: string; text: string; values: unknown[] } {
  const values: unknown[] = [workspaceId, target.runId, sources[change.to], change.to, change.events.length];
  const add = (...more: unknown[]): number => values.push(...more) - more.length + 1;
  const sets = ['status = $4', 'seq = seq + $5::int', 'updated_at = clock_timestamp()'];
  const parts: string[] = [];
  let name = 'run_transition';

  let guard = '';
  if (target.epoch === null) {
    sets.push('epoch = epoch + 1');
    name += '_o';
  } else {
    guard = `AND epoch = $${add(target.epoch)}::int`;
  }
  if (change.suspend && !change.end) {
    // Only columns of the row: Postgres checks these again when another writer has just changed it.
    guard += ' AND due = 0';
    sets.push('lease = NULL', 'deaths = 0', `not_before = $${add(change.suspend)}::timestamptz`);
    name += '_w';
  }
  if (change.usage) {
    const u = change.usage;
    const n = add(u.steps ?? 0, u.toolCalls ?? 0, u.inputTokens ?? 0, u.outputTokens ?? 0, Math.round(u.activeMs ?? 0));
    const c = add(u.cachedInputTokens ?? 0, ...costParameters(u));
    sets.push(
      `steps = steps + $${n}::int`,
      `tool_calls = tool_calls + $${n + 1}::int`,
      `input_tokens = input_tokens + $${n + 2}::int`,
    );
    sets.push(`output_tokens = output_tokens + $${n + 3}::int`, `active_ms = active_ms + $${n + 4}::int`);
    sets.push(`cached_input_tokens = cached_input_tokens + $${c}::int`, `cost = cost + $${c + 1}::float8`);
    sets.push(`cost_currency = coalesce($${c + 2}::text, cost_currency)`);
    name += '_u';
  }
  if (change.end) {
    const n = add(
      change.end.result === undefined ? null : jsonText(change.end.result),
      change.end.error && jsonText(change.end.error),
      change.end.summary ?? null,
    );
    sets.push(
      `result = $${n}::json`,
      `error = $${n + 1}::jsonb`,
      `summary = $${n + 2}`,
      'ended_at = clock_timestamp()',
    );
    sets.push('sealed_pass_through = NULL', 'due = 0', 'lease = NULL', 'not_before = NULL', 'deaths = 0');
    name += '_e';
  }
  if (change.forgetRepeat) {
    sets.push('repeat_run_id = NULL');
    name += '_f';
  }
  if (change.events.length > 0) {
    const n = add(
      change.events.map((e) => e.type),
      change.events.map((e) => e.data),
      change.events.map((e) => e.toolCalls),
    );
    parts.push(`, appended AS (INSERT INTO run_event (workspace_id, run_id, seq, type, data, tool_calls, created_at)
      SELECT $1, $2, moved.seq - $5::int + e.n, e.type, e.data::json, e.tool_calls::json, moved.updated_at
      FROM moved, unnest($${n}::text[], $${n + 1}::text[], $${n + 2}::text[]) WITH ORDINALITY AS e(type, data, tool_calls, n))`);
    name += '_v';
  }
  if (change.ledger?.length) {
    const n = add(...ledgerValues(change.ledger), target.epoch ?? 0);
    const from = (arrays: string, names: string) => `moved, unnest(${arrays}) AS e(${names})`;
    const owner = { workspaceId: '$1', runId: '$2', epoch: `$${n + LEDGER_PARAMETERS}::int` };
    parts.push(`, led AS (${ledgerUpsert(n, from, owner)})`);
    name += '_d';
  }
  if (change.decisionRequests?.length) {
    parts.push(`, asked AS (${requestInsert('moved', add(requestsText(change.decisionRequests)))})`);
    name += '_q';
  }
  let before = '';
  if (change.voidRequests) {
    // Decision requests are locked before their run, as decisions lock them.
    before = `open AS MATERIALIZED (SELECT d.decision_request_id FROM decision_request d
      WHERE d.workspace_id = $1 AND d.run_id = $2 AND d.decided_at IS NULL ORDER BY d.decision_request_id FOR UPDATE), `;
    guard += ' AND (SELECT count(*) FROM open) >= 0';
    parts.push(`, void AS (UPDATE decision_request d SET decided_at = clock_timestamp(), decision = 'void' FROM moved
      WHERE d.workspace_id = $1 AND d.run_id = $2 AND d.decided_at IS NULL)`);
    name += '_n';
  }
  if (change.plan) {
    const n = add(change.plan.planType, jsonText(change.plan.plan), change.plan.madeBy, change.plan.calls);
    // Integrations of earlier plans stay: they may have been called.
    sets.push(
      `integrations = CASE WHEN integrations @> $${n + 3}::text[] THEN integrations ELSE integrations || $${n + 3}::text[] END`,
    );
    parts.push(`, planned AS (UPDATE execution_plan p SET plan_type = $${n}, plan = $${n + 1}::json, made_by = $${n + 2},
      version = p.version + 1, updated_at = now() FROM moved
      WHERE p.workspace_id = $1 AND p.execution_plan_id = moved.execution_plan_id)`);
    parts.push(`, used AS (INSERT INTO run_integration (workspace_id, customer_integration_id, run_id)
      SELECT $1, id, $2 FROM moved, unnest($${n + 3}::text[]) AS id ON CONFLICT DO NOTHING)`);
    name += '_p';
  }
  const text = `WITH ${before}moved AS (UPDATE run SET ${sets.join(', ')}
    WHERE workspace_id = $1 AND run_id = $2 AND status = ANY($3) ${guard}
    RETURNING seq, updated_at, execution_plan_id)${parts.join('')}
    SELECT seq, updated_at AS "createdAt" FROM moved`;
  return { name, text, values };
}

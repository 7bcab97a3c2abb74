import type { Pool } from 'pg';
import { NOT_HELD } from '../../restores/hold.ts';
import { queryRows, type RunScope } from '../../statements/scope.ts';
import { type DecisionRequest, readDecisionRequests } from '../decision-requests.ts';
import type { EventDraft } from '../events.ts';
import { readReportedSteps } from '../events.ts';
import { type LedgerRow, readLedger } from '../ledger.ts';
import { RUN_COLUMNS, type RunRow } from '../row.ts';
import { type ClaimedRun, type PlanOfRun, SUSPECT_DEATHS } from './claimed-run.ts';

/** Slots of a workspace: the maximum number of its claimed runs in all processes. Decided runs may exceed it. */
export const DEFAULT_SLOTS = 60;
/** Maximum runs of one claim, and workspaces that it considers. */
export const MAX_CLAIMED = 32;
/** Approximate candidates of one claim over all workspaces, so that it can skip runs that other workers claim. */
const MAX_CANDIDATES = 4 * MAX_CLAIMED;

export type Claim = Omit<ClaimedRun, 'plan'> &
  PlanOfRun & {
    ledger: LedgerRow[];
    reportedSteps: string[];
    decisionRequests: DecisionRequest[];
  };

export type ClaimOptions = {
  worker: string;
  maxRuns: number;
  /** For workspaces without a limit of their own. */
  slots: number;
  /** Maximum number of runs of a workspace beyond its slots, unless it has a limit, for runs that are due at once (due = 2): they had their turn before. */
  maxBeyondSlots: number;
  /** Whether a suspect run (`SUSPECT_DEATHS`) can be claimed, at most one. */
  mayTakeSuspect: boolean;
  /** Whether the oldest run of a workspace comes first regardless of priority. */
  oldest: boolean;
  /** The workspace after which to start; null: the first one. */
  cursor: string | null;
};

export type ClaimOutcome = {
  claimed: ClaimedRun[];
  /** The last workspace of this claim, after which the next claim starts. Null if it was the last one with due runs. */
  cursor: string | null;
  /** The number of candidates, at most `want`. Fewer are `claimed` if other workers claim the same runs concurrently. */
  candidates: number;
  /** Whether full slots of a workspace prevented claims of due runs. */
  slotsFull: boolean;
  /** Whether these workspaces may have more due runs, although there were fewer candidates than `want`. */
  mayHaveMore: boolean;
};

const isDue = (run: string) => `${run}.due > 0 AND ${run}.lease IS NULL`;
const order = (run: string) => `${run}.due DESC, ${run}.priority DESC, ${run}.run_id`;
const nextWorkspace = (after: string) =>
  `SELECT r.workspace_id FROM run r WHERE ${isDue('r')} AND r.workspace_id > ${after} ORDER BY r.workspace_id LIMIT 1`;
const NOT_SUSPECT = `(r.deaths < ${SUSPECT_DEATHS} OR $7)`;

// A skip scan finds workspaces with due runs, then candidates of each within its slots, without locks. Candidates are ordered by their
// rank within the workspace, so workspaces take turns. In that order they are locked and checked again; locked ones are skipped.
const TEXT = `
WITH RECURSIVE w AS (
  (SELECT next.workspace_id, 1 AS k FROM (${nextWorkspace('$5::uuid')}) AS next WHERE ${NOT_HELD})
  UNION ALL SELECT (${nextWorkspace('w.workspace_id')}), w.k + 1 FROM w WHERE w.workspace_id IS NOT NULL AND w.k < ${MAX_CLAIMED}
), capacity AS MATERIALIZED (
  SELECT w.workspace_id, w.k, greatest(CASE WHEN own.max_runs IS NULL THEN $3::int - (SELECT count(*)::int FROM run h
      WHERE h.workspace_id = w.workspace_id AND h.lease IS NOT NULL)
    ELSE errand_queue.free_slots(w.workspace_id, own.max_runs) END, 0) AS n,
    CASE WHEN own.max_runs IS NULL THEN $4::int ELSE 0 END AS extra
  FROM w LEFT JOIN LATERAL (
    SELECT CASE WHEN workspace.deleting_at IS NULL THEN workspace.max_runs ELSE 0 END AS max_runs FROM workspace WHERE workspace.workspace_id = w.workspace_id) AS own ON true
  WHERE w.workspace_id IS NOT NULL
), share AS MATERIALIZED (
  SELECT ${MAX_CANDIDATES} / greatest(count(*) FILTER (WHERE capacity.n > 0), 1)::int AS n FROM capacity
), candidate AS MATERIALIZED (
  SELECT capacity.workspace_id, f.run_id, f.deaths, f.rank, f.rank > capacity.n AS beyond FROM capacity, LATERAL (
    SELECT s.*, row_number() OVER (ORDER BY s.due DESC, s.priority DESC, s.run_id) AS rank FROM (
      SELECT r.run_id, r.due, r.priority, r.deaths FROM run r
      WHERE r.workspace_id = capacity.workspace_id AND ${isDue('r')} AND r.due >= CASE WHEN capacity.n > 0 THEN 1 ELSE 2 END AND ${NOT_SUSPECT}
      ORDER BY ${order('r')} LIMIT least((SELECT share.n FROM share), capacity.n + capacity.extra)) AS s) AS f
  WHERE f.rank <= capacity.n OR f.due = 2
), oldest AS MATERIALIZED (
  SELECT o.workspace_id, o.run_id, o.deaths, 0::bigint AS rank, false AS beyond FROM capacity, LATERAL (
    SELECT f.* FROM generate_series(-10, 10) AS p(priority), LATERAL (
      SELECT r.workspace_id, r.run_id, r.deaths FROM run r WHERE r.workspace_id = capacity.workspace_id AND ${isDue('r')} AND r.due = 1
        AND r.priority = p.priority AND ${NOT_SUSPECT} ORDER BY r.run_id LIMIT 1) AS f
    ORDER BY f.run_id LIMIT 1) AS o
  WHERE $8 AND capacity.k = 1 AND capacity.n > 0
), pick AS MATERIALIZED (
  SELECT c.workspace_id, c.run_id, c.beyond, c.rank FROM (
    SELECT a.*, row_number() OVER (PARTITION BY a.deaths >= ${SUSPECT_DEATHS} ORDER BY a.deaths, a.rank, a.workspace_id) AS nth FROM (
      SELECT * FROM oldest UNION ALL
      SELECT * FROM candidate WHERE candidate.run_id NOT IN (SELECT oldest.run_id FROM oldest)) AS a) AS c
  WHERE c.deaths < ${SUSPECT_DEATHS} OR c.nth = 1
  ORDER BY c.rank, c.workspace_id
), locked AS MATERIALIZED (
  SELECT l.workspace_id, l.run_id, pick.beyond, pick.rank FROM pick, LATERAL (SELECT r.workspace_id, r.run_id FROM run r
    WHERE r.workspace_id = pick.workspace_id AND r.run_id = pick.run_id AND ${isDue('r')} FOR NO KEY UPDATE SKIP LOCKED) AS l
  LIMIT $2::int
), c AS (
  UPDATE run SET epoch = run.epoch + 1, lease = $1, due = 0, not_before = NULL, status = 'RUNNING',
    seq = run.seq + CASE WHEN run.epoch = 0 THEN 1 ELSE 0 END, started_at = coalesce(run.started_at, clock_timestamp()),
    updated_at = clock_timestamp()
  FROM locked WHERE run.workspace_id = locked.workspace_id AND run.run_id = locked.run_id
  RETURNING run.*, locked.beyond
), started AS (
  INSERT INTO run_event (workspace_id, run_id, seq, type, data, created_at)
  SELECT c.workspace_id, c.run_id, c.seq, $6, $9::json, c.updated_at FROM c WHERE c.epoch = 1
), summary AS (
  SELECT CASE WHEN (SELECT count(*) FROM pick) >= $2::int THEN nullif(coalesce(
      (SELECT l.workspace_id FROM locked AS l ORDER BY l.rank DESC, l.workspace_id DESC LIMIT 1),
      (SELECT p.workspace_id FROM pick AS p ORDER BY p.rank DESC, p.workspace_id DESC LIMIT 1)),
      (SELECT CASE WHEN capacity.k < ${MAX_CLAIMED} THEN capacity.workspace_id END FROM capacity ORDER BY capacity.k DESC LIMIT 1))
    ELSE (SELECT capacity.workspace_id FROM capacity WHERE capacity.k = ${MAX_CLAIMED}) END AS cursor,
    (SELECT least(count(*), $2)::int FROM pick) AS candidates, EXISTS (SELECT FROM capacity WHERE capacity.n < $2::int AND capacity.n <=
      (SELECT count(*) FROM candidate AS a WHERE a.workspace_id = capacity.workspace_id AND NOT a.beyond)) AS "slotsFull",
    (SELECT count(*) FROM pick) < $2::int AND EXISTS (SELECT FROM candidate AS a, share WHERE a.rank = share.n AND NOT a.beyond) AS "mayHaveMore"
)
SELECT summary.cursor, summary.candidates, summary."slotsFull", summary."mayHaveMore", ${RUN_COLUMNS}, run.beyond AS "exceedsSlots",
  p.plan_type AS "planType", p.plan, p.made_by AS "madeBy", p.version AS "planVersion"
FROM summary LEFT JOIN c AS run ON true
LEFT JOIN execution_plan p ON run.epoch = 1 AND p.workspace_id = run.workspace_id AND p.execution_plan_id = run.execution_plan_id`;

type ClaimRow = Omit<ClaimOutcome, 'claimed'> & PlanOfRun & Omit<ClaimedRun, 'run' | 'plan'> & RunRow;

/**
 * Claims due runs of all workspaces in turn. No other worker executes a claimed run until it is released or its worker pool is
 * dead. The first claim of a run makes it RUNNING and appends `startEvent` in the same statement.
 * @param pool its sessions have the settings `batchPoolOptions`, because each plans the statement once
 */
export async function claimRuns(pool: Pool, options: ClaimOptions, startEvent: EventDraft): Promise<ClaimOutcome> {
  const { worker, maxRuns: want, slots, maxBeyondSlots, mayTakeSuspect, oldest, cursor } = options;
  const { rows } = await pool.query<ClaimRow>({
    name: 'runs_claim',
    text: TEXT,
    values: [
      worker,
      Math.min(want, MAX_CLAIMED),
      slots,
      maxBeyondSlots,
      cursor ?? '00000000-0000-0000-0000-000000000000',
      startEvent.type,
      mayTakeSuspect,
      oldest,
      startEvent.data,
    ],
  });
  const { cursor: next, candidates, slotsFull, mayHaveMore: more } = rows[0]!;
  const claimed = rows.filter(({ runId }) => runId !== null).map(toClaimed);
  return { cursor: next, candidates, slotsFull, mayHaveMore: more, claimed };
}

function toClaimed({ exceedsSlots, planType, plan, madeBy, planVersion, ...row }: ClaimRow): ClaimedRun {
  const { cursor: _cursor, candidates: _candidates, slotsFull: _slotsFull, mayHaveMore: _more, ...run } = row;
  return { run, exceedsSlots, plan: run.epoch === 1 ? { planType, plan, madeBy, planVersion } : null };
}

/** Reads the state of a claimed run. A decision after this read makes the run due again. */
export async function readClaim(scope: RunScope, claimed: ClaimedRun): Promise<Claim> {
  const { runId } = claimed.run;
  // A new run has no calls, unless it took them over from the run that it reruns.
  if (claimed.plan) {
    const ledger = claimed.run.rerunOf === null ? [] : await readLedger(scope, runId);
    return { ...claimed, ...claimed.plan, ledger, reportedSteps: [], decisionRequests: [] };
  }
  const [plan, ledger, reportedSteps, decisionRequests] = await Promise.all([
    readPlanOfRun(scope, claimed.run.executionPlanId),
    readLedger(scope, runId),
    readReportedSteps(scope, runId),
    readDecisionRequests(scope, runId),
  ]);
  return { ...claimed, ...plan, ledger, reportedSteps, decisionRequests };
}

async function readPlanOfRun(scope: RunScope, executionPlanId: string): Promise<PlanOfRun> {
  const rows = await queryRows<PlanOfRun>(scope, {
    name: 'plan_of_run',
    text: `SELECT plan_type AS "planType", plan, made_by AS "madeBy", version AS "planVersion" FROM execution_plan
      WHERE workspace_id = $1 AND execution_plan_id = $2`,
    values: [executionPlanId],
  });
  return rows[0]!;
}

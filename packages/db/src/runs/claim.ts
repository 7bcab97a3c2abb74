import type { Json } from '@errand/contracts';
import type { EventDraft } from './events.ts';
import { readShownSteps } from './events.ts';
import { type LedgerRow, readLedger } from './ledger.ts';
import { type RunRow, runColumns } from './row.ts';
import type { RunScope } from './scope.ts';
import { readWaiting, type WaitingRow } from './waiting.ts';

/** What an activation starts from. */
export type Claim = {
  run: RunRow;
  epoch: number;
  /** Whether this is the run's first activation. */
  first: boolean;
  planType: 'text' | 'json';
  plan: Json;
  madeBy: string;
  /** Grows with each plan that is stored; 1 is the placeholder. */
  planVersion: number;
  ledger: LedgerRow[];
  /** What the caller hands on to integrations, sealed; null when nothing. */
  sealedPassThrough: Buffer | null;
  /** Steps whose end an earlier activation has told. */
  shownSteps: string[];
  /** What humans were asked about it, and what they answered, oldest first. */
  waiting: WaitingRow[];
};

const terminal = `('SUCCESS', 'PARTIAL_SUCCESS', 'NO_SUCCESS', 'FAILED', 'CANCELED')`;

const take = `
WITH c AS (
  UPDATE run SET epoch = epoch + 1, lease = $3, wake = false, status = CASE WHEN status = 'QUEUED' THEN 'RUNNING' ELSE status END,
    seq = seq + CASE WHEN status = 'QUEUED' THEN 1 ELSE 0 END, started_at = coalesce(started_at, clock_timestamp()),
    updated_at = clock_timestamp()
  WHERE workspace_id = $1 AND run_id = $2 AND status NOT IN ${terminal} AND (lease IS NULL OR (lease = $3 AND $4))
  RETURNING *
), started AS (
  INSERT INTO run_event (workspace_id, run_id, seq, type, data, created_at)
  SELECT $1, $2, c.seq, $5, $6::json, c.updated_at FROM c WHERE c.epoch = 1
)
SELECT ${runColumns}, run.epoch, p.plan_type AS "planType", p.plan, p.made_by AS "madeBy",
  p.version AS "planVersion", run.sealed_pass_through AS "sealedPassThrough"
FROM c AS run JOIN execution_plan p ON p.workspace_id = run.workspace_id AND p.execution_plan_id = run.execution_plan_id`;

const wake = `UPDATE run SET wake = true WHERE workspace_id = $1 AND run_id = $2 AND lease IS NOT NULL AND status NOT IN ${terminal}`;

/**
 * Takes a run for one activation: nobody else advances it until it is released or its holder is known to be dead.
 * The first activation makes it RUNNING and appends `start` in the same statement.
 * @param pool id of the worker pool that takes it
 * @param stale true when this process knows that it is not advancing the run itself: a lease of its own is then left over
 * @returns null when the run has ended, or is being advanced (its holder is told to look again)
 */
export async function claimRun(
  scope: RunScope,
  runId: string,
  pool: string,
  stale: boolean,
  start: EventDraft,
): Promise<Claim | null> {
  const ids = [scope.workspaceId, runId];
  // Between a failed take and the wake the holder may let go: then the wake finds no lease, and the take is tried again.
  for (let attempt = 0; attempt < 5; attempt++) {
    type Row = RunRow & Pick<Claim, 'epoch' | 'planType' | 'plan' | 'madeBy' | 'planVersion' | 'sealedPassThrough'>;
    const { rows } = await scope.pool.query<Row>({
      name: 'run_take',
      text: take,
      values: [...ids, pool, stale, start.type, start.data],
    });
    if (rows[0]) {
      const { epoch, planType, plan, madeBy, planVersion, sealedPassThrough, ...run } = rows[0];
      const first = epoch === 1;
      try {
        const [ledger, shownSteps, waiting] = first
          ? [[], [], []]
          : await Promise.all([readLedger(scope, runId), readShownSteps(scope, runId), readWaiting(scope, runId)]);
        const stored = { planType, plan, madeBy, planVersion, sealedPassThrough };
        return { run, epoch, first, ...stored, ledger, shownSteps, waiting };
      } catch (error) {
        await abandonRun(scope, runId, epoch).catch(() => {});
        throw error;
      }
    }
    const woken = await scope.pool.query({ name: 'run_wake', text: wake, values: ids });
    if (woken.rowCount) return null;
    const { rows: left } = await scope.pool.query({
      name: 'run_open',
      text: `SELECT 1 FROM run WHERE workspace_id = $1 AND run_id = $2 AND status NOT IN ${terminal}`,
      values: ids,
    });
    if (left.length === 0) return null;
  }
  return null;
}

/** Lets go of a run whose activation broke, whatever happened meanwhile: whoever takes it next sees all of it. */
export async function abandonRun(scope: RunScope, runId: string, epoch: number): Promise<void> {
  await scope.pool.query({
    name: 'run_abandon',
    text: `UPDATE run SET lease = NULL, wake = false WHERE workspace_id = $1 AND run_id = $2 AND epoch = $3::int`,
    values: [scope.workspaceId, runId, epoch],
  });
}

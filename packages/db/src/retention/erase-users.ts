import { setTimeout as pause } from 'node:timers/promises';
import { system } from '@errand/contracts';
import type { Client, Pool } from 'pg';
import { auditRow, writeAuditRows } from '../audit/write.ts';
import { allRows } from '../statements/scope.ts';
import { forgetUsageOf } from '../usage/roll-up.ts';
import {
  countBeforeRemoval,
  emptyTable,
  type RemovableRun,
  ROWS_AT_ONCE,
  removeEmptyRuns,
  removeRowsOfRuns,
} from './remove-runs.ts';
import { FORMS_OF_USER, ROWS_OF_USER } from './rows-of-user.ts';
import { inTransaction } from './transaction.ts';
import { type CancelRun, cancelRunsOfErasure, RUNS_OF_ERASURE } from './user-erasures.ts';
import { ADD_ERASED_VACUUM } from './vacuum-erased.ts';

/** A request that another process accepted before may store a run for up to this time. An interrupted request is taken over then, too. */
const GRACE = "interval '60 seconds'";
const RUNS_AT_ONCE = 500;

const LOCK = `SELECT pg_try_advisory_lock(hashtextextended('errand.user_erasure', 0)) AS mine`;
// Background work: it waits only briefly for locks, and is repeated after a crash. The plans use the keys of the tables.
const SESSION = `SET lock_timeout = '500ms'; SET statement_timeout = '60s'; SET enable_seqscan = off; SET enable_hashjoin = off;
  SET enable_mergejoin = off`;

const DUE = `SELECT workspace_id AS "workspaceId", user_id AS "userId", requested_at < now() - ${GRACE} AS "mayEnd" FROM user_erasure
  WHERE cancelling_since IS NULL OR cancelling_since < now() - ${GRACE} ORDER BY requested_at LIMIT 100`;

const NEXT_RUNS = `SELECT run.run_id AS "runId", run.execution_plan_id AS "executionPlanId", run.integrations
  FROM user_erasure e JOIN run ON ${RUNS_OF_ERASURE}
  WHERE e.workspace_id = $1 AND e.user_id = $2 AND e.cancelling_since IS NULL AND run.ended_at IS NOT NULL ORDER BY run.run_id LIMIT $3`;

/** Messages about connections of the user and about removed schedules. */
const OTHER_MESSAGES = `(s.data->>'userId' = $2 OR s.data->>'scheduleId' = ANY(
  SELECT unnest(schedule_ids)::text FROM user_erasure e WHERE e.workspace_id = $1 AND e.user_id = $2))`;
const REST = [
  `DELETE FROM user_token AS t USING (SELECT s.workspace_id, s.user_token_id FROM user_token s
      WHERE s.workspace_id = $1 AND s.user_id = $2 LIMIT $3) AS batch
    WHERE t.workspace_id = batch.workspace_id AND t.user_token_id = batch.user_token_id`,
  `DELETE FROM open_run_claim AS t USING (SELECT s.workspace_id, s.user_id, s.run_id FROM open_run_claim s
      WHERE s.workspace_id = $1 AND s.user_id = $2 LIMIT $3) AS batch
    WHERE t.workspace_id = batch.workspace_id AND t.user_id = batch.user_id AND t.run_id = batch.run_id`,
  `DELETE FROM approval_rule AS t USING (SELECT s.workspace_id, s.approval_rule_id FROM approval_rule s
      WHERE s.workspace_id = $1 AND s.user_id = $2 LIMIT $3) AS batch
    WHERE t.workspace_id = batch.workspace_id AND t.approval_rule_id = batch.approval_rule_id`,
  `DELETE FROM webhook_message AS t USING (SELECT s.message_id FROM webhook_message s
      WHERE s.workspace_id = $1 AND s.run_id IS NULL AND ${OTHER_MESSAGES} LIMIT $3) AS batch WHERE t.message_id = batch.message_id`,
  `DELETE FROM webhook_delivery AS t USING (SELECT s.workspace_id, s.webhook_id, s.delivery_id FROM webhook_delivery s
      WHERE s.workspace_id = $1 AND s.run_id IS NULL AND ${OTHER_MESSAGES} LIMIT $3) AS batch
    WHERE t.workspace_id = batch.workspace_id AND t.webhook_id = batch.webhook_id AND t.delivery_id = batch.delivery_id`,
];

/** What the removal needs of the engine. */
export type ErasurePort = {
  cancel: CancelRun;
  /** Called after runs were removed. */
  onRemoved: (workspaceId: string, runIds: readonly string[]) => void;
};

type DueErasure = { workspaceId: string; userId: string; mayEnd: boolean };
type Work = { client: Client; port: ErasurePort; signal: AbortSignal; rowsAtOnce: number };

/**
 * Removes the data of erased users, in small transactions with pauses of the same length. One process at a time does so; after a crash
 * the next one continues with the remaining rows. Returns the number of users whose erasure has ended.
 * @param connect opens a connection outside the pool
 * @param signal stops it after the current transaction
 * @throws database errors, such as a lock timeout; the next call continues
 */
export async function eraseUsers(
  connect: () => Promise<Client>,
  port: ErasurePort,
  signal: AbortSignal,
  rowsAtOnce = ROWS_AT_ONCE,
): Promise<number> {
  const client = await connect();
  const work = { client, port, signal, rowsAtOnce };
  let ended = 0;
  try {
    await client.query(SESSION);
    if (!(await client.query<{ mine: boolean }>(LOCK)).rows[0]!.mine) return 0;
    let isBusy = true;
    while (isBusy && !signal.aborted) {
      isBusy = false;
      // One batch of each user in turn: a user with many runs does not delay the others.
      for (const erasure of await allRows<DueErasure>(client as unknown as Pool, { text: DUE })) {
        const runs = await eraseNext(work, erasure);
        if (runs > 0) isBusy = true;
        else if (!signal.aborted && (await eraseRest(work, erasure))) ended++;
      }
    }
    return ended;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Removes the next ended runs of a user. Returns their number. */
async function eraseNext(work: Work, { workspaceId, userId }: DueErasure): Promise<number> {
  const { client, port, signal, rowsAtOnce } = work;
  const scope = { pool: client as unknown as Pool, workspaceId };
  if (signal.aborted || !(await cancelRunsOfErasure(scope, userId, port.cancel))) return 0;
  const limit = Math.min(RUNS_AT_ONCE, rowsAtOnce);
  const { rows: runs } = await client.query<RemovableRun>(NEXT_RUNS, [workspaceId, userId, limit]);
  if (runs.length === 0) return 0;
  const from = performance.now();
  const runIds = runs.map(({ runId }) => runId);
  await inTransaction(client, () => countBeforeRemoval(client, { workspaceId, runIds, isErased: true }));
  if (!(await removeRowsOfRuns(client, { workspaceId, runs }, { rowsAtOnce, signal }))) return 0;
  await inTransaction(client, async () => {
    const removed = await removeEmptyRuns(client, workspaceId, runIds);
    const count = 'UPDATE user_erasure SET removed_runs = removed_runs + $3 WHERE workspace_id = $1 AND user_id = $2';
    await client.query(count, [workspaceId, userId, removed]);
  });
  port.onRemoved(workspaceId, runIds);
  await pause(performance.now() - from, undefined, { signal }).catch(() => {});
  return runs.length;
}

/** Removes rows of the user that belong to no run. Ends the erasure if no run can appear any more. Returns whether it ended. */
async function eraseRest({ client, signal, rowsAtOnce }: Work, { workspaceId, userId, mayEnd }: DueErasure) {
  for (const text of REST) {
    const statement = { text, values: [workspaceId, userId, rowsAtOnce] };
    if (!(await emptyTable(client, statement, { rowsAtOnce, signal }))) return false;
  }
  for (const text of [...ROWS_OF_USER, ...FORMS_OF_USER]) await client.query(text, [workspaceId, userId]);
  return mayEnd && inTransaction(client, () => endErasure(client, workspaceId, userId));
}

async function endErasure(client: Client, workspaceId: string, userId: string): Promise<boolean> {
  // A run or a request that came meanwhile is served first.
  const { rows } = await client.query<{ runs: number; cancelled: number; uncertain: number }>(
    `DELETE FROM user_erasure e WHERE e.workspace_id = $1 AND e.user_id = $2 AND e.cancelling_since IS NULL
      AND NOT EXISTS (SELECT FROM run WHERE ${RUNS_OF_ERASURE}) RETURNING removed_runs AS runs, cancelled, uncertain`,
    [workspaceId, userId],
  );
  const details = rows[0];
  if (!details) return false;
  await forgetUsageOf(client, workspaceId, userId);
  const note = { actor: system, action: 'user.erasure_finished', target: userId, details } as const;
  await writeAuditRows(client, [auditRow(workspaceId, note)]);
  await client.query(ADD_ERASED_VACUUM);
  return true;
}

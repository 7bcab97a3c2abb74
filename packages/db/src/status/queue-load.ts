import type { PoolClient } from 'pg';
import { NOT_HELD } from '../restores/hold.ts';

/** The queue of all workspaces. */
export type QueueLoad = {
  due: number;
  claimed: number;
  /** How long a run has waited for a worker; 0 if none waits. */
  oldestDueSeconds: number;
  /** How long a run of a workspace with full slots has been due; 0 if there is none. */
  oldestSlotWaitSeconds: number;
};

/** Slots are free between the end of a run and the next claim. A workspace with a smaller share of free slots counts as full. */
const FREE_SHARE = 0.1;
/** Maximum time that one reading adds to a wait, in seconds, so that the first reading of a process shows no more. */
const MAX_STEP_SECONDS = 60;

const READ = `
WITH due AS MATERIALIZED (
  SELECT run.workspace_id, count(*) AS n, min(run.updated_at) AS since FROM run WHERE run.due > 0 AND run.lease IS NULL GROUP BY 1
), claimed AS MATERIALIZED (
  SELECT run.workspace_id, count(*) AS n FROM run WHERE run.lease IS NOT NULL GROUP BY 1
), waiting AS (
  SELECT due.n, due.since, slots.max - coalesce(claimed.n, 0) > slots.max * ${FREE_SHARE} AS "hasSlots"
  FROM due LEFT JOIN claimed USING (workspace_id) LEFT JOIN workspace AS w USING (workspace_id),
    LATERAL (SELECT CASE WHEN w.deleting_at IS NULL THEN coalesce(w.max_runs, $1::int) ELSE 0 END AS max) AS slots
), age AS (
  SELECT coalesce(sum(n), 0)::int AS due, extract(epoch FROM clock_timestamp() - min(since) FILTER (WHERE "hasSlots"))::float8 AS worker,
    extract(epoch FROM clock_timestamp() - min(since) FILTER (WHERE NOT "hasSlots"))::float8 AS slot FROM waiting
)
SELECT age.due, (SELECT coalesce(sum(n), 0)::int FROM claimed) AS claimed, CASE WHEN ${NOT_HELD} THEN greatest(age.worker, 0) ELSE 0 END AS worker,
  greatest(age.slot, 0) AS slot FROM age`;

type Row = { due: number; claimed: number; worker: number; slot: number };

/**
 * Reads the queue. A run may have waited for a slot before its workspace got one, so its wait for a worker grows from one reading to the
 * next no faster than the time.
 * @param slots of a workspace without a limit of its own
 */
export function queueLoadReader(slots: number): (client: PoolClient) => Promise<QueueLoad> {
  let last = { seconds: 0, at: Number.NEGATIVE_INFINITY };
  return async (client) => {
    const at = performance.now();
    const { rows } = await client.query<Row>(READ, [slots]);
    const { worker, slot, ...counts } = rows[0]!;
    const step = Math.min((at - last.at) / 1000, MAX_STEP_SECONDS);
    last = { seconds: Math.min(worker, last.seconds + step), at };
    return { ...counts, oldestDueSeconds: last.seconds, oldestSlotWaitSeconds: slot };
  };
}

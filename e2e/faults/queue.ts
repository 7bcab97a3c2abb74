// The only place of the harness that knows the columns by which runs are handed to workers.
import type { Postgres } from './postgres.ts';

/** A run that has not ended, as its row says. */
export type OpenRun = {
  runId: string;
  errand: string;
  status: string;
  lease: string | null;
  epoch: number;
  seq: number;
  /** It waits, nobody holds it, and something that it asked was answered and has not been acted upon. */
  answered: boolean;
  /** It waits for a credential that is there. */
  given: boolean;
};

// A run waits for what is open. An approved call has a ledger entry as soon as it is acted upon, unless a credential is lacking.
const openRuns = `
SELECT r.run_id AS "runId", r.metadata->>'errand' AS errand, r.status, r.lease, r.epoch, r.seq,
  r.status IN ('PAUSED', 'AUTH_REQUIRED') AND r.lease IS NULL AND (
    NOT EXISTS (SELECT FROM waiting w WHERE w.run_id = r.run_id AND w.decided_at IS NULL)
    OR EXISTS (SELECT FROM waiting w WHERE w.run_id = r.run_id AND w.kind = 'tool_approval' AND w.decision = 'approve'
      AND NOT EXISTS (SELECT FROM ledger l WHERE l.run_id = w.run_id AND l.key = w.key)
      AND NOT EXISTS (SELECT FROM waiting c WHERE c.run_id = r.run_id AND c.kind = 'consent' AND c.decided_at IS NULL))
  ) AS answered,
  r.status IN ('PAUSED', 'AUTH_REQUIRED') AND EXISTS (SELECT FROM waiting w
    JOIN integration_user u USING (workspace_id, customer_integration_id, user_id)
    WHERE w.run_id = r.run_id AND w.kind = 'consent' AND w.decided_at IS NULL
      AND u.active AND u.sealed IS NOT NULL AND u.token_rejected_at IS NULL) AS given
FROM run r WHERE r.ended_at IS NULL`;

/** All runs that have not ended, in one look. */
export const readOpenRuns = (postgres: Postgres): Promise<OpenRun[]> => postgres.query<OpenRun>(openRuns);

/** Statements of http processes and of workers whose commit may arrive while its answer does not; prepared ones by name. */
export const saidByHttp = ['INSERT INTO run', 'idempotency', 'waiting_decide', 'COMMIT'];
export const saidByWorkers = ['run_take', 'run_move', 'run_wake', 'get_job', 'pool_beat'];
/** The statement by which a worker takes runs. */
export const claims = 'run_take';

// The only file of the harness that knows the columns by which workers claim runs.
import type { Postgres } from './postgres.ts';

/** A run that has not ended, by its row. */
export type OpenRun = {
  runId: string;
  errand: string;
  status: string;
  lease: string | null;
  epoch: number;
  seq: number;
  /** Whether the run waits without a lease, although one of its requests is decided and not yet processed. */
  decidedYetWaiting: boolean;
  /** Whether the run waits for a stored credential. */
  credentialYetWaiting: boolean;
  /** Whether the run is due without a lease, although its workspace has a free slot or it needs none. */
  dueYetUnclaimed: boolean;
  /** Whether this is the first lease of the run, which needs a slot; later ones need none. */
  heldFirstTime: boolean;
};

// A run waits for open requests. A processed approval or answer has a ledger entry, unless a credential is missing. The entry of a write
// that asked is REFUSED until its newest answer is processed.
const OPEN_RUNS = `
SELECT r.run_id AS "runId", r.metadata->>'errand' AS errand, r.status, r.lease, r.epoch, r.seq,
  r.status IN ('PAUSED', 'AUTH_REQUIRED') AND r.lease IS NULL AND (
    NOT EXISTS (SELECT FROM decision_request d WHERE d.run_id = r.run_id AND d.decided_at IS NULL)
    OR EXISTS (SELECT FROM decision_request d WHERE d.run_id = r.run_id AND (d.kind, d.decision) IN (('tool_approval', 'approve'), ('question', 'answer'))
      AND NOT EXISTS (SELECT FROM ledger l WHERE l.run_id = d.run_id AND l.key = d.key)
      AND NOT EXISTS (SELECT FROM decision_request c WHERE c.run_id = r.run_id AND c.kind = 'consent' AND c.decided_at IS NULL))
    OR EXISTS (SELECT FROM decision_request d JOIN ledger l ON l.run_id = d.run_id AND l.key || ' 0' = d.key AND l.state = 'REFUSED'
      WHERE d.run_id = r.run_id AND d.kind = 'input' AND d.output IS NOT NULL
      AND NOT EXISTS (SELECT FROM decision_request n WHERE n.run_id = d.run_id AND n.key = d.key AND n.decision_request_id > d.decision_request_id))
  ) AS "decidedYetWaiting",
  r.status IN ('PAUSED', 'AUTH_REQUIRED') AND EXISTS (SELECT FROM decision_request d
    JOIN integration_user u USING (workspace_id, customer_integration_id, user_id)
    WHERE d.run_id = r.run_id AND d.kind = 'consent' AND d.decided_at IS NULL
      AND u.active AND u.sealed IS NOT NULL AND u.token_rejected_at IS NULL) AS "credentialYetWaiting",
  r.due > 0 AND r.lease IS NULL AND r.deaths < 2 AND (r.due = 2
    OR (SELECT count(*) FROM run h WHERE h.workspace_id = r.workspace_id AND h.lease IS NOT NULL) < $1::int) AS "dueYetUnclaimed",
  r.lease IS NOT NULL AND r.epoch = 1 AS "heldFirstTime"
FROM run r WHERE r.ended_at IS NULL`;

/** All runs that have not ended. @param slots of a workspace */
export const readOpenRuns = (postgres: Postgres, slots: number): Promise<OpenRun[]> =>
  postgres.query<OpenRun>(OPEN_RUNS, [slots]);

/** Maximum runs of one claim. */
const MAX_CLAIMED = 32;

/**
 * The maximum number of runs of one workspace with a first lease at one moment. These need a slot, but concurrent claims may count the
 * same free slots.
 */
export const maxHeldFirstTime = (slots: number, workers: number): number =>
  slots + workers * Math.min(slots, MAX_CLAIMED);

/** Statements of http processes and of workers with answers that are lost after the commit; prepared ones by name. */
export const statementsOfHttp = ['run_create', 'idempotency', 'decision_request_decide', 'COMMIT'];
export const statementsOfWorkers = [
  'runs_claim',
  'run_transition',
  'run_give_back',
  'run_take_answers',
  'leases_reclaim',
  'pool_heartbeat',
];
export const CLAIMS = 'runs_claim';

/** Whether a message to Postgres records the end of a step, and contains no other run. */
export const endsStep = (message: string, step: string): boolean => {
  const ids = new Set(message.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g));
  // The id of the workspace, and the id of the run.
  return message.includes('run_transition') && ids.size === 2 && new RegExp(`"stepId\\W+${step}\\W`).test(message);
};

/** Whether a message suspends a waiting run. */
export const suspends = (message: string): boolean => message.includes('run_transition_w');

/** Whether a message requests a credential. */
export const asksForCredential = (message: string): boolean =>
  /run_transition\w*_q/.test(message) && message.includes('authentication');

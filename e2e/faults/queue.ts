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
  /** It can be carried out, and nobody holds it although its workspace has a free slot, or it passes them. */
  due: boolean;
  /** It is held for the first time, so that it was taken in turn: those that pass the slots were held before. */
  inTurn: boolean;
};

// A run waits for what is open. An approved call has a ledger entry as soon as it is acted upon, unless a credential is lacking.
const OPEN_RUNS = `
SELECT r.run_id AS "runId", r.metadata->>'errand' AS errand, r.status, r.lease, r.epoch, r.seq,
  r.status IN ('PAUSED', 'AUTH_REQUIRED') AND r.lease IS NULL AND (
    NOT EXISTS (SELECT FROM decision_request d WHERE d.run_id = r.run_id AND d.decided_at IS NULL)
    OR EXISTS (SELECT FROM decision_request d WHERE d.run_id = r.run_id AND d.kind = 'tool_approval' AND d.decision = 'approve'
      AND NOT EXISTS (SELECT FROM ledger l WHERE l.run_id = d.run_id AND l.key = d.key)
      AND NOT EXISTS (SELECT FROM decision_request c WHERE c.run_id = r.run_id AND c.kind = 'consent' AND c.decided_at IS NULL))
  ) AS answered,
  r.status IN ('PAUSED', 'AUTH_REQUIRED') AND EXISTS (SELECT FROM decision_request d
    JOIN integration_user u USING (workspace_id, customer_integration_id, user_id)
    WHERE d.run_id = r.run_id AND d.kind = 'consent' AND d.decided_at IS NULL
      AND u.active AND u.sealed IS NOT NULL AND u.token_rejected_at IS NULL) AS given,
  r.due > 0 AND r.lease IS NULL AND r.deaths < 2 AND (r.due = 2
    OR (SELECT count(*) FROM run h WHERE h.workspace_id = r.workspace_id AND h.lease IS NOT NULL) < $1::int) AS due,
  r.lease IS NOT NULL AND r.epoch = 1 AS "inTurn"
FROM run r WHERE r.ended_at IS NULL`;

/** All runs that have not ended, in one look. @param slots of a workspace */
export const readOpenRuns = (postgres: Postgres, slots: number): Promise<OpenRun[]> =>
  postgres.query<OpenRun>(OPEN_RUNS, [slots]);

/** Runs that one claim takes at most. */
const MAX_CLAIMED = 32;

/** Leases of one workspace that may be taken in turn at a time: each process may take what it saw free before others took it. */
export const maxInTurn = (slots: number, workers: number): number => slots + workers * Math.min(slots, MAX_CLAIMED);

/** Statements of http processes and of workers whose commit may arrive while its answer does not; prepared ones by name. */
export const saidByHttp = ['run_create', 'idempotency', 'decision_request_decide', 'COMMIT'];
export const saidByWorkers = [
  'runs_claim',
  'run_transition',
  'run_give_back',
  'run_take_answers',
  'leases_reclaim',
  'pool_heartbeat',
];
/** The statement by which a worker takes runs. */
export const CLAIMS = 'runs_claim';

/** Whether a message to Postgres writes that a step has ended, and writes nothing of another run. */
export const tellsStep = (message: string, step: string): boolean => {
  const ids = new Set(message.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g));
  // That of the workspace, and that of the run.
  return message.includes('run_transition') && ids.size === 2 && new RegExp(`"stepId\\W+${step}\\W`).test(message);
};

/** Whether it lets go of a run that waits. */
export const rests = (message: string): boolean => message.includes('run_transition_w');

/** Whether it asks for a credential. */
export const asksForCredential = (message: string): boolean =>
  /run_transition\w*_q/.test(message) && message.includes('authentication');

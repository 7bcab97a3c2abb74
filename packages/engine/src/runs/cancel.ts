import { isTerminal, type NewRunEvent, problem, type Run } from '@errand/contracts';
import {
  type RunScope,
  readInFlight,
  readOpenDecisionRequests,
  readRun,
  type Transition,
  voidDecisionRequests,
  withTransaction,
} from '@errand/db';
import { operationLabel } from '@errand/plan';
import { noSuchRun } from '../events/events.ts';
import { toDraft } from '../events/frame.ts';
import { type Publish, transition } from '../transition.ts';
import { toRun } from './result.ts';

/**
 * Cancels a run at once, whatever it is doing. Writes in flight are shown as uncertain before the end: whoever sent them is told
 * to abort, and what is learnt later goes to the ledger alone.
 * @throws ProblemError not_found, run_already_finished
 */
export async function cancel(scope: RunScope, publish: Publish, runId: string): Promise<Run> {
  let tell: Told | undefined;
  do tell = await tryCancel(scope, publish, runId);
  while (tell === 'asked');
  tell();
  const row = await readRun(scope, runId);
  if (!row) throw noSuchRun();
  return toRun(row);
}

/** What to do once it is committed; `asked`: nothing was, because the run has just asked something. */
type Told = (() => void) | 'asked';

/** Undoes the transaction: between the look at the questions and the lock of the run another one was asked. */
class Asked extends Error {}

const tryCancel = (scope: RunScope, publish: Publish, runId: string): Promise<Told> =>
  withTransaction(scope.pool, async (client): Promise<Told> => {
    const locked = { ...scope, pool: client as unknown as RunScope['pool'] };
    // Questions before the run, as whoever answers one locks them.
    await voidDecisionRequests(locked, runId, client);
    await client.query('SELECT 1 FROM run WHERE workspace_id = $1 AND run_id = $2 FOR UPDATE', [
      scope.workspaceId,
      runId,
    ]);
    if ((await readOpenDecisionRequests(locked, [runId], 1)).length > 0) throw new Asked();
    const row = await readRun(locked, runId);
    if (!row) throw noSuchRun();
    if (row.status === 'CANCELED') return () => {};
    if (isTerminal(row.status))
      throw problem('run_already_finished', `The run has ended with ${row.status}; there is nothing to cancel.`);
    const inFlight = await readInFlight(locked, runId);
    const events = [
      ...inFlight.map((entry) => notKnown(entry, 'Cancelled while it was under way.')),
      { type: 'end', error: canceled } satisfies NewRunEvent,
    ];
    const change: Transition = {
      to: 'CANCELED',
      events: events.map((event) => toDraft('CANCELED', event)),
      end: { result: undefined, error: canceled },
    };
    // Told after the commit: a stream must not run ahead of the log.
    const told: Parameters<Publish>[] = [];
    await transition(locked, (...args) => told.push(args), { runId, status: row.status, epoch: null }, change, client);
    return () => {
      for (const args of told) publish(...args);
    };
  }).catch((error) => {
    if (error instanceof Asked) return 'asked';
    throw error;
  });

const canceled = { code: 'canceled' as const, message: 'The run was cancelled.', retryable: false };

type InFlight = Awaited<ReturnType<typeof readInFlight>>[number];

/** Tells that a call was sent and that nobody will know what came of it. */
export const notKnown = ({ key, stepId, tool }: InFlight, reason: string): NewRunEvent => ({
  type: 'step',
  step: {
    stepId: stepId ?? key,
    reason,
    approval: 'NOT_REQUIRED',
    text: `${operationLabel(tool ?? '')} was being called; whether it took effect is not known.`,
  },
});

import { isTerminal, type NewRunEvent, ProblemError, problem, type Run } from '@errand/contracts';
import {
  hasOpenDecisionRequest,
  type ReadRequesters,
  type RunScope,
  readHead,
  readInFlight,
  type Transition,
  voidDecisionRequests,
  withTransaction,
} from '@errand/db';
import { operationLabel } from '@errand/plan';
import { ANSWER_BYTES } from '../events/answer-text.ts';
import { toDraft } from '../events/event-json.ts';
import { runNotFound } from '../events/events.ts';
import { type Publish, transition } from '../model/transition.ts';
import { getRun } from './read-run.ts';

/**
 * Cancels a run at once. Events before the end report writes in flight as uncertain. Their worker aborts them; late outcomes go only to
 * the ledger.
 * @throws ProblemError not_found, run_already_finished
 */
export async function cancel(
  scope: RunScope,
  { publish, requesters }: { publish: Publish; requesters: ReadRequesters },
  runId: string,
): Promise<Run> {
  let afterCommit: AfterCommit | undefined;
  do afterCommit = await tryCancel(scope, publish, runId);
  while (afterCommit === 'requested');
  afterCommit();
  const view = { runId, includeEvents: false, includeToolCalls: false };
  return (await getRun(scope, view, ANSWER_BYTES, { link: (_, text) => text, requesters })).value();
}

/** Cancels a run, unless it has ended or is gone. */
export const ifOpen =
  (cancelRun: (workspaceId: string, runId: string) => Promise<unknown>) =>
  async (workspaceId: string, runId: string): Promise<void> => {
    await cancelRun(workspaceId, runId).catch((error) => {
      const isOver = error instanceof ProblemError && ['not_found', 'run_already_finished'].includes(error.code);
      if (!isOver) throw error;
    });
  };

/** The work after the commit; `requested`: nothing was committed, because the run has just made a decision request. */
type AfterCommit = (() => void) | 'requested';

/** Rolls the transaction back: a decision request was made after the open ones were locked and before the run was. */
class NewRequest extends Error {}

const tryCancel = (scope: RunScope, publish: Publish, runId: string): Promise<AfterCommit> =>
  withTransaction(scope.pool, async (client): Promise<AfterCommit> => {
    const lockedScope = { ...scope, pool: client as unknown as RunScope['pool'] };
    // Lock decision requests before their run, in the same order as decisions do.
    await voidDecisionRequests(lockedScope, runId);
    await client.query('SELECT 1 FROM run WHERE workspace_id = $1 AND run_id = $2 FOR UPDATE', [
      scope.workspaceId,
      runId,
    ]);
    if (await hasOpenDecisionRequest(lockedScope, runId)) throw new NewRequest();
    const head = await readHead(lockedScope, runId);
    if (!head) throw runNotFound();
    const { status } = head;
    if (status === 'CANCELED') return () => {};
    if (isTerminal(status))
      throw problem('run_already_finished', `The run has ended with ${status}; there is nothing to cancel.`, {
        values: { status },
      });
    const inFlight = await readInFlight(lockedScope, runId);
    const events = [
      ...inFlight.map((entry) => uncertainCallEvent(entry, 'The run was cancelled during the call.')),
      { type: 'end', error: CANCELED_ERROR, summary: CANCELED_ERROR.message } satisfies NewRunEvent,
    ];
    const change: Transition = {
      to: 'CANCELED',
      events: events.map((event) => toDraft('CANCELED', event)),
      end: { result: undefined, error: CANCELED_ERROR, summary: CANCELED_ERROR.message },
    };
    // Published after the commit: a stream must not be ahead of the log.
    const published: Parameters<Publish>[] = [];
    const record: Publish = (...args) => published.push(args);
    await transition({ scope: lockedScope, publish: record }, { runId, status, epoch: null }, change);
    return () => {
      for (const args of published) publish(...args);
    };
  }).catch((error) => {
    if (error instanceof NewRequest) return 'requested';
    throw error;
  });

const CANCELED_ERROR = { code: 'canceled' as const, message: 'The run was cancelled.', retryable: false };

type InFlight = Awaited<ReturnType<typeof readInFlight>>[number];

/** The event of a call that was sent and has no known outcome. */
export const uncertainCallEvent = ({ key, stepId, tool }: InFlight, reason: string): NewRunEvent => ({
  type: 'step',
  step: {
    stepId: stepId ?? key,
    reason,
    approval: 'NOT_REQUIRED',
    text: `${operationLabel(tool ?? '')} was being called; whether it took effect is not known.`,
  },
});

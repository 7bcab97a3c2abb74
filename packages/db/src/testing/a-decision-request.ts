import { createRun } from '../runs/create.ts';
import type { NewDecision, NewDecisionRequest } from '../runs/decision-requests.ts';
import { applyTransition } from '../runs/transitions/transitions.ts';
import { newId, type RunScope } from '../statements/scope.ts';
import { aNewRun, aStep } from './a-new-run.ts';
import { claimOne } from './claim-one.ts';

/** An open decision request that does not expire. */
export const aDecisionRequest = (changes: Partial<NewDecisionRequest> = {}): NewDecisionRequest => {
  const decisionRequestId = newId();
  return {
    ...{
      decisionRequestId,
      userId: 'user-1',
      kind: 'tool_approval',
      key: decisionRequestId,
      stepId: null,
      customerIntegrationId: null,
    },
    tool: null,
    args: null,
    sha256: null,
    text: 'May it?',
    words: null,
    expiresAt: null,
    ...changes,
  };
};

/** The decision to approve it. */
export const anAnswer: NewDecision = {
  decision: 'approve',
  by: null,
  reason: null,
  requestExpired: false,
  kinds: ['tool_approval'],
};

/** A claimed run with one open decision request. */
export async function aRunWithRequest(scope: RunScope, run = aNewRun(), changes: Partial<NewDecisionRequest> = {}) {
  const { runId } = await createRun(scope, run);
  const { epoch } = (await claimOne(scope, runId))!.run;
  const request = aDecisionRequest(changes);
  await applyTransition(scope, { runId, epoch }, { to: 'RUNNING', events: [aStep(1)], decisionRequests: [request] });
  return { workspaceId: scope.workspaceId, runId, epoch, request };
}

import type { NewDecision, NewDecisionRequest } from '../runs/decision-requests.ts';
import { newId } from '../runs/scope.ts';

/** A question to a human, open and without an end. */
export const aDecisionRequest = (over: Partial<NewDecisionRequest> = {}): NewDecisionRequest => {
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
    ...{ tool: null, args: null, sha256: null, text: 'May it?', expiresAt: null },
    ...over,
  };
};

/** The answer that it may. */
export const anAnswer: NewDecision = {
  ...{ decision: 'approve', by: null, reason: null, expired: false, kinds: ['tool_approval'] },
};

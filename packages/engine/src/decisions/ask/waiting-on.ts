import { exampleAnswer, type WaitingOn } from '@errand/contracts';
import type { DecisionKind, OpenDecisionRequest } from '@errand/db';

/** The kinds of decision requests in the API. */
export const API_KINDS = {
  plan_approval: 'plan',
  tool_approval: 'call',
  consent: 'consent',
  effect: 'effect',
  question: 'question',
  input: 'input',
} as const satisfies Record<DecisionKind, WaitingOn['kind']>;

export function idField({ kind, decisionRequestId }: Pick<OpenDecisionRequest, 'kind' | 'decisionRequestId'>) {
  switch (kind) {
    case 'effect':
      return { effectId: decisionRequestId };
    case 'consent':
      return { consentId: decisionRequestId };
    case 'question':
    case 'input':
      return { requestId: decisionRequestId };
    default:
      return { approvalId: decisionRequestId };
  }
}

export const toWaitingOn = (row: OpenDecisionRequest): WaitingOn => ({
  kind: API_KINDS[row.kind],
  ...idField(row),
  ...(row.customerIntegrationId !== null && { customerIntegrationId: row.customerIntegrationId }),
  text: row.text,
  ...(row.choices && { choices: row.choices }),
  ...(row.requestedSchema && { requestedSchema: row.requestedSchema }),
  resolveWith: resolveWith(row),
  ...(row.expiresAt && { expiresAt: row.expiresAt.toISOString() }),
});

function resolveWith(request: OpenDecisionRequest): WaitingOn['resolveWith'] {
  const { kind, decisionRequestId, customerIntegrationId, userId, choices, requestedSchema } = request;
  switch (kind) {
    case 'effect':
      return { method: 'POST', path: `/v1/effects/${decisionRequestId}`, body: { decision: 'retry' } };
    case 'consent':
      return {
        method: 'POST',
        path: `/v1/integrations/${customerIntegrationId}/users/${encodeURIComponent(userId)}/auth-url`,
      };
    case 'question': {
      const words = 'In your words';
      const answer = requestedSchema ? exampleAnswer(requestedSchema) : (choices?.[0]?.value ?? words);
      return { method: 'POST', path: `/v1/questions/${decisionRequestId}`, body: { answer } };
    }
    case 'input':
      return { method: 'POST', path: `/v1/inputs/${decisionRequestId}`, body: { action: 'decline' } };
    default:
      return { method: 'POST', path: `/v1/approvals/${decisionRequestId}`, body: { decision: 'approve' } };
  }
}

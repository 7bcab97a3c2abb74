import type { ListPendingInput, PendingItem, PendingList, WaitingOn } from '@errand/contracts';
import { listPending, type OpenDecisionRequest, type RunScope } from '@errand/db';

/** A decision request in the form of the API. */
export function toWaitingOn(row: OpenDecisionRequest): WaitingOn {
  const effect = row.kind === 'effect';
  return {
    kind: row.kind,
    ...(effect && { effectId: row.decisionRequestId }),
    ...(row.kind.endsWith('approval') && { approvalId: row.decisionRequestId }),
    ...(row.kind === 'question' && { requestId: row.decisionRequestId }),
    ...(row.customerIntegrationId !== null && { customerIntegrationId: row.customerIntegrationId }),
    text: row.text,
    ...(row.choices && { choices: row.choices }),
    request: requestOf(row),
    ...(row.expiresAt && { expiresAt: row.expiresAt.toISOString() }),
  };
}

function requestOf({
  kind,
  decisionRequestId,
  customerIntegrationId,
  userId,
  choices,
}: OpenDecisionRequest): WaitingOn['request'] {
  switch (kind) {
    case 'effect':
      return { method: 'POST', path: `/v1/effects/${decisionRequestId}`, body: { decision: 'retry' } };
    case 'consent':
      return {
        method: 'POST',
        path: `/v1/integrations/${customerIntegrationId}/users/${encodeURIComponent(userId)}/auth-url`,
      };
    case 'question': {
      const answer = choices?.[0]?.value ?? 'In your words';
      return { method: 'POST', path: `/v1/questions/${decisionRequestId}`, body: { answer } };
    }
    default:
      return { method: 'POST', path: `/v1/approvals/${decisionRequestId}`, body: { decision: 'approve' } };
  }
}

/** A page of the open decision requests of a workspace, newest first. */
export async function pending(
  scope: RunScope,
  { userId, runId, cursor, pageSize }: ListPendingInput,
): Promise<PendingList> {
  const rows = await listPending(scope, { userId, runId, before: cursor }, pageSize + 1);
  const page = rows.slice(0, pageSize);
  return {
    pending: page.map(
      (row): PendingItem => ({
        ...toWaitingOn(row),
        runId: row.runId,
        userId: row.userId,
        createdAt: row.createdAt.toISOString(),
      }),
    ),
    ...(rows.length > pageSize && { nextCursor: page.at(-1)!.decisionRequestId }),
  };
}

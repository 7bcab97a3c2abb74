import {
  type Json,
  type ListPendingInput,
  mayDecide,
  type NewRunEvent,
  type PendingItem,
  type PendingList,
  type Principal,
  problem,
  type ResolvedEffect,
  type ResolveEffectInput,
  type WaitingOn,
} from '@errand/contracts';
import {
  type ClaimingWorker,
  type Decided,
  type DecisionRequest,
  decideRequest,
  findDecisionRequest,
  listPending,
  type NewDecision,
  type OpenDecisionRequest,
  type RunScope,
  readDecisionRequests,
  readExpiringRuns,
  waitForExpiry,
} from '@errand/db';
import type { Sandbox } from '@errand/plan';
import { toDraft } from '../events/frame.ts';
import type { Toolbox } from '../ports.ts';
import type { MakeDue } from '../queue/dequeuer.ts';
import type { Publish } from '../transition.ts';

/** A decision request in the form of the API. */
export function toWaitingOn(row: OpenDecisionRequest): WaitingOn {
  const effect = row.kind === 'effect';
  return {
    kind: row.kind,
    ...(effect && { effectId: row.decisionRequestId }),
    ...(row.kind.endsWith('approval') && { approvalId: row.decisionRequestId }),
    ...(row.customerIntegrationId !== null && { customerIntegrationId: row.customerIntegrationId }),
    text: row.text,
    request: requestOf(row),
    ...(row.expiresAt && { expiresAt: row.expiresAt.toISOString() }),
  };
}

function requestOf({
  kind,
  decisionRequestId,
  customerIntegrationId,
  userId,
}: OpenDecisionRequest): WaitingOn['request'] {
  switch (kind) {
    case 'effect':
      return { method: 'POST', path: `/v1/effects/${decisionRequestId}`, body: { decision: 'retry' } };
    case 'consent':
      return {
        method: 'POST',
        path: `/v1/integrations/${customerIntegrationId}/users/${encodeURIComponent(userId)}/auth-url`,
      };
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

/**
 * Decides about a call that may have taken effect; the run is due at once.
 * @throws ProblemError not_found; self_approval; validation_failed for an output that does not fit; effect_already_resolved; approval_gone
 */
export async function resolveEffect(
  scope: RunScope,
  deps: { toolbox: Toolbox; sandbox: Sandbox; publish: Publish; makeDue: MakeDue; fourEyes: boolean },
  input: ResolveEffectInput,
  by: Principal,
): Promise<ResolvedEffect> {
  const { effectId, decision, reason, output } = input;
  const row = await findDecisionRequest(scope, effectId);
  if (row?.kind !== 'effect') throw problem('not_found', 'There is no such effect.');
  if (output !== undefined && decision !== 'happened') {
    throw invalid('An output is allowed only with the decision happened.');
  }
  if (row.decidedAt !== null) return alreadyResolved(row, decision);
  if (!mayDecide(by, row.requestedBy, deps.fourEyes)) throw ownRun();
  if (output !== undefined) await checkOutput(scope, deps, row, output);
  const said = `${by.label} decided about ${row.tool}: ${decision}${reason ? ` (${reason})` : ''}.`;
  const made = {
    decision,
    by,
    reason: reason ?? null,
    expired: false,
    kinds: ['effect'] as const,
    ...(output !== undefined && { output }),
  };
  const event = { type: 'status', reason: said } as const;
  const to = { scope, publish: deps.publish };
  const decided = await deps.makeDue(true, (claimant) => decide(to, effectId, { decision: made, event }, claimant));
  return decided ? toResolved(decided.row) : alreadyResolved((await findDecisionRequest(scope, effectId))!, decision);
}

/** The refusal under four eyes. */
export const ownRun = () =>
  problem(
    'self_approval',
    'The principal that created the run may not decide about it, and a link does not show who uses it. Use the API key of somebody else.',
  );

/** Stores a decision and its event, and publishes the event. @returns null when the request is not open */
export async function decide(
  { scope, publish }: { scope: RunScope; publish: Publish },
  decisionRequestId: string,
  { decision, event }: { decision: NewDecision; event: NewRunEvent },
  claimant: ClaimingWorker | null = null,
): Promise<Decided> {
  const draft = toDraft('RUNNING', event);
  const decided = await decideRequest(scope, decisionRequestId, { decision, event: draft }, claimant);
  if (decided) publish(scope.workspaceId, decided.runId, [{ ...draft, seq: decided.seq, createdAt: decided.at }]);
  return decided;
}

/** Decides expired requests: uncertain effects are skipped, everything else is denied. @returns the number of runs that it checked */
export async function expire(pool: RunScope['pool'], publish: Publish): Promise<number> {
  const runs = await readExpiringRuns(pool, 100);
  for (const { workspaceId, runId } of runs) {
    const scope = { pool, workspaceId };
    const expired = (await readDecisionRequests(scope, runId)).filter((row) => row.expired);
    for (const row of expired) {
      const decision = row.kind === 'effect' ? 'skip' : 'deny';
      const made = { decision, by: null, reason: 'expired', expired: true, kinds: [row.kind] } as const;
      await decide({ scope, publish }, row.decisionRequestId, { decision: made, event: expiredEvent(row) });
    }
    if (expired.length === 0) await waitForExpiry(scope, runId);
  }
  return runs.length;
}

function expiredEvent({ kind, tool, decisionRequestId, customerIntegrationId }: DecisionRequest): NewRunEvent {
  switch (kind) {
    case 'effect':
      return { type: 'status', reason: `Nobody decided about ${tool} in time: skip.` };
    case 'consent':
      return { type: 'authentication', auth: { status: 'denied', customerIntegrationId: customerIntegrationId! } };
    default:
      return { type: 'run_action', approvalId: decisionRequestId, action: 'deny', reason: 'expired' };
  }
}

const toResolved = (row: DecisionRequest): ResolvedEffect => ({
  effectId: row.decisionRequestId,
  runId: row.runId,
  decision: row.decision as ResolvedEffect['decision'],
  ...(row.decidedBy !== null && { decidedBy: row.decidedBy }),
  ...(row.reason !== null && { reason: row.reason }),
  decidedAt: row.decidedAt!.toISOString(),
});

function alreadyResolved(row: DecisionRequest, decision: string): ResolvedEffect {
  if (row.decidedAt === null) throw problem('approval_gone', 'The decision request has expired.');
  if (row.decision === 'void') throw problem('approval_gone', 'The run has ended; there is nothing left to decide.');
  if (row.decision === decision) return toResolved(row);
  throw problem('effect_already_resolved', `It was decided already: ${row.decision}.`);
}

const invalid = (message: string) =>
  problem('validation_failed', message, { errors: [{ pointer: '/output', message }] });

async function checkOutput(
  scope: RunScope,
  { toolbox, sandbox }: { toolbox: Toolbox; sandbox: Sandbox },
  row: DecisionRequest,
  output: Json,
): Promise<void> {
  const tools = await toolbox.tools(scope.workspaceId, [row.customerIntegrationId!]);
  const schema = (await tools.named([row.tool!]))[0]?.outputSchema;
  if (!schema) return;
  const verdict = await sandbox.for(scope.workspaceId).validate(schema, output, { dialect: 'tool' });
  if (verdict.ok) return;
  const errors = verdict.errors.map(({ pointer, message }) => ({ pointer: `/output${pointer}`, message }));
  throw problem('validation_failed', `The output does not fit the output schema of ${row.tool}.`, { errors });
}

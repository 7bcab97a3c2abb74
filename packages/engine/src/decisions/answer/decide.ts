import {
  type DecidedRun,
  type DecisionObstacle,
  decisionObstacle,
  identityOf,
  type NewRunEvent,
  type Principal,
  problem,
} from '@errand/contracts';
import {
  type ClaimingWorker,
  type Decided,
  type DecisionRequest,
  decideRequest,
  type NewDecision,
  postponeToNextExpiry,
  type ReadPeopleBehind,
  type RunScope,
  readDecisionRequests,
  readExpiringRuns,
  withStep,
} from '@errand/db';
import type { Sandbox } from '@errand/plan';
import type { Toolbox } from '@errand/ports/toolbox';
import { toDraft } from '../../events/event-json.ts';
import type { Publish } from '../../model/transition.ts';
import type { MakeDue } from '../../queue/dequeuer.ts';

/** `fourEyes`: set when no person behind the principal that created the run may decide. */
export type DecideDeps = {
  toolbox: Toolbox;
  sandbox: Sandbox;
  publish: Publish;
  makeDue: MakeDue;
  fourEyes: ReadPeopleBehind | undefined;
};

const obstacleTexts: Readonly<Record<DecisionObstacle, string>> = {
  not_an_approver: 'The run names its approvers, and the caller is not one of them.',
  link: 'A link does not show who uses it.',
  requester: 'The person who requested the run may not decide about it, in person or with a key.',
  product:
    'Without the name of a person, a key of a product may stand for each person of the product, and so may a person who made a key that names them.',
};

/** @throws ProblemError not_an_approver, self_approval */
export async function checkMayDecide(
  { workspaceId }: Pick<RunScope, 'workspaceId'>,
  by: Principal,
  run: DecidedRun,
  fourEyes: DecideDeps['fourEyes'],
): Promise<void> {
  const obstacle = decisionObstacle(by, run, await fourEyes?.(workspaceId, [identityOf(by), run.requestedBy]));
  if (!obstacle) return;
  throw problem(obstacle === 'not_an_approver' ? obstacle : 'self_approval', obstacleTexts[obstacle], {
    ...(obstacle === 'product' && { remedy: 'Name the person in `onBehalfOf` of both requests.' }),
  });
}

/** Stores a decision and its events, and publishes them. @returns null when the request is not open */
export async function decide(
  { scope, publish }: { scope: RunScope; publish: Publish },
  decisionRequestId: string,
  { decision, events }: { decision: NewDecision; events: readonly NewRunEvent[] },
  claimant: ClaimingWorker | null = null,
): Promise<Decided> {
  const drafts = events.map((event) => toDraft('RUNNING', event));
  const decided = await decideRequest(scope, decisionRequestId, { decision, events: drafts }, claimant);
  if (!decided) return null;
  const { request, runId, seq, createdAt } = decided;
  const before = seq - drafts.length;
  const appended = drafts.map((draft, i) => ({ ...withStep(draft, request), seq: before + i + 1, createdAt }));
  const waitedMs = createdAt.getTime() - request.createdAt.getTime();
  const decidedAs = { kind: request.kind, decision: decision.decision, expired: decision.requestExpired, waitedMs };
  publish({ workspaceId: scope.workspaceId, runId }, appended, { decided: decidedAs });
  return decided;
}

/** A decision of a caller about an open request. */
type OpenDecision = Omit<NewDecision, 'requestExpired' | 'reason'> & { reason?: string | undefined };

/** Decides an open request for a caller; the run is due at once. @returns null when the request is not open */
export const decideOpen = (
  scope: RunScope,
  { publish, makeDue }: Pick<DecideDeps, 'publish' | 'makeDue'>,
  requestId: string,
  { decision, events }: { decision: OpenDecision; events: readonly NewRunEvent[] },
): Promise<Decided> => {
  const storedDecision = { decision: { ...decision, reason: decision.reason ?? null, requestExpired: false }, events };
  return makeDue(true, (claimant) => decide({ scope, publish }, requestId, storedDecision, claimant));
};

/** Decides expired requests: skips uncertain effects, denies everything else. @returns the number of checked runs */
export async function expire(pool: RunScope['pool'], publish: Publish): Promise<number> {
  const runs = await readExpiringRuns(pool, 100);
  for (const { workspaceId, runId } of runs) {
    const scope = { pool, workspaceId };
    const expired = (await readDecisionRequests(scope, runId)).filter((row) => row.expired);
    for (const row of expired) {
      const decision = row.kind === 'effect' ? 'skip' : 'deny';
      const newDecision = { decision, by: null, reason: 'expired', requestExpired: true, kinds: [row.kind] } as const;
      await decide({ scope, publish }, row.decisionRequestId, { decision: newDecision, events: expiredEvents(row) });
    }
    if (expired.length === 0) await postponeToNextExpiry(scope, runId);
  }
  return runs.length;
}

function expiredEvents({
  kind,
  tool,
  stepId,
  decisionRequestId,
  customerIntegrationId,
}: DecisionRequest): NewRunEvent[] {
  switch (kind) {
    case 'effect':
      return [
        { type: 'status', reason: `Nobody decided about ${tool} in time: skip.` },
        { type: 'effect', effectId: decisionRequestId, stepId: stepId!, decision: 'skip', reason: 'expired' },
      ];
    case 'consent':
      return [{ type: 'authentication', auth: { status: 'denied', customerIntegrationId: customerIntegrationId! } }];
    case 'question':
    case 'input':
      return [{ type: 'answer', requestId: decisionRequestId, reason: 'expired' }];
    default:
      return [{ type: 'run_action', approvalId: decisionRequestId, action: 'deny', reason: 'expired' }];
  }
}

import { type Principal, system } from '@errand/contracts';
import { findUnannounced, markAnnounced, type RunScope, readOpenConsentRequests, readUnannounced } from '@errand/db';
import type { Toolbox } from '@errand/ports/toolbox';
import type { Publish } from '../../model/transition.ts';
import { decide } from './decide.ts';

/** A decided consent or credential. `userId` is null when the auth of the integration changed: users for whom it suffices need no consent. */
export type ConsentDecision = {
  customerIntegrationId: string;
  userId: string | null;
  success: boolean;
  by: Principal;
};

type ConsentDeps = { toolbox: Toolbox; publish: Publish };

/** Decides consent requests, so that all runs that wait for them are due. @returns the ids of these runs */
export async function decideConsents(scope: RunScope, deps: ConsentDeps, consent: ConsentDecision): Promise<string[]> {
  const { customerIntegrationId, userId, success, by } = consent;
  const runs: string[] = [];
  for (const request of await readOpenConsentRequests(scope, customerIntegrationId, userId)) {
    const { decisionRequestId, runId } = request;
    const identity = { workspaceId: scope.workspaceId, userId: request.userId, runId };
    if (userId === null && (await deps.toolbox.missingCredentials(identity, [customerIntegrationId], true)).length > 0)
      continue;
    const decided = success ? 'approve' : 'deny';
    const decision = { decision: decided, by, reason: null, requestExpired: false, kinds: ['consent'] } as const;
    const auth = { status: success ? 'success' : 'denied', customerIntegrationId } as const;
    const event = { type: 'authentication', auth } as const;
    if (await decide({ scope, publish: deps.publish }, decisionRequestId, { decision, events: [event] }))
      runs.push(runId);
  }
  return runs;
}

/**
 * As `decideConsents`. If this process dies before all runs are due, a worker finishes the rest. After a change of auth the worker
 * always checks once more: other processes may see the change a second late.
 */
export async function decideDurably(scope: RunScope, deps: ConsentDeps, consent: ConsentDecision): Promise<string[]> {
  const { customerIntegrationId, userId, success } = consent;
  const credential = success && userId !== null && (await readUnannounced(scope, customerIntegrationId, userId));
  const runs = await decideConsents(scope, deps, consent);
  if (credential) await markAnnounced(scope.pool, credential);
  return runs;
}

/** Maximum credentials per round of a worker. */
const MAX_ANNOUNCED = 50;

/** Announces credentials that another process stored without announcing them. @returns the number of runs that are due now */
export async function announceStoredCredentials(pool: RunScope['pool'], deps: ConsentDeps): Promise<number> {
  let runs = 0;
  for (const credential of await findUnannounced(pool, MAX_ANNOUNCED)) {
    const { workspaceId, customerIntegrationId, userId } = credential;
    const consent = { customerIntegrationId, userId, success: true, by: system };
    runs += (await decideConsents({ pool, workspaceId }, deps, consent)).length;
    await markAnnounced(pool, credential);
  }
  return runs;
}

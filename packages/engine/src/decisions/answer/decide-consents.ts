import { type Principal, system } from '@errand/contracts';
import { findUnannounced, markAnnounced, type RunScope, readConsents, readUnannounced } from '@errand/db';
import type { Publish } from '../../transition.ts';
import { decide } from './decide.ts';

type DecidedConsent = { customerIntegrationId: string; userId: string; success: boolean; by: Principal };

/** A user gave or refused a consent or a credential: all runs that wait for it are due. @returns their ids */
export async function decideConsents(scope: RunScope, publish: Publish, consent: DecidedConsent): Promise<string[]> {
  const { customerIntegrationId, userId, success, by } = consent;
  const runs: string[] = [];
  for (const { decisionRequestId, runId } of await readConsents(scope, customerIntegrationId, userId)) {
    const decided = success ? 'approve' : 'deny';
    const decision = { decision: decided, by, reason: null, expired: false, kinds: ['consent'] } as const;
    const auth = { status: success ? 'success' : 'denied', customerIntegrationId } as const;
    const event = { type: 'authentication', auth } as const;
    if (await decide({ scope, publish }, decisionRequestId, { decision, event })) runs.push(runId);
  }
  return runs;
}

/** As `decideConsents`. If this process dies before all runs are due, a worker makes the rest due. */
export async function consented(scope: RunScope, publish: Publish, consent: DecidedConsent): Promise<string[]> {
  const { customerIntegrationId, userId, success } = consent;
  const credential = success ? await readUnannounced(scope, customerIntegrationId, userId) : undefined;
  const runs = await decideConsents(scope, publish, consent);
  if (credential) await markAnnounced(scope.pool, credential);
  return runs;
}

/** Credentials that a worker announces at once, at most. */
const MAX_ANNOUNCED = 50;

/** Announces the credentials that another process has stored and not announced. @returns the number of runs that go on */
export async function announceForgotten(pool: RunScope['pool'], publish: Publish): Promise<number> {
  let runs = 0;
  for (const credential of await findUnannounced(pool, MAX_ANNOUNCED)) {
    const { workspaceId, ...consent } = credential;
    runs += (await decideConsents({ pool, workspaceId }, publish, { ...consent, success: true, by: system })).length;
    await markAnnounced(pool, credential);
  }
  return runs;
}

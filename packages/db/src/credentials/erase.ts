import type { ErasedUser } from '@errand/contracts';
import { auditEntry } from '../audit/write.ts';
import { eraseRowsOfUser } from '../retention/rows-of-user.ts';
import { beginErasure } from '../retention/user-erasures.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';
import { type ErasedGrant, lockAndOpenGrants } from './erased-grants.ts';
import { takeUnconfirmedGrants } from './unconfirmed-consents.ts';

const clearedToken = {
  sealed: null,
  tokenDestination: null,
  tokenRejectedAt: null,
  last4: null,
  fingerprint: null,
  unannouncedSince: null,
};

const clearedVariables = { variables: {}, sealedVariables: null, variablesDestination: null };

export const clearedGrant = {
  sealedGrant: null,
  grantDestination: null,
  grantExpiresAt: null,
  scope: null,
  wantedScope: null,
  askedScope: null,
  issuer: null,
  reconnectReason: null,
  refreshLease: null,
  refreshUntil: null,
};

/** Erases a user's credential at an integration. Returns the grants that can still be revoked. */
export async function eraseToken(
  scoped: WorkspaceScope,
  customerIntegrationId: string,
  userId: string,
): Promise<ErasedGrant[]> {
  const { prisma, vault, workspaceId } = scoped;
  return prisma.$transaction(async (tx) => {
    const of = { vault, workspaceId, userId };
    const unconfirmed = await takeUnconfirmedGrants(tx, of, [customerIntegrationId]);
    const locked = await lockAndOpenGrants(tx, of, [customerIntegrationId]);
    const { count } = await tx.integrationUser.updateMany({
      where: { workspaceId, customerIntegrationId, userId },
      data: { ...clearedToken, active: false, ...clearedGrant, ...clearedVariables },
    });
    if (count === 0) return unconfirmed;
    await tx.oauthPending.deleteMany({ where: { workspaceId, customerIntegrationId, userId } });
    await tx.integration.updateMany({
      where: { workspaceId, customerIntegrationId, toolsUserId: userId },
      data: { toolsUserId: null },
    });
    const details = { of: 'user', userId };
    await tx.audit.create(auditEntry(scoped, 'credential.revoked', customerIntegrationId, details));
    return [...unconfirmed, ...locked.grants];
  });
}

/** Erases a user and their credentials at all integrations. Returns the affected integrations and their grants. */
export async function eraseUser(
  scoped: WorkspaceScope,
  userId: string,
  everything: boolean,
): Promise<{ user: ErasedUser; grants: ErasedGrant[] }> {
  const { prisma, vault, workspaceId } = scoped;
  return prisma.$transaction(async (tx) => {
    const unconfirmed = await takeUnconfirmedGrants(tx, { vault, workspaceId, userId });
    const { ids: erased, grants } = await lockAndOpenGrants(tx, { vault, workspaceId, userId });
    await tx.integrationUser.deleteMany({ where: { workspaceId, userId, customerIntegrationId: { in: erased } } });
    await eraseRowsOfUser(tx, workspaceId, userId);
    if (erased.length > 0) await tx.audit.create(auditEntry(scoped, 'credential.erased', userId, { erased }));
    if (everything) await beginErasure(tx, scoped, { userId, connections: erased });
    return { user: { userId, erased }, grants: [...unconfirmed, ...grants] };
  });
}

import type { Secret } from '@errand/contracts';
import { changeAudited } from '../audit/write.ts';
import type { Prisma } from '../generated/client.ts';
import { secretLocation } from '../vault/locations.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';
import { secretDestination, type Target, tokenDestination } from './destination.ts';

/** `reseal` changes stored bytes, so the update is retried. */
const ATTEMPTS = 5;

/** Records that a service rejected a stored credential. */
export function rejections(scoped: WorkspaceScope) {
  const { prisma, vault, workspaceId } = scoped;
  const entry = (target: Target, details: { of: string; userId?: string }) =>
    ['credential.rejected', target.customerIntegrationId, { ...details, reason: 'rejected' }] as const;

  return {
    /**
     * Marks a user's token as rejected. It stays unused until the user stores a token again.
     * @param rejectedToken the rejected token; a newer stored token is not marked
     * @returns whether the stored token is the rejected one
     */
    async rejectUserToken(target: Target, userId: string, rejectedToken: Secret): Promise<boolean> {
      const { customerIntegrationId } = target;
      const where = { workspaceId, customerIntegrationId, userId };
      const destination = tokenDestination(target);
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const row = await prisma.integrationUser.findFirst({
          where: { ...where, active: true, tokenDestination: destination },
          select: { sealed: true, tokenRejectedAt: true },
        });
        if (!row?.sealed) return false;
        const location = secretLocation('userSecret', workspaceId, [customerIntegrationId, userId], destination);
        if (vault.open(row.sealed, location).reveal() !== rejectedToken.reveal()) return false;
        if (row.tokenRejectedAt) return true;
        const data = { tokenRejectedAt: new Date() };
        const update = (tx: Prisma.TransactionClient) =>
          tx.integrationUser.updateMany({ where: { ...where, sealed: row.sealed, tokenRejectedAt: null }, data });
        const marked = await changeAudited(scoped, update, ...entry(target, { of: 'user', userId }));
        if (marked) return true;
      }
      return false;
    },

    /**
     * Marks an integration's token or secret as rejected, to inform its owner. Calls still use it, because it serves all users.
     * @returns whether the stored one is the rejected one
     */
    async rejectOwnSecret(target: Target, refused: Secret): Promise<boolean> {
      const { customerIntegrationId } = target;
      const where = { workspaceId, customerIntegrationId, tokenDestination: secretDestination(target) };
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const row = await prisma.integration.findFirst({ where, select: { sealedToken: true, tokenRejectedAt: true } });
        if (!row?.sealedToken) return false;
        const location = secretLocation(
          'workspaceSecret',
          workspaceId,
          [customerIntegrationId],
          where.tokenDestination,
        );
        if (vault.open(row.sealedToken, location).reveal() !== refused.reveal()) return false;
        if (row.tokenRejectedAt) return true;
        const data = { tokenRejectedAt: new Date() };
        const update = (tx: Prisma.TransactionClient) =>
          tx.integration.updateMany({ where: { ...where, sealedToken: row.sealedToken, tokenRejectedAt: null }, data });
        const marked = await changeAudited(scoped, update, ...entry(target, { of: 'workspace' }));
        if (marked) return true;
      }
      return false;
    },
  };
}

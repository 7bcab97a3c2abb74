import type { ErasedUser, IntegrationUser, Secret } from '@errand/contracts';
import { auditRow } from '../audit/write.ts';
import { Prisma } from '../generated/client.ts';
import { userPlace, workspacePlace } from '../vault/places.ts';
import { last4, type Vault } from '../vault/vault.ts';
import type { Scoped } from './scoped.ts';

/** A token that may be used now, and whose it is. */
export type OpenCredential = { token: Secret; of: 'user' | 'workspace' };

/** The columns of a consent, emptied. */
export const noGrant = {
  sealedGrant: null,
  grantExpiresAt: null,
  scope: null,
  issuer: null,
  reconnectReason: null,
  refreshLease: null,
  refreshUntil: null,
};

/** The columns of a workspace's own token; null empties them. */
export function workspaceToken(vault: Vault, workspaceId: string, customerIntegrationId: string, token: Secret | null) {
  return {
    sealedToken: token && vault.seal(token, workspacePlace(workspaceId, customerIntegrationId)),
    tokenLast4: token && last4(token),
    tokenFingerprint: token && vault.fingerprint(token, workspaceId),
  };
}

export function credentials({ prisma, vault, workspaceId, actor }: Scoped) {
  const one = (customerIntegrationId: string, userId: string) => ({
    workspaceId_customerIntegrationId_userId: { workspaceId, customerIntegrationId, userId },
  });
  return {
    async getUser(customerIntegrationId: string, userId: string): Promise<IntegrationUser | null> {
      const row = await prisma.integrationUser.findFirst({ where: { workspaceId, customerIntegrationId, userId } });
      return row && toUser(row);
    },

    /** Keeps a user's token, in place of any earlier one; null when there is no such integration. */
    async putUserToken(customerIntegrationId: string, userId: string, token: Secret): Promise<IntegrationUser | null> {
      const kept = {
        sealed: vault.seal(token, userPlace(workspaceId, customerIntegrationId, userId)),
        last4: last4(token),
        fingerprint: vault.fingerprint(token, workspaceId),
        active: true,
      };
      try {
        const details = { of: 'user', userId, fingerprint: kept.fingerprint };
        const note = { actor, action: 'credential.stored', target: customerIntegrationId, details } as const;
        const [row] = await prisma.$transaction([
          prisma.integrationUser.upsert({
            where: one(customerIntegrationId, userId),
            create: { workspaceId, customerIntegrationId, userId, ...kept },
            update: kept,
          }),
          prisma.audit.create({ data: auditRow(workspaceId, note) }),
        ]);
        return toUser(row);
      } catch (error) {
        if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2003') return null;
        throw error;
      }
    },

    /** Erases a user's token or consent; null when the integration does not know the user. */
    async revokeUserToken(customerIntegrationId: string, userId: string): Promise<IntegrationUser | null> {
      await prisma.$transaction(async (tx) => {
        const { count } = await tx.integrationUser.updateMany({
          where: { workspaceId, customerIntegrationId, userId },
          data: { sealed: null, last4: null, fingerprint: null, active: false, ...noGrant },
        });
        if (count === 0) return;
        await tx.oauthPending.deleteMany({ where: { workspaceId, customerIntegrationId, userId } });
        const details = { of: 'user', userId };
        const note = { actor, action: 'credential.revoked', target: customerIntegrationId, details } as const;
        await tx.audit.create({ data: auditRow(workspaceId, note) });
      });
      return this.getUser(customerIntegrationId, userId);
    },

    /** Erases a user at all integrations, credentials and all; runs stay. Answers where there was something to erase. */
    async eraseUser(userId: string): Promise<ErasedUser> {
      return prisma.$transaction(async (tx) => {
        const where = { workspaceId, userId };
        const rows = await tx.integrationUser.findMany({
          where,
          select: { customerIntegrationId: true },
          orderBy: { customerIntegrationId: 'asc' },
        });
        const erased = rows.map((row) => row.customerIntegrationId);
        await tx.integrationUser.deleteMany({ where: { ...where, customerIntegrationId: { in: erased } } });
        await tx.oauthPending.deleteMany({ where });
        if (erased.length > 0) {
          const note = { actor, action: 'credential.erased', target: userId, details: { erased } } as const;
          await tx.audit.create({ data: auditRow(workspaceId, note) });
        }
        return { userId, erased };
      });
    },

    /** Makes the integration know a user who has given nothing yet. False when there is no such integration. */
    async addUser(customerIntegrationId: string, userId: string): Promise<boolean> {
      try {
        await prisma.integrationUser.createMany({
          data: { workspaceId, customerIntegrationId, userId },
          skipDuplicates: true,
        });
        return true;
      } catch (error) {
        if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2003') return false;
        throw error;
      }
    },

    /** The secret of the integration itself: of a client, or a key. Null when it has none.
     *  @throws ProblemError credential_unavailable when it does not open */
    async ofIntegration(customerIntegrationId: string): Promise<Secret | null> {
      const row = await prisma.integration.findFirst({
        where: { workspaceId, customerIntegrationId },
        select: { sealedToken: true },
      });
      return row?.sealedToken ? vault.open(row.sealedToken, workspacePlace(workspaceId, customerIntegrationId)) : null;
    },

    /** The user's token, else the workspace's; null when there is neither.
     *  @throws ProblemError credential_unavailable when the one that is kept does not open */
    async open(customerIntegrationId: string, userId: string): Promise<OpenCredential | null> {
      const row = await prisma.integration.findFirst({
        where: { workspaceId, customerIntegrationId },
        select: { sealedToken: true, users: { where: { userId, active: true }, select: { sealed: true } } },
      });
      const own = row?.users[0]?.sealed;
      if (own) return { token: vault.open(own, userPlace(workspaceId, customerIntegrationId, userId)), of: 'user' };
      if (!row?.sealedToken) return null;
      return {
        token: vault.open(row.sealedToken, workspacePlace(workspaceId, customerIntegrationId)),
        of: 'workspace',
      };
    },
  };
}

function toUser(row: Prisma.IntegrationUserGetPayload<object>): IntegrationUser {
  // A refresh that was not ended in its time may have used up the refresh token.
  const lost = row.refreshUntil !== null && row.refreshUntil.getTime() < Date.now();
  const reconnect = row.reconnectReason ?? (lost ? 'lost' : undefined);
  return {
    userId: row.userId,
    active: row.active && (row.sealed !== null || (row.sealedGrant !== null && !reconnect)),
    ...(row.fingerprint !== null && { token: { last4: row.last4 ?? '', fingerprint: row.fingerprint } }),
    ...(row.sealedGrant !== null && {
      needsReconnect: reconnect !== undefined,
      ...(reconnect !== undefined && { reconnectReason: reconnect }),
      ...(row.scope !== null && { scope: row.scope }),
    }),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

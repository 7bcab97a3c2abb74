import type { IntegrationUser, Secret, UserState, VariableValues } from '@errand/contracts';
import { auditEntry } from '../audit/write.ts';
import { onPrismaCode } from '../database-errors.ts';
import type { Prisma } from '../generated/client.ts';
import { toFields } from '../statements/fields.ts';
import { withTransaction } from '../statements/scope.ts';
import { secretLocation } from '../vault/locations.ts';
import { last4, type Vault } from '../vault/vault.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';
import { userCredentialState, whereState } from './credential-state.ts';
import {
  hasUserVariables,
  secretDestination,
  type Target,
  targetSelect,
  tokenDestination,
  toTarget,
} from './destination.ts';
import { eraseToken, eraseUser } from './erase.ts';
import type { ErasedGrant } from './erased-grants.ts';
import { type NewUserCredential, storeUserCredential, tokenColumns } from './user-credential.ts';
import { differsByUser, stateSql } from './user-destinations.ts';

/** @property after id of the last user of the previous page; empty for the first page */
type UserPage = { state?: UserState | undefined; after: string; limit: number };

export type OpenCredential = { token: Secret; owner: 'user' | 'workspace' };

/** The columns of an integration's token or client secret; null clears them. */
export function ownSecretColumns(vault: Vault, workspaceId: string, target: Target, token: Secret | null) {
  const destination = secretDestination(target);
  return {
    sealedToken:
      token &&
      vault.seal(token, secretLocation('workspaceSecret', workspaceId, [target.customerIntegrationId], destination)),
    tokenDestination: token && destination,
    tokenRejectedAt: null,
    tokenLast4: token && last4(token),
    tokenFingerprint: token && vault.fingerprint(token, workspaceId),
  };
}

/** Users of integrations with their tokens and consents. */
export function userCredentials(scoped: WorkspaceScope) {
  const { prisma, workspaceId } = scoped;
  return {
    async getUser(customerIntegrationId: string, userId: string): Promise<IntegrationUser | null> {
      const row = await prisma.integrationUser.findFirst({
        where: { workspaceId, customerIntegrationId, userId },
        include: { integration: { select: targetSelect } },
      });
      return row && toUser(row);
    },

    /** The state of a user's credentials at some integrations, by their ids. */
    async statesOfUser(userId: string, integrationIds: readonly string[]): Promise<Map<string, CredentialSummary>> {
      const rows = await prisma.integrationUser.findMany({
        where: { workspaceId, userId, customerIntegrationId: { in: [...integrationIds] } },
        include: { integration: { select: targetSelect } },
      });
      return new Map(
        rows.map((row) => {
          const { active, needsReconnect, reconnectReason } = toUser(row);
          const state = {
            active,
            ...(needsReconnect !== undefined && { needsReconnect }),
            ...(reconnectReason !== undefined && { reconnectReason }),
          };
          return [row.customerIntegrationId, state];
        }),
      );
    },

    /** The users of an integration in the order of their ids. Returns null if the integration does not exist. */
    listUsers: (customerIntegrationId: string, page: UserPage) => listUsers(scoped, customerIntegrationId, page),

    /** Stores a user's token or values of variables, or both. */
    putUser: (target: Target, userId: string, credential: NewUserCredential) =>
      putUser(scoped, target, userId, credential),

    putUserToken: (target: Target, userId: string, token: Secret) => putUser(scoped, target, userId, { token }),

    /** Erases a user's token or consent. Returns the user (null if unknown to the integration) and the erased grants. */
    async revokeUserToken(
      customerIntegrationId: string,
      userId: string,
    ): Promise<{ user: IntegrationUser | null; grants: ErasedGrant[] }> {
      const grants = await eraseToken(scoped, customerIntegrationId, userId);
      return { user: await this.getUser(customerIntegrationId, userId), grants };
    },

    /** Erases the credentials of a user. With `everything`, it also begins to erase the rest; see `retention/user-erasures.ts`. */
    eraseUser: (userId: string, everything = false) => eraseUser(scoped, userId, everything),

    /** Adds a user without credentials. Returns false if the integration does not exist. */
    async addUser(customerIntegrationId: string, userId: string): Promise<boolean> {
      const data = { workspaceId, customerIntegrationId, userId };
      const creation = prisma.integrationUser.createMany({ data, skipDuplicates: true });
      return creation.then(() => true, onPrismaCode(FOREIGN_KEY_VIOLATION, false));
    },
  };
}

type CredentialSummary = Pick<IntegrationUser, 'active' | 'needsReconnect' | 'reconnectReason'>;

async function listUsers(
  scoped: WorkspaceScope,
  customerIntegrationId: string,
  page: UserPage,
): Promise<IntegrationUser[] | null> {
  const { prisma, workspaceId } = scoped;
  const where = { workspaceId, customerIntegrationId };
  const integration = await prisma.integration.findFirst({ where, select: targetSelect });
  if (!integration) return null;
  const { state, after, limit } = page;
  const target = toTarget(integration);
  const inState =
    state && differsByUser(target)
      ? { userId: { in: await usersInState(scoped, target, { ...page, state }) } }
      : { userId: { gt: after }, ...(state && { AND: whereState(state, target) }) };
  const rows = await prisma.integrationUser.findMany({
    where: { ...where, ...inState },
    include: { integration: { select: targetSelect } },
    orderBy: { userId: 'asc' },
    take: limit,
  });
  return rows.map(toUser);
}

async function usersInState(
  { prisma, workspaceId }: WorkspaceScope,
  target: Target,
  { state, after, limit }: UserPage & { state: UserState },
): Promise<string[]> {
  const rows = await prisma.$queryRaw<{ userId: string }[]>`
    SELECT user_id AS "userId" FROM integration_user WHERE workspace_id = ${workspaceId}::uuid
      AND customer_integration_id = ${target.customerIntegrationId} AND user_id > ${after} AND ${stateSql(state, target)}
    ORDER BY user_id LIMIT ${limit}`;
  return rows.map(({ userId }) => userId);
}

/**
 * Stores a user's token and values of variables. Values that are absent stay. The token is bound to the origin with the values that are
 * stored then. Returns null if the integration does not exist.
 */
async function putUser(
  scoped: WorkspaceScope,
  target: Target,
  userId: string,
  { token, variables = {} }: NewUserCredential,
): Promise<IntegrationUser | null> {
  if (token && !hasUserVariables(target)) return putUserToken(scoped, target, userId, token);
  const { prisma, pool, workspaceId } = scoped;
  const { customerIntegrationId } = target;
  const isStored = await withTransaction(pool, (client) =>
    storeUserCredential(client, scoped, target, { userId, token, variables }),
  );
  if (!isStored) return null;
  const row = await prisma.integrationUser.findFirst({
    where: { workspaceId, customerIntegrationId, userId },
    include: { integration: { select: targetSelect } },
  });
  return row && toUser(row);
}

/** Stores or replaces a user's token for the origin of `target`. Returns null if the integration does not exist. */
async function putUserToken(
  scoped: WorkspaceScope,
  target: Target,
  userId: string,
  token: Secret,
): Promise<IntegrationUser | null> {
  const { prisma, workspaceId } = scoped;
  const { customerIntegrationId } = target;
  const stored = { ...tokenColumns(scoped, target, userId, token), unannouncedSince: new Date() };
  const { fingerprint, tokenDestination: destination } = stored;
  const details = { of: 'user', userId, fingerprint, destination };
  const writes = prisma.$transaction([
    prisma.integrationUser.upsert({
      where: { workspaceId_customerIntegrationId_userId: { workspaceId, customerIntegrationId, userId } },
      create: { workspaceId, customerIntegrationId, userId, ...stored },
      update: stored,
      include: { integration: { select: targetSelect } },
    }),
    prisma.audit.create(auditEntry(scoped, 'credential.stored', customerIntegrationId, details)),
  ]);
  return writes.then(([row]) => toUser(row), onPrismaCode(FOREIGN_KEY_VIOLATION, null));
}

/** Opens stored secrets for the destination to which they are bound. */
export function storedSecrets({ prisma, vault, workspaceId }: WorkspaceScope) {
  const openOwnSecret = (row: { sealedToken: Uint8Array | null; tokenDestination: string | null }, target: Target) => {
    const destination = secretDestination(target);
    if (!row.sealedToken || row.tokenDestination !== destination) return null;
    return vault.open(
      row.sealedToken,
      secretLocation('workspaceSecret', workspaceId, [target.customerIntegrationId], destination),
    );
  };
  return {
    /** The integration's client secret or key; null if none is stored for this target. @throws ProblemError credential_unavailable */
    async openIntegrationSecret(target: Target): Promise<Secret | null> {
      const { customerIntegrationId } = target;
      const row = await prisma.integration.findFirst({
        where: { workspaceId, customerIntegrationId },
        select: { sealedToken: true, tokenDestination: true },
      });
      return row && openOwnSecret(row, target);
    },

    /**
     * The user's token, otherwise the token of the workspace. A user with a stored token never uses the workspace's.
     * Returns null if neither exists, the token is for another origin, or the service rejected the user's token.
     * @throws ProblemError credential_unavailable
     */
    async open(target: Target, userId: string): Promise<OpenCredential | null> {
      const { customerIntegrationId } = target;
      const select = { sealed: true, tokenDestination: true, tokenRejectedAt: true } as const;
      const row = await prisma.integration.findFirst({
        where: { workspaceId, customerIntegrationId },
        select: {
          sealedToken: true,
          tokenDestination: true,
          users: { where: { userId, active: true }, select },
        },
      });
      const user = row?.users[0];
      if (user?.sealed) {
        const destination = tokenDestination(target);
        if (user.tokenDestination !== destination || user.tokenRejectedAt !== null) return null;
        const location = secretLocation('userSecret', workspaceId, [customerIntegrationId, userId], destination);
        return { token: vault.open(user.sealed, location), owner: 'user' };
      }
      const token = row && openOwnSecret(row, target);
      return token && { token, owner: 'workspace' };
    },
  };
}

/** Violation of the foreign key to the integration. */
const FOREIGN_KEY_VIOLATION = 'P2003';

type UserRow = Prisma.IntegrationUserGetPayload<{ include: { integration: { select: typeof targetSelect } } }>;

function toUser(row: UserRow): IntegrationUser {
  const { isStored, isUsable, reconnectReason } = userCredentialState(
    {
      active: row.active,
      hasToken: row.sealed !== null,
      tokenDestination: row.tokenDestination,
      tokenRejected: row.tokenRejectedAt !== null,
      hasGrant: row.sealedGrant !== null,
      grantDestination: row.grantDestination,
      reconnectReason: row.reconnectReason,
      refreshLost: row.refreshUntil !== null && row.refreshUntil.getTime() < Date.now(),
    },
    toTarget(row.integration, row.variables),
  );
  return toFields<IntegrationUser>({
    userId: row.userId,
    active: isUsable,
    token: row.fingerprint === null ? null : { last4: row.last4 ?? '', fingerprint: row.fingerprint },
    needsReconnect: isStored ? reconnectReason !== undefined : null,
    reconnectReason: reconnectReason ?? null,
    scope: row.sealedGrant && row.scope,
    variables: Object.keys(row.variables as object).length > 0 ? (row.variables as VariableValues) : null,
    lastUsedAt: row.usedAt,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  });
}

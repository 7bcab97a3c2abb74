import {
  type ApprovalStrategy,
  holds,
  type Json,
  omitsApproval,
  type Principal,
  problem,
  type Rules,
  type Secret,
} from '@errand/contracts';
import { audit, auditEntry } from '../audit/write.ts';
import { ownSecretColumns } from '../credentials/credentials.ts';
import { type PublicAuth, targetSelect, toTarget } from '../credentials/destination.ts';
import { clearedGrant } from '../credentials/erase.ts';
import { Prisma } from '../generated/client.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';
import { tokenAuditNote } from './create.ts';
import type { Connection } from './integration-row.ts';
import { applyBaseUrl, type IntegrationKey, type Transaction, updateReview } from './refresh.ts';
import { type ChangeSettings, changeSettings } from './settings.ts';

export type IntegrationPatch = {
  active?: boolean;
  name?: string;
  /** Null removes them. */
  instructions?: string | null;
  /** The page that confirms the users of consents; null: that of the workspace. */
  verifyUrl?: string | null;
  /** Lowering it needs the scope `admin`. */
  approvalFloor?: ApprovalStrategy;
  /** Null removes them. */
  rules?: Rules | null;
  auth?: PublicAuth;
  /** Null removes it. */
  token?: Secret | null;
  oauthServer?: Json;
  /** With `auth`: the new authorization server that still needs the owner's confirmation. */
  pendingIssuer?: string;
  /** Erases the grants of users, which the change makes useless. */
  forgetGrants?: boolean;
  /** The pending base URL, which calls use from now on. */
  confirmBaseUrl?: string;
  /** Variables and values of every request; see `ChangeSettings`. */
  settings?: ChangeSettings;
};

/**
 * Changes an integration. Returns whether it exists.
 * @param registrationId only this registration is changed
 * @throws ProblemError validation_failed if the confirmed base URL is not the pending one; insufficient_scope for a lower floor
 */
export function patchIntegration(
  scoped: WorkspaceScope,
  customerIntegrationId: string,
  patch: IntegrationPatch,
  registrationId: string | undefined,
): Promise<boolean> {
  const { prisma, workspaceId, actor } = scoped;
  const { token, auth, oauthServer, forgetGrants = false, confirmBaseUrl, pendingIssuer = null, ...others } = patch;
  const { settings, rules, ...rest } = others;
  const where = { workspaceId, customerIntegrationId };
  const details = {
    ...rest,
    ...(auth && { authType: auth.type }),
    ...(rest.instructions && { instructions: 'changed' }),
    ...(rules !== undefined && { rules: rules ? 'changed' : 'removed' }),
    ...(confirmBaseUrl !== undefined && { baseUrl: confirmBaseUrl }),
  };
  const data = {
    ...rest,
    ...(rules !== undefined && { rules: (rules ?? {}) as Prisma.InputJsonObject }),
    // Cached tools contain the name.
    toolsVersion: { increment: 1 },
    ...((auth || settings || confirmBaseUrl !== undefined) && { unannouncedSince: new Date() }),
    ...(auth && {
      auth: auth as Prisma.InputJsonObject,
      oauthServer: (oauthServer as Prisma.InputJsonObject | undefined) ?? Prisma.DbNull,
    }),
  };
  return prisma.$transaction(async (tx) => {
    if (rest.approvalFloor !== undefined) await checkFloor(tx, where, rest.approvalFloor, actor);
    if ((await tx.integration.updateMany({ where: { ...where, registrationId }, data })).count === 0) return false;
    if (confirmBaseUrl !== undefined) await applyBaseUrl(tx, where, confirmBaseUrl);
    const note = settings && (await changeSettings(scoped, tx, where, settings));
    // The owner's choice replaces the pending authorization server.
    if (auth) await updateReview(tx, where, { pendingIssuer });
    if (forgetGrants) await tx.integrationUser.updateMany({ where, data: clearedGrant });
    await tx.audit.create(auditEntry(scoped, 'integration.changed', customerIntegrationId, { ...details, ...note }));
    if (token !== undefined) await putOwnSecret(scoped, tx, where, token);
    return true;
  });
}

/** Stores or removes the secret. The change has locked the row. */
async function putOwnSecret(
  scoped: WorkspaceScope,
  tx: Transaction,
  where: IntegrationKey,
  token: Secret | null,
): Promise<void> {
  const { vault, workspaceId } = scoped;
  const row = await tx.integration.findFirstOrThrow({ where, select: targetSelect });
  await tx.integration.updateMany({ where, data: ownSecretColumns(vault, workspaceId, toTarget(row), token) });
  const { action, target, details } = tokenAuditNote(scoped, where.customerIntegrationId, token);
  await tx.audit.create(auditEntry(scoped, action, target, details));
}

/** Stores a discovered authorization server, unless another one was stored meanwhile. */
export async function putAuthorizationServer(
  scoped: WorkspaceScope,
  { customerIntegrationId, registrationId, oauthServer: expectedServer }: Connection,
  oauthServer: Json,
): Promise<void> {
  const { pool, workspaceId, actor } = scoped;
  const expectedServerJson = expectedServer === undefined ? null : JSON.stringify(expectedServer);
  const { rowCount } = await pool.query(
    // Other processes may see it a second late; waiting runs become due then.
    `UPDATE integration SET oauth_server = $4::jsonb, updated_at = now(), unannounced_since = clock_timestamp() WHERE workspace_id = $1 AND customer_integration_id = $2
       AND registration_id = $3 AND auth->>'type' = 'OAUTH2' AND oauth_server IS NOT DISTINCT FROM $5::jsonb`,
    [workspaceId, customerIntegrationId, registrationId, JSON.stringify(oauthServer), expectedServerJson],
  );
  if (rowCount !== 1) return;
  const { issuer = null, client = null } = oauthServer as { issuer?: Json; client?: { clientId: Json } };
  const details = { issuer, clientId: client?.clientId ?? null };
  await audit(scoped, { actor, action: 'integration.changed', target: customerIntegrationId, details });
}

/** Stores the authorization server that an MCP server names now, for its owner to confirm; null if it is the stored one. */
export async function putPendingIssuer(
  scoped: WorkspaceScope,
  connection: Connection,
  pendingIssuer: string | null,
): Promise<void> {
  const { prisma, workspaceId } = scoped;
  const { customerIntegrationId, registrationId } = connection;
  if ((connection.pendingIssuer ?? null) === pendingIssuer) return;
  const where = { workspaceId, customerIntegrationId };
  await prisma.$transaction(async (tx) => {
    if ((await tx.integration.count({ where: { ...where, registrationId } })) === 0) return;
    await updateReview(tx, where, { pendingIssuer });
    await tx.audit.create(auditEntry(scoped, 'integration.changed', customerIntegrationId, { pendingIssuer }));
  });
}

/**
 * Checks that a principal may set the floor: a lower one needs `admin`. Locks the row, so that the second of two concurrent
 * changes is compared with the first.
 * @throws ProblemError insufficient_scope
 */
async function checkFloor(tx: Transaction, where: IntegrationKey, newFloor: ApprovalStrategy, principal: Principal) {
  const [row] = await tx.$queryRaw<{ floor: ApprovalStrategy }[]>`
    SELECT approval_floor AS floor FROM integration
    WHERE workspace_id = ${where.workspaceId}::uuid AND customer_integration_id = ${where.customerIntegrationId} FOR UPDATE`;
  if (!row || !omitsApproval(newFloor, row.floor) || holds(principal, 'admin')) return;
  throw problem(
    'insufficient_scope',
    `Runs must ask ${row.floor} before they call this integration, and ${newFloor} asks less. Lowering the floor needs the scope admin.`,
  );
}

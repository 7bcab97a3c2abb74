import {
  type ApprovalStrategy,
  asksLess,
  holds,
  type Json,
  type Principal,
  problem,
  type Secret,
} from '@errand/contracts';
import { audit, auditEntry } from '../audit/write.ts';
import { noGrant, ownSecret } from '../credentials/credentials.ts';
import { type PublicAuth, targetSelect, toTarget } from '../credentials/destination.ts';
import { Prisma } from '../generated/client.ts';
import type { Scoped } from '../workspaces/scoped.ts';
import { tokenNote } from './create.ts';
import type { Connection } from './integration-row.ts';
import { confirm, settle, type Tx, type Where } from './refresh.ts';

export type IntegrationPatch = {
  active?: boolean;
  name?: string;
  /** Null removes them. */
  instructions?: string | null;
  /** Only `admin` may lower it. */
  approvalFloor?: ApprovalStrategy;
  auth?: PublicAuth;
  /** Null removes it. */
  token?: Secret | null;
  oauthServer?: Json;
  /** With `auth`: the authorization server that waits for the owner. */
  pendingIssuer?: string;
  /** Whether existing grants of users become useless and are erased. */
  forgetGrants?: boolean;
  /** The pending base URL: calls use it from now on. */
  confirmBaseUrl?: string;
};

/**
 * Changes an integration.
 * @param registrationId the registration to change; a later one with the same id is not changed
 * @returns whether there is such an integration
 * @throws ProblemError validation_failed when the confirmed base URL is not the pending one; insufficient_scope for a lower floor
 */
export function patchIntegration(
  scoped: Scoped,
  customerIntegrationId: string,
  patch: IntegrationPatch,
  registrationId: string | undefined,
): Promise<boolean> {
  const { prisma, workspaceId, actor } = scoped;
  const { token, auth, oauthServer: _, forgetGrants = false, confirmBaseUrl, pendingIssuer = null, ...rest } = patch;
  const where = { workspaceId, customerIntegrationId };
  const details = {
    ...rest,
    ...(auth && { authType: auth.type }),
    ...(rest.instructions && { instructions: 'changed' }),
    ...(confirmBaseUrl !== undefined && { baseUrl: confirmBaseUrl }),
  };
  return prisma.$transaction(async (tx) => {
    if (rest.approvalFloor !== undefined) await mayFloor(tx, where, rest.approvalFloor, actor);
    const data = columnsOf(patch);
    if ((await tx.integration.updateMany({ where: { ...where, registrationId }, data })).count === 0) return false;
    if (confirmBaseUrl !== undefined) await confirm(tx, where, confirmBaseUrl);
    // What the owner has said of the authorization server holds.
    if (auth) await settle(tx, where, { pendingIssuer });
    if (forgetGrants) await tx.integrationUser.updateMany({ where, data: noGrant });
    await tx.audit.create(auditEntry(scoped, 'integration.changed', customerIntegrationId, details));
    if (token !== undefined) await putOwnSecret(scoped, tx, where, token);
    return true;
  });
}

/** The columns that a patch sets in any case. */
function columnsOf({ active, name, instructions, approvalFloor, auth, oauthServer, confirmBaseUrl }: IntegrationPatch) {
  return {
    active,
    name,
    instructions,
    approvalFloor,
    // Its tools contain its name.
    toolsVersion: { increment: 1 },
    ...((auth || confirmBaseUrl !== undefined) && { unannouncedSince: new Date() }),
    ...(auth && {
      auth: auth as Prisma.InputJsonObject,
      oauthServer: (oauthServer as Prisma.InputJsonObject | undefined) ?? Prisma.DbNull,
    }),
  };
}

/** Stores or removes the secret of the changed integration: its row is locked by the change. */
async function putOwnSecret(scoped: Scoped, tx: Tx, where: Where, token: Secret | null): Promise<void> {
  const { vault, workspaceId } = scoped;
  const row = await tx.integration.findFirstOrThrow({ where, select: targetSelect });
  await tx.integration.updateMany({ where, data: ownSecret(vault, workspaceId, toTarget(row), token) });
  const { action, target, details } = tokenNote(scoped, where.customerIntegrationId, token);
  await tx.audit.create(auditEntry(scoped, action, target, details));
}

/** Stores the authorization server that was found for an integration, unless another one was stored meanwhile. */
export async function putAuthorization(
  scoped: Scoped,
  { customerIntegrationId, registrationId, oauthServer: before }: Connection,
  oauthServer: Json,
): Promise<void> {
  const { pool, workspaceId, actor } = scoped;
  const { rowCount } = await pool.query(
    // Other processes may learn of it a second late: waiting runs are told then.
    `UPDATE integration SET oauth_server = $4::jsonb, updated_at = now(), unannounced_since = clock_timestamp() WHERE workspace_id = $1 AND customer_integration_id = $2
       AND registration_id = $3 AND auth->>'type' = 'OAUTH2' AND oauth_server IS NOT DISTINCT FROM $5::jsonb`,
    [
      workspaceId,
      customerIntegrationId,
      registrationId,
      JSON.stringify(oauthServer),
      before === undefined ? null : JSON.stringify(before),
    ],
  );
  if (rowCount !== 1) return;
  const { issuer = null, client = null } = oauthServer as { issuer?: Json; client?: { clientId: Json } };
  const details = { issuer, clientId: client?.clientId ?? null };
  await audit(scoped, { actor, action: 'integration.changed', target: customerIntegrationId, details });
}

/** Notes the authorization server that an MCP server names now, for its owner; null: it names the one that is stored. */
export async function putPendingIssuer(
  scoped: Scoped,
  connection: Connection,
  pendingIssuer: string | null,
): Promise<void> {
  const { prisma, workspaceId } = scoped;
  const { customerIntegrationId, registrationId } = connection;
  if ((connection.pendingIssuer ?? null) === pendingIssuer) return;
  const where = { workspaceId, customerIntegrationId };
  await prisma.$transaction(async (tx) => {
    if ((await tx.integration.count({ where: { ...where, registrationId } })) === 0) return;
    await settle(tx, where, { pendingIssuer });
    await tx.audit.create(auditEntry(scoped, 'integration.changed', customerIntegrationId, { pendingIssuer }));
  });
}

/**
 * Whether a principal may set the floor of an integration: to ask less than before needs `admin`. Locks the integration's row, so that of
 * two who set it at once the second is held to what the first has set.
 * @throws ProblemError insufficient_scope
 */
async function mayFloor(tx: Tx, where: Where, to: ApprovalStrategy, by: Principal) {
  const [row] = await tx.$queryRaw<{ floor: ApprovalStrategy }[]>`
    SELECT approval_floor AS floor FROM integration
    WHERE workspace_id = ${where.workspaceId}::uuid AND customer_integration_id = ${where.customerIntegrationId} FOR UPDATE`;
  if (!row || !asksLess(to, row.floor) || holds(by, 'admin')) return;
  throw problem(
    'insufficient_scope',
    `Runs must ask ${row.floor} before they call this integration, and ${to} asks less. Lowering the floor needs the scope admin.`,
  );
}

import { type CallHealth, type IntegrationHealth, MAX_COUNTED_USERS } from '@errand/contracts';
import { integrationSecretState } from '../credentials/credential-state.ts';
import { grantDestination, type Target, targetSelect, tokenDestination, toTarget } from '../credentials/destination.ts';
import { differsByUser, stateSql } from '../credentials/user-destinations.ts';
import type { Prisma } from '../generated/client.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';
import { callHealths, isFailing } from './call-health.ts';

const MAX_INTEGRATIONS = 1000;
const MAX_FAULTY = 100;

const healthSelect = {
  ...targetSelect,
  name: true,
  active: true,
  needsReview: true,
  listedAt: true,
  listFailures: true,
  pendingBaseUrl: true,
  pendingIssuer: true,
  tokenFingerprint: true,
  tokenDestination: true,
  tokenRejectedAt: true,
} as const;
type HealthRow = Prisma.IntegrationGetPayload<{ select: typeof healthSelect }>;
type UserCounts = Pick<IntegrationHealth, 'usersConnected' | 'usersToReconnect'>;

export type IntegrationsHealth = { total: number; withFaults: number; faulty: IntegrationHealth[] };

/** Returns the integrations of a workspace that need an action of an administrator or of users. */
export async function integrationsHealth(scoped: WorkspaceScope): Promise<IntegrationsHealth> {
  const { prisma, workspaceId } = scoped;
  const rows = await prisma.integration.findMany({
    where: { workspaceId },
    select: healthSelect,
    orderBy,
    take: MAX_INTEGRATIONS,
  });
  const healths = await toHealths(scoped, rows, callHealths(scoped));
  const faulty = healths.filter(({ faults }) => faults.length > 0);
  return { total: rows.length, withFaults: faulty.length, faulty: faulty.slice(0, MAX_FAULTY) };
}

const orderBy = [
  { name: 'asc' },
  { customerIntegrationId: 'asc' },
] satisfies Prisma.IntegrationOrderByWithRelationInput[];

/** Returns the health of the integrations that exist, by name. Counts at most `MAX_COUNTED_USERS` users of each. */
export async function healthOf(scoped: WorkspaceScope, ids: readonly string[]): Promise<IntegrationHealth[]> {
  const { prisma, workspaceId } = scoped;
  const where = { workspaceId, customerIntegrationId: { in: [...ids] } };
  const rows = await prisma.integration.findMany({ where, select: healthSelect, orderBy });
  return toHealths(scoped, rows, callHealths(scoped, ids), MAX_COUNTED_USERS);
}

async function toHealths(
  scoped: WorkspaceScope,
  rows: readonly HealthRow[],
  health: Promise<ReadonlyMap<string, CallHealth>>,
  maxUsers?: number,
): Promise<IntegrationHealth[]> {
  const [counts, calls] = await Promise.all([countUsers(scoped, rows, maxUsers), health]);
  return rows.map((row) => toHealth(row, calls.get(row.customerIntegrationId), counts.get(row.customerIntegrationId)));
}

/**
 * Counts the users with a credential, and those whose credential is unusable, as `userCredentialState` decides.
 * @param maxUsers the users that are read of each integration; by default all
 */
async function countUsers(
  scoped: WorkspaceScope,
  rows: readonly HealthRow[],
  maxUsers: number | null = null,
): Promise<ReadonlyMap<string, UserCounts>> {
  const { pool, workspaceId } = scoped;
  const all = rows.map((row) => toTarget(row));
  const targets = all.filter((target) => !differsByUser(target));
  const isOauth = targets.map(({ auth }) => auth.type === 'OAUTH2');
  const { rows: counts } = await pool.query<UserCounts & { id: string }>(
    `WITH state AS (
       SELECT u.customer_integration_id AS id,
         CASE WHEN t.is_oauth THEN u.grant_destination IS DISTINCT FROM t.destination OR u.reconnect_reason IS NOT NULL
             OR coalesce(u.refresh_until < clock_timestamp(), false)
           ELSE u.token_destination IS DISTINCT FROM t.destination OR u.token_rejected_at IS NOT NULL END AS is_unusable
       FROM unnest($2::text[], $3::bool[], $4::text[]) AS t(id, is_oauth, destination)
       CROSS JOIN LATERAL (SELECT * FROM integration_user
         WHERE workspace_id = $1 AND customer_integration_id = t.id LIMIT $5) AS u
       WHERE CASE WHEN t.is_oauth THEN u.sealed_grant ELSE u.sealed END IS NOT NULL)
     SELECT id, count(*)::int AS "usersConnected", count(*) FILTER (WHERE is_unusable)::int AS "usersToReconnect"
     FROM state GROUP BY id`,
    [
      workspaceId,
      targets.map(({ customerIntegrationId }) => customerIntegrationId),
      isOauth,
      targets.map((target, i) => (isOauth[i] ? grantDestination(target) : tokenDestination(target))),
      maxUsers,
    ],
  );
  const byUser = await Promise.all(all.filter(differsByUser).map((target) => countByUser(scoped, target, maxUsers)));
  return new Map([...counts.map(({ id, ...rest }) => [id, rest] as const), ...byUser]);
}

/** The same for an integration with a destination for each user. */
async function countByUser(
  { prisma, workspaceId }: WorkspaceScope,
  target: Target,
  maxUsers: number | null,
): Promise<[string, UserCounts]> {
  const { customerIntegrationId } = target;
  const [counts] = await prisma.$queryRaw<UserCounts[]>`
    SELECT count(*) FILTER (WHERE ${stateSql('connected', target)} OR ${stateSql('needs_reconnect', target)})::int AS "usersConnected",
      count(*) FILTER (WHERE ${stateSql('needs_reconnect', target)})::int AS "usersToReconnect"
    FROM (SELECT * FROM integration_user WHERE workspace_id = ${workspaceId}::uuid
      AND customer_integration_id = ${customerIntegrationId} LIMIT ${maxUsers}::bigint) AS u`;
  return [customerIntegrationId, counts!];
}

function toHealth(
  row: HealthRow,
  calls: CallHealth | undefined,
  { usersConnected, usersToReconnect }: UserCounts = { usersConnected: 0, usersToReconnect: 0 },
): IntegrationHealth {
  const { tokenDestination: destination, tokenRejectedAt, tokenFingerprint, listFailures, listedAt } = row;
  const { reconnectReason } = integrationSecretState(
    { hasToken: tokenFingerprint !== null, tokenDestination: destination, tokenRejected: tokenRejectedAt !== null },
    toTarget(row),
  );
  const faults: Readonly<Record<IntegrationHealth['faults'][number], boolean>> = {
    needs_review: row.needsReview,
    tools_not_read: listFailures > 0,
    token_rejected: reconnectReason === 'rejected',
    token_origin_changed: reconnectReason === 'origin_changed',
    base_url_pending: row.pendingBaseUrl !== null,
    issuer_pending: row.pendingIssuer !== null,
    users_must_reconnect: usersToReconnect > 0,
    failing: calls !== undefined && isFailing(calls),
  };
  return {
    customerIntegrationId: row.customerIntegrationId,
    name: row.name,
    active: row.active,
    faults: (Object.keys(faults) as (keyof typeof faults)[]).filter((fault) => faults[fault]),
    ...(listedAt && { toolsReadAt: listedAt.toISOString() }),
    failedReads: listFailures,
    usersConnected,
    usersToReconnect,
    ...(calls && { calls }),
  };
}

import type { ApprovalStrategy, AuthSettings, Integration, RequestSettings, Rules } from '@errand/contracts';
import { type Definitions, expandKnown } from '@errand/contracts/variable-values';
import { integrationSecretState } from '../credentials/credential-state.ts';
import { ownerValuesOf, type PublicAuth, toTarget } from '../credentials/destination.ts';
import type { PrismaClient } from '../generated/client.ts';
import type { IntegrationRow } from './integration-row.ts';
import { integrationLogoPath } from './logos.ts';

/** Counts tools by integration; integrations without tools are omitted. */
async function toolCounts(
  prisma: PrismaClient,
  workspaceId: string,
  customerIntegrationIds: readonly string[],
): Promise<ReadonlyMap<string, ToolCount>> {
  const where = { workspaceId, customerIntegrationId: { in: [...customerIntegrationIds] } };
  const rows = await prisma.tool.groupBy({ by: ['customerIntegrationId', 'enabled'], where, _count: true });
  const proposals = await prisma.tool.groupBy({
    by: ['customerIntegrationId', 'proposedEffect'],
    where: { ...where, proposedEffect: { not: null } },
    _count: true,
    _min: { name: true },
  });
  const counts = new Map<string, ToolCount>();
  for (const { customerIntegrationId, enabled, _count: count } of rows) {
    const before = counts.get(customerIntegrationId) ?? NO_TOOLS;
    counts.set(customerIntegrationId, {
      all: before.all + count,
      enabled: before.enabled + (enabled ? count : 0),
    });
  }
  for (const { customerIntegrationId, proposedEffect, _count: count, _min: least } of proposals) {
    const before = counts.get(customerIntegrationId) ?? NO_TOOLS;
    const proposed = { ...before.proposed, [proposedEffect!]: { count, name: least.name! } };
    counts.set(customerIntegrationId, { ...before, proposed });
  }
  return counts;
}

const NO_TOOLS: ToolCount = { all: 0, enabled: 0 };

export async function toIntegrations(
  prisma: PrismaClient,
  workspaceId: string,
  rows: readonly IntegrationRow[],
): Promise<Integration[]> {
  const ids = rows.map(({ customerIntegrationId }) => customerIntegrationId);
  const counts = ids.length > 0 ? await toolCounts(prisma, workspaceId, ids) : undefined;
  return rows.map((row) => toIntegration(row, counts?.get(row.customerIntegrationId) ?? NO_TOOLS));
}

export const countTools = async (
  prisma: PrismaClient,
  workspaceId: string,
  row: IntegrationRow,
): Promise<Integration> => ({
  ...(await toIntegrations(prisma, workspaceId, [row]))[0]!,
  ...toSettings(row),
  auth: toAuthSettings(row),
});

/** The values of every request. Secret values have their own column. */
function toSettings({ baseUrl, ...row }: IntegrationRow) {
  const variables = row.variables as Definitions;
  const { headers, query, arguments: fixed } = row.requestSettings as RequestSettings;
  const rules = row.rules as Rules;
  return {
    baseUrl: expandKnown(baseUrl, ownerValuesOf(variables)),
    ...(Object.keys(variables).length > 0 && { variables }),
    ...(headers && { headers }),
    ...(query && { query }),
    ...(fixed && { arguments: fixed }),
    ...(Object.keys(rules).length > 0 && { rules }),
  };
}

/** Names the fields, so that a later setting with a secret is not shown. */
function toAuthSettings({ auth, oauthServer }: IntegrationRow): AuthSettings {
  const { type, in: location, name, issuer, clientId, scopes } = auth as AuthSettings;
  const server = (oauthServer ?? {}) as { issuer?: string; client?: { clientId?: string } };
  const usesServer = type === 'OAUTH2' || type === 'CLIENT_CREDENTIALS';
  const issuerInUse = issuer ?? (usesServer ? server.issuer : undefined);
  const clientIdInUse = clientId ?? (usesServer ? server.client?.clientId : undefined);
  return {
    type,
    ...(location !== undefined && { in: location }),
    ...(name !== undefined && { name }),
    ...(issuerInUse !== undefined && { issuer: issuerInUse }),
    ...(clientIdInUse !== undefined && { clientId: clientIdInUse }),
    ...(scopes !== undefined && { scopes }),
  };
}

function toIntegration(row: IntegrationRow, tools: ToolCount): Integration {
  const proposals = effectProposals(row.customerIntegrationId, tools);
  return {
    integrationId: row.integrationId,
    customerIntegrationId: row.customerIntegrationId,
    active: row.active,
    name: row.name,
    ...(row.catalogId !== null && { catalog: { id: row.catalogId, version: row.catalogVersion ?? '' } }),
    kind: row.kind as Integration['kind'],
    ...(row.kind === 'mcp' && { trustHints: row.trustHints }),
    ...(row.toolsUserId !== null && { toolsUserId: row.toolsUserId }),
    ...(row.description !== null && { description: row.description }),
    ...(row.logoUrl !== null && { logoUrl: row.logoUrl }),
    ...(row.logoSha256 !== null && { logoPath: integrationLogoPath(row.workspaceId, row.logoSha256) }),
    host: row.host,
    authType: (row.auth as PublicAuth).type,
    ...(row.tokenFingerprint !== null && {
      token: { last4: row.tokenLast4 ?? '', fingerprint: row.tokenFingerprint, ...tokenState(row) },
    }),
    ...(row.instructions !== null && { instructions: row.instructions }),
    ...(row.verifyUrl !== null && { verifyUrl: row.verifyUrl }),
    approvalFloor: row.approvalFloor as ApprovalStrategy,
    needsReview: row.needsReview,
    ...(row.pendingBaseUrl !== null && { pendingBaseUrl: row.pendingBaseUrl }),
    ...(row.pendingIssuer !== null && { pendingIssuer: row.pendingIssuer }),
    toolCount: tools.all,
    enabledToolCount: tools.enabled,
    toolsText: toolsText(row.customerIntegrationId, tools),
    ...(proposals && { effectProposals: proposals }),
    warnings: row.warnings as string[],
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

function tokenState(
  row: IntegrationRow,
): Pick<NonNullable<Integration['token']>, 'needsReconnect' | 'reconnectReason'> {
  const { tokenDestination, tokenRejectedAt } = row;
  const secret = { hasToken: true, tokenDestination, tokenRejected: tokenRejectedAt !== null };
  const { reconnectReason } = integrationSecretState(secret, toTarget(row));
  return { needsReconnect: reconnectReason !== undefined, ...(reconnectReason !== undefined && { reconnectReason }) };
}

/** The number of tools: all, enabled, and by proposed effect, with an example name. */
type ToolCount = { all: number; enabled: number; proposed?: { read?: Proposed; write?: Proposed } };
type Proposed = { count: number; name: string };

/** Describes how many tools are enabled and how to enable the others, for a person who has just registered the integration. */
function toolsText(customerIntegrationId: string, { all, enabled }: ToolCount): string {
  if (all === enabled) return all === 0 ? 'It has no tools.' : `All of ${all} tools are on.`;
  const others = '{"enabled": "all"}, or the names that GET there lists';
  return `${enabled} of ${all} tools are on. PUT /v1/integrations/${customerIntegrationId}/tools turns on others: ${others}.`;
}

function effectProposals(customerIntegrationId: string, { proposed = {} }: ToolCount) {
  const { read, write } = proposed;
  if (!read && !write) return undefined;
  const counts = (count: number, as: string) => `${count} ${count === 1 ? 'tool counts' : 'tools count'} as ${as}`;
  const answers = [...(write ? [`"${write.name}": "write"`] : []), ...(read ? [`"${read.name}": "read"`] : [])];
  const text = [
    ...(write
      ? [`${counts(write.count, 'reads, but change something')} by their names and words, such as ${write.name}.`]
      : []),
    ...(read
      ? [`${counts(read.count, 'writes, but only query')} by their names and words, such as ${read.name}.`]
      : []),
    `GET /v1/integrations/${customerIntegrationId}/tools marks each with proposedEffect.`,
    `To accept: PUT there {"effects": {${answers.join(', ')}}}. To refuse: the other effect.`,
  ];
  return { read: read?.count ?? 0, write: write?.count ?? 0, text: text.join(' ') };
}

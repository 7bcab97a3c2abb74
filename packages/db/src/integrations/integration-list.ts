import type { Integration } from '@errand/contracts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';
import { integrationOmit } from './integration-row.ts';
import { toIntegrations } from './to-integration.ts';

/** The place of an integration in the list. */
export type IntegrationPosition = readonly [name: string, customerIntegrationId: string];

export type IntegrationPageQuery = {
  active?: boolean;
  limit?: number;
  after?: IntegrationPosition | undefined;
  maxBytes?: number;
};

/** `next`: the position of the last integration, if the list continues. */
export type ListedIntegrations = { integrations: Integration[]; next?: IntegrationPosition };

/** Bytes of a shortened integration, without names and texts. */
const BRIEF_BYTES = 1_600;
const largeFields = { description: true, logoUrl: true, instructions: true, warnings: true } as const;

/**
 * Returns integrations by name: complete ones up to `maxBytes` bytes, then without their large fields.
 */
export async function listIntegrations(
  { prisma, pool, workspaceId }: WorkspaceScope,
  { active, limit = 1000, after, maxBytes = Number.POSITIVE_INFINITY }: IntegrationPageQuery,
): Promise<ListedIntegrations> {
  // Large fields are read only where they may fit. One row more than the page shows whether the list continues.
  const { rows } = await pool.query<{ name: string; id: string; bytes: number }>(
    `SELECT name, customer_integration_id AS id, octet_length(concat(description, logo_url, instructions, warnings)) AS bytes
     FROM integration WHERE workspace_id = $1 AND active = coalesce($2, active) AND ($3::text IS NULL OR
       (name, customer_integration_id) > ($3, $4::text))
     ORDER BY name, customer_integration_id LIMIT $5`,
    [workspaceId, active ?? null, after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
  const sizes = rows.slice(0, limit);
  let sum = sizes.length * BRIEF_BYTES;
  const firstTooLarge = sizes.findIndex(({ bytes }) => {
    sum += bytes;
    return sum > maxBytes;
  });
  const ids = sizes.map(({ id }) => id);
  const completeIds = firstTooLarge === -1 ? ids : ids.slice(0, firstTooLarge);
  const whereIds = (some: readonly string[]) => ({ workspaceId, customerIntegrationId: { in: [...some] } });
  const complete = await prisma.integration.findMany({ where: whereIds(completeIds), omit: integrationOmit });
  const shortened = await prisma.integration.findMany({
    where: whereIds(ids.slice(completeIds.length)),
    omit: { ...integrationOmit, ...largeFields },
  });
  const stored = [...complete, ...shortened.map((row) => ({ ...row, ...emptyLargeFields }))];
  const integrations = await toIntegrations(prisma, workspaceId, stored);
  const byId = new Map(integrations.map((integration) => [integration.customerIntegrationId, integration]));
  let bytesLeft = maxBytes - sizes.length * BRIEF_BYTES;
  const list: Integration[] = [];
  for (const [i, id] of ids.entries()) {
    const integration = byId.get(id);
    // Deleted meanwhile.
    if (integration === undefined) continue;
    // JSON escapes can make a text longer.
    bytesLeft =
      i < completeIds.length && bytesLeft > 0
        ? bytesLeft - Buffer.byteLength(JSON.stringify(integration)) + BRIEF_BYTES
        : 0;
    list.push(bytesLeft > 0 ? integration : withoutLargeFields(integration));
  }
  const last = sizes.at(-1);
  return { integrations: list, ...(rows.length > limit && last && { next: [last.name, last.id] }) };
}

const emptyLargeFields = { description: null, logoUrl: null, instructions: null, warnings: [] };

function withoutLargeFields({ description: _, logoUrl: __, instructions: ___, ...rest }: Integration): Integration {
  return { ...rest, warnings: [], leftOut: { path: `/v1/integrations/${rest.customerIntegrationId}` } };
}

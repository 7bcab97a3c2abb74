import type { Integration } from '@errand/contracts';
import type { PrismaClient } from '../generated/client.ts';
import type { ToolCount } from '../tools/tools-text.ts';
import { type IntegrationRow, toIntegration } from './integration-row.ts';

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
    const before = counts.get(customerIntegrationId) ?? none;
    counts.set(customerIntegrationId, {
      all: before.all + count,
      enabled: before.enabled + (enabled ? count : 0),
    });
  }
  for (const { customerIntegrationId, proposedEffect, _count: count, _min: least } of proposals) {
    const before = counts.get(customerIntegrationId) ?? none;
    const proposed = { ...before.proposed, [proposedEffect!]: { count, name: least.name! } };
    counts.set(customerIntegrationId, { ...before, proposed });
  }
  return counts;
}

const none: ToolCount = { all: 0, enabled: 0 };

export async function allCounted(
  prisma: PrismaClient,
  workspaceId: string,
  rows: readonly IntegrationRow[],
): Promise<Integration[]> {
  const ids = rows.map(({ customerIntegrationId }) => customerIntegrationId);
  const counts = ids.length > 0 ? await toolCounts(prisma, workspaceId, ids) : undefined;
  return rows.map((row) => toIntegration(row, counts?.get(row.customerIntegrationId) ?? none));
}

export const counted = async (prisma: PrismaClient, workspaceId: string, row: IntegrationRow): Promise<Integration> =>
  (await allCounted(prisma, workspaceId, [row]))[0]!;

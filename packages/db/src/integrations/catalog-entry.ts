import { auditEntry } from '../audit/write.ts';
import type { Prisma } from '../generated/client.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';
import type { CatalogFields, Connection } from './integration-row.ts';

/** Stores the version of the catalogue entry that an integration uses now, and the fields that the entry gave. */
export async function putCatalogEntry(
  scoped: WorkspaceScope,
  { customerIntegrationId, registrationId }: Pick<Connection, 'customerIntegrationId' | 'registrationId'>,
  { version, fields }: { version: string; fields: CatalogFields },
): Promise<void> {
  const { prisma, workspaceId } = scoped;
  const data = { catalogVersion: version, catalogFields: fields as Prisma.InputJsonObject };
  await prisma.$transaction([
    prisma.integration.updateMany({ where: { workspaceId, customerIntegrationId, registrationId }, data }),
    prisma.audit.create(auditEntry(scoped, 'integration.changed', customerIntegrationId, { catalogVersion: version })),
  ]);
}

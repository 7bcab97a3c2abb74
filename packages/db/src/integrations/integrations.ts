import type { Integration, Json } from '@errand/contracts';
import { auditEntry } from '../audit/write.ts';
import type { Scoped } from '../workspaces/scoped.ts';
import { type IntegrationPatch, patchIntegration, putAuthorization, putPendingIssuer } from './change.ts';
import { createIntegration, type NewIntegration } from './create.ts';
import { type IntegrationPage, integrationList } from './integration-list.ts';
import { type Connection, integrationSelect, toConnection } from './integration-row.ts';
import { counted } from './tool-counts.ts';

export function integrations(scoped: Scoped) {
  const { prisma, workspaceId } = scoped;
  const find = (customerIntegrationId: string) =>
    prisma.integration.findFirst({ where: { workspaceId, customerIntegrationId }, select: integrationSelect });
  return {
    /** Creates an integration with its tools; see `createIntegration`. */
    async create(integration: NewIntegration): Promise<Integration> {
      return (await this.get(await createIntegration(scoped, integration)))!;
    },

    /** Integrations by name, see `integrationList`. */
    list: (page: IntegrationPage = {}): Promise<Integration[]> => integrationList(scoped, page),

    async hasName(name: string): Promise<boolean> {
      return (await prisma.integration.count({ where: { workspaceId, name } })) > 0;
    },

    async get(customerIntegrationId: string): Promise<Integration | null> {
      const row = await find(customerIntegrationId);
      return row && counted(prisma, workspaceId, row);
    },

    /** An integration as calls use it. */
    async connection(customerIntegrationId: string): Promise<Connection | null> {
      const row = await find(customerIntegrationId);
      return row && toConnection(row);
    },

    /** The names of those integrations that exist. */
    async namesOf(customerIntegrationIds: readonly string[]): Promise<Map<string, string>> {
      const rows = await prisma.integration.findMany({
        where: { workspaceId, customerIntegrationId: { in: [...customerIntegrationIds] } },
        select: { customerIntegrationId: true, name: true },
      });
      return new Map(rows.map((row) => [row.customerIntegrationId, row.name]));
    },

    /** Null when there is no such integration; see `patchIntegration`. */
    async patch(id: string, patch: IntegrationPatch, registrationId?: string): Promise<Integration | null> {
      return (await patchIntegration(scoped, id, patch, registrationId)) ? this.get(id) : null;
    },

    /** @returns the integration with the authorization server that is stored; null when the registration is gone */
    async setAuthorization(before: Connection, oauthServer: Json): Promise<Connection | null> {
      await putAuthorization(scoped, before, oauthServer);
      const now = await this.connection(before.customerIntegrationId);
      return now?.registrationId === before.registrationId ? now : null;
    },

    /** See `putPendingIssuer`. */
    setPendingIssuer: (connection: Connection, pendingIssuer: string | null) =>
      putPendingIssuer(scoped, connection, pendingIssuer),

    /** Replaces the warnings of an integration. */
    async warn(
      { customerIntegrationId, registrationId }: Pick<Connection, 'customerIntegrationId' | 'registrationId'>,
      warnings: string[],
    ): Promise<void> {
      const where = { workspaceId, customerIntegrationId, registrationId };
      await prisma.integration.updateMany({ where, data: { warnings } });
    },

    /** Deletes it with its tools and its users' credentials. False when there is no such integration. */
    async delete(customerIntegrationId: string): Promise<boolean> {
      return prisma.$transaction(async (tx) => {
        const { count } = await tx.integration.deleteMany({ where: { workspaceId, customerIntegrationId } });
        if (count === 0) return false;
        await tx.audit.create(auditEntry(scoped, 'integration.deleted', customerIntegrationId));
        return true;
      });
    },
  };
}

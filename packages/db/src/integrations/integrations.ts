import type { Integration, IntegrationTest, Json } from '@errand/contracts';
import { changeAudited } from '../audit/write.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';
import { callHealth, putLastTest } from './call-health.ts';
import { type IntegrationPatch, patchIntegration, putAuthorizationServer, putPendingIssuer } from './change.ts';
import { createIntegration, type NewIntegration } from './create.ts';
import { storedDocuments } from './documents.ts';
import { healthOf, integrationsHealth } from './health.ts';
import { type IntegrationPageQuery, type ListedIntegrations, listIntegrations } from './integration-list.ts';
import { type Connection, integrationOmit, toConnection } from './integration-row.ts';
import { integrationLogos } from './logos.ts';
import { checkChange } from './settings.ts';
import { countTools } from './to-integration.ts';

/** The integrations of a workspace, without their tools (`tools`) and credentials (`credentials`). */
export function integrations(scoped: WorkspaceScope) {
  const { prisma, workspaceId } = scoped;
  const find = (customerIntegrationId: string) =>
    prisma.integration.findFirst({ where: { workspaceId, customerIntegrationId }, omit: integrationOmit });
  return {
    async create(integration: NewIntegration): Promise<Integration> {
      return (await this.get(await createIntegration(scoped, integration)))!;
    },

    list: (page: IntegrationPageQuery = {}): Promise<ListedIntegrations> => listIntegrations(scoped, page),

    async hasName(name: string): Promise<boolean> {
      return (await prisma.integration.count({ where: { workspaceId, name } })) > 0;
    },

    async get(customerIntegrationId: string): Promise<Integration | null> {
      const row = await find(customerIntegrationId);
      if (!row) return null;
      const integration = await countTools(prisma, workspaceId, row);
      const health = await callHealth(scoped, customerIntegrationId);
      return { ...integration, ...(health && { health }) };
    },

    async connection(customerIntegrationId: string): Promise<Connection | null> {
      const row = await find(customerIntegrationId);
      return row && toConnection(row);
    },

    documents: (id: string) => storedDocuments(scoped, id),

    namesOf: (customerIntegrationIds: readonly string[]) => namesOf(scoped, customerIntegrationIds),

    ...health(scoped),
    logos: integrationLogos(scoped),

    /** Stores the result of a trial of the credential. @param test `userId`: the user of the credential */
    putLastTest: (customerIntegrationId: string, test: IntegrationTest & { userId?: string | undefined }) =>
      putLastTest(scoped, customerIntegrationId, test),

    /** Returns null if the integration does not exist; see `patchIntegration`. */
    async patch(id: string, patch: IntegrationPatch, registrationId?: string): Promise<Integration | null> {
      return (await patchIntegration(scoped, id, patch, registrationId)) ? this.get(id) : null;
    },

    /** Returns the integration with its stored authorization server; null if the registration is gone. */
    async setAuthorization(before: Connection, oauthServer: Json): Promise<Connection | null> {
      await putAuthorizationServer(scoped, before, oauthServer);
      const now = await this.connection(before.customerIntegrationId);
      return now?.registrationId === before.registrationId ? now : null;
    },

    setPendingIssuer: (connection: Connection, pendingIssuer: string | null) =>
      putPendingIssuer(scoped, connection, pendingIssuer),

    /** Computes a change of settings without storing it. @throws ProblemError if it is invalid */
    checkSettings: checkChange.bind(undefined, scoped),

    async warn(
      { customerIntegrationId, registrationId }: Pick<Connection, 'customerIntegrationId' | 'registrationId'>,
      warnings: string[],
    ): Promise<void> {
      const where = { workspaceId, customerIntegrationId, registrationId };
      await prisma.integration.updateMany({ where, data: { warnings } });
    },

    /** Deletes an integration with its tools and credentials of users. Returns false if it does not exist. */
    delete(id: string): Promise<boolean> {
      const where = { workspaceId, customerIntegrationId: id };
      return changeAudited(scoped, (tx) => tx.integration.deleteMany({ where }), 'integration.deleted', id);
    },
  };
}

const health = (scoped: WorkspaceScope) => ({
  health: () => integrationsHealth(scoped),
  healthOf: (customerIntegrationIds: readonly string[]) => healthOf(scoped, customerIntegrationIds),
});

async function namesOf(
  { prisma, workspaceId }: WorkspaceScope,
  customerIntegrationIds: readonly string[],
): Promise<Map<string, string>> {
  const rows = await prisma.integration.findMany({
    where: { workspaceId, customerIntegrationId: { in: [...customerIntegrationIds] } },
    select: { customerIntegrationId: true, name: true },
  });
  return new Map(rows.map((row) => [row.customerIntegrationId, row.name]));
}

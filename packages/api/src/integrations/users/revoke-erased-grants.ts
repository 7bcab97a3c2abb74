import { type ErasedGrant, isOfSameServer, type WorkspaceDb } from '@errand/db';
import type { Connector } from '@errand/ports/credentials';

type Revoker = { workspaceId: string; workspaceDb: Pick<WorkspaceDb, 'integrations'>; connector: Connector };

/** Revokes grants at the authorization servers of their integrations; the log names those that failed. */
export async function revokeErasedGrants(
  { workspaceId, workspaceDb, connector }: Revoker,
  grants: readonly ErasedGrant[],
): Promise<void> {
  await Promise.all(
    grants.map(async ({ customerIntegrationId, destination, userVariables, grant }) => {
      const stored = await workspaceDb.integrations.connection(customerIntegrationId);
      const connection = stored && { ...stored, userVariables };
      if (connection?.auth.type !== 'OAUTH2' || !isOfSameServer(destination, connection)) return;
      await connector.revoke(workspaceId, connection, grant);
    }),
  );
}

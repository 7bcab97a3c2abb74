import { type ErasedGrant, isOfSameServer } from '@errand/db';
import type { Context } from '../../context.ts';

/** Revokes grants at the authorization servers of their integrations; the log names those that failed. */
export async function revokeErasedGrants(
  { workspaceDb, deps, principal }: Context,
  grants: readonly ErasedGrant[],
): Promise<void> {
  await Promise.all(
    grants.map(async ({ customerIntegrationId, destination, userVariables, grant }) => {
      const stored = await workspaceDb.integrations.connection(customerIntegrationId);
      const connection = stored && { ...stored, userVariables };
      if (connection?.auth.type !== 'OAUTH2' || !isOfSameServer(destination, connection)) return;
      await deps.connector.revoke(principal.workspaceId, connection, grant);
    }),
  );
}

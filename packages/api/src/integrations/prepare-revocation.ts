import type { Context } from '../context.ts';

/**
 * Reads what a user granted at some integrations, before it is erased here.
 * @returns a function that revokes these grants at the authorization servers
 */
export async function prepareRevocation(
  { workspaceDb, deps, principal }: Context,
  userId: string,
  customerIntegrationIds: readonly string[],
): Promise<() => Promise<void>> {
  const found = await Promise.all(
    customerIntegrationIds.map(async (id) => {
      const connection = await workspaceDb.integrations.connection(id);
      if (connection?.auth.type !== 'OAUTH2') return undefined;
      // A grant that does not open can be erased, but not revoked.
      const grant = await workspaceDb.grants.readToRevoke(connection, userId).catch(() => undefined);
      return grant && { connection, grant };
    }),
  );
  return async () => {
    await Promise.all(
      found.map((one) => one && deps.connector.revoke(principal.workspaceId, one.connection, one.grant)),
    );
  };
}

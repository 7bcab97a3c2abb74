import type { Context } from '../context.ts';

/**
 * Reads what a user granted at some integrations, before it is erased.
 * @returns gives it back at the authorization servers
 */
export async function grantsOf(
  { own, deps, principal }: Context,
  userId: string,
  customerIntegrationIds: readonly string[],
): Promise<() => Promise<void>> {
  const found = await Promise.all(
    customerIntegrationIds.map(async (id) => {
      const connection = await own.integrations.connection(id);
      if (connection?.auth.type !== 'OAUTH2') return undefined;
      // One that does not open can only be erased.
      const grant = await own.grants.readToRevoke(connection, userId).catch(() => undefined);
      return grant && { connection, grant };
    }),
  );
  return async () => {
    await Promise.all(
      found.map((one) => one && deps.connector.revoke(principal.workspaceId, one.connection, one.grant)),
    );
  };
}

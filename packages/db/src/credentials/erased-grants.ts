import type { VariableValues } from '@errand/contracts';
import { Prisma } from '../generated/client.ts';
import type { Vault } from '../vault/vault.ts';
import { openGrant, type StoredGrant } from './grants.ts';

/** An erased grant that can still be revoked at its authorization server. */
export type ErasedGrant = {
  customerIntegrationId: string;
  destination: string;
  /** The values of variables of the user. */
  userVariables: VariableValues;
  grant: StoredGrant;
};

type GrantRow = {
  id: string;
  sealed: Uint8Array | null;
  destination: string | null;
  variables: VariableValues;
};

/**
 * Locks a user's rows and opens their grants: a concurrent refresh either finishes before, or finds no row. A grant that cannot
 * be opened is erased, but not revoked.
 * @param ids the integrations; all by default
 */
export async function lockAndOpenGrants(
  tx: Prisma.TransactionClient,
  { vault, workspaceId, userId }: { vault: Vault; workspaceId: string; userId: string },
  ids?: readonly string[],
): Promise<{ ids: string[]; grants: ErasedGrant[] }> {
  const ofIntegrations = ids ? Prisma.sql`AND customer_integration_id = ANY(${[...ids]})` : Prisma.empty;
  const rows = await tx.$queryRaw<GrantRow[]>`
    SELECT customer_integration_id AS id, sealed_grant AS sealed, grant_destination AS destination, variables FROM integration_user
    WHERE workspace_id = ${workspaceId}::uuid AND user_id = ${userId} ${ofIntegrations} ORDER BY customer_integration_id FOR UPDATE`;
  const grants = rows.flatMap(({ id, sealed, destination, variables }) => {
    if (sealed === null || destination === null) return [];
    try {
      const grant = openGrant(vault, { workspaceId, id, userId, destination }, sealed);
      return [{ customerIntegrationId: id, destination, userVariables: variables, grant }];
    } catch {
      return [];
    }
  });
  return { ids: rows.map(({ id }) => id), grants };
}

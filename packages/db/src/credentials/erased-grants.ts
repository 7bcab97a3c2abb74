import { Prisma } from '../generated/client.ts';
import type { Vault } from '../vault/vault.ts';
import { openGrant, type StoredGrant } from './grants.ts';

/** A grant that was erased here and can still be revoked at its authorization server. */
export type ErasedGrant = { customerIntegrationId: string; destination: string; grant: StoredGrant };

type Row = { id: string; sealed: Uint8Array | null; destination: string | null };

/**
 * Locks a user's rows until the transaction ends and opens their grants: a refresh that ends at the same time is seen here, or finds its
 * row gone. A grant that does not open can be erased, but not revoked.
 * @param ids the integrations; all by default
 */
export async function lockGrants(
  tx: Prisma.TransactionClient,
  { vault, workspaceId, userId }: { vault: Vault; workspaceId: string; userId: string },
  ids?: readonly string[],
): Promise<{ ids: string[]; grants: ErasedGrant[] }> {
  const some = ids ? Prisma.sql`AND customer_integration_id = ANY(${[...ids]})` : Prisma.empty;
  const rows = await tx.$queryRaw<Row[]>`
    SELECT customer_integration_id AS id, sealed_grant AS sealed, grant_destination AS destination FROM integration_user
    WHERE workspace_id = ${workspaceId}::uuid AND user_id = ${userId} ${some} ORDER BY customer_integration_id FOR UPDATE`;
  const grants = rows.flatMap(({ id, sealed, destination }) => {
    if (sealed === null || destination === null) return [];
    try {
      const grant = openGrant(vault, { workspaceId, id, userId, destination }, sealed);
      return [{ customerIntegrationId: id, destination, grant }];
    } catch {
      return [];
    }
  });
  return { ids: rows.map(({ id }) => id), grants };
}

import { type Db, takeExpiredConsents, toErasedGrant } from '@errand/db';
import type { Connector } from '@errand/ports/credentials';
import { revokeErasedGrants } from '../integrations/users/revoke-erased-grants.ts';

const AT_ONCE = 20;

/** Deletes and revokes the credentials that no product confirmed in time. */
export async function revokeExpiredConsents(
  { db, connector }: { db: Pick<Db, 'pool' | 'vault' | 'forWorkspace'>; connector: Connector },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const expired = await takeExpiredConsents(db, AT_ONCE);
    await Promise.all(
      expired.map(({ workspaceId, consents }) => {
        const workspaceDb = db.forWorkspace(workspaceId);
        return revokeErasedGrants({ workspaceId, workspaceDb, connector }, consents.flatMap(toErasedGrant));
      }),
    );
    if (expired.length < AT_ONCE) return;
  }
}

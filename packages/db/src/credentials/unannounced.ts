import type { RunScope } from '../runs/scope.ts';

/** A stored credential whose waiting runs may not have been made due. */
export type UnannouncedCredential = { workspaceId: string; customerIntegrationId: string; userId: string; since: Date };

const COLUMNS = `workspace_id AS "workspaceId", customer_integration_id AS "customerIntegrationId", user_id AS "userId",
  unannounced_since AS since`;
const KEY = 'workspace_id = $1 AND customer_integration_id = $2 AND user_id = $3';

/** The unannounced credential of a user at one integration. Read it before the requests of runs. */
export async function readUnannounced(
  { pool, workspaceId }: RunScope,
  customerIntegrationId: string,
  userId: string,
): Promise<UnannouncedCredential | undefined> {
  const { rows } = await pool.query<UnannouncedCredential>({
    name: 'unannounced_read',
    text: `SELECT ${COLUMNS} FROM integration_user WHERE ${KEY} AND unannounced_since IS NOT NULL`,
    values: [workspaceId, customerIntegrationId, userId],
  });
  return rows[0];
}

/** Unannounced credentials of all workspaces that are older than a second: the process that stored them has probably died. */
export async function findUnannounced(pool: RunScope['pool'], limit: number): Promise<UnannouncedCredential[]> {
  const { rows } = await pool.query<UnannouncedCredential>({
    name: 'unannounced_find',
    text: `SELECT ${COLUMNS} FROM integration_user WHERE unannounced_since < statement_timestamp() - interval '1 second'
      ORDER BY unannounced_since LIMIT $1`,
    values: [limit],
  });
  return rows;
}

/** Marks a credential as announced, unless another one was stored meanwhile. */
export async function markAnnounced(
  pool: RunScope['pool'],
  { workspaceId, customerIntegrationId, userId, since }: UnannouncedCredential,
): Promise<void> {
  await pool.query({
    name: 'unannounced_mark',
    text: `UPDATE integration_user SET unannounced_since = NULL WHERE ${KEY} AND unannounced_since = $4`,
    values: [workspaceId, customerIntegrationId, userId, since],
  });
}

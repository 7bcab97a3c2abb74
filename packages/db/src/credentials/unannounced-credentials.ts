import { allRows, queryRow, type RunScope } from '../statements/scope.ts';

/** A stored credential for which waiting runs may not be due yet. */
export type UnannouncedCredential = {
  workspaceId: string;
  customerIntegrationId: string;
  /** Null: the auth of the integration was changed, which affects all users. */
  userId: string | null;
  since: Date;
};

const columns = (userId: string) =>
  `workspace_id AS "workspaceId", customer_integration_id AS "customerIntegrationId", ${userId} AS "userId", unannounced_since AS since`;
const KEY = 'workspace_id = $1 AND customer_integration_id = $2';

/** Call it before you read the decision requests of runs. */
export const readUnannounced = (
  scope: RunScope,
  customerIntegrationId: string,
  userId: string,
): Promise<UnannouncedCredential | null> =>
  queryRow<UnannouncedCredential>(scope, {
    name: 'unannounced_read',
    text: `SELECT ${columns('user_id')} FROM integration_user WHERE ${KEY} AND user_id = $3 AND unannounced_since IS NOT NULL`,
    values: [customerIntegrationId, userId],
  });

/** Unannounced credentials older than a second: the process that stored them has probably crashed. */
export function findUnannounced(pool: RunScope['pool'], limit: number): Promise<UnannouncedCredential[]> {
  const old = "unannounced_since < statement_timestamp() - interval '1 second'";
  return allRows<UnannouncedCredential>(pool, {
    name: 'unannounced_find',
    text: `SELECT ${columns('user_id')} FROM integration_user WHERE ${old}
      UNION ALL SELECT ${columns('NULL')} FROM integration WHERE ${old} ORDER BY since LIMIT $1`,
    values: [limit],
  });
}

/** Marks a credential as announced, unless a newer one is stored. */
export async function markAnnounced(
  pool: RunScope['pool'],
  { workspaceId, customerIntegrationId, userId, since }: UnannouncedCredential,
): Promise<void> {
  const [table, user] = userId === null ? ['integration', []] : ['integration_user', [userId]];
  await pool.query({
    name: `unannounced_mark_${table}`,
    text: `UPDATE ${table} SET unannounced_since = NULL WHERE ${KEY} AND unannounced_since = $3 ${userId === null ? '' : 'AND user_id = $4'}`,
    values: [workspaceId, customerIntegrationId, since, ...user],
  });
}

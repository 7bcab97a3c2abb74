import type { Pool } from 'pg';

/** Where the calls of an integration go. */
export type IntegrationAddress = { workspaceId: string; name: string; baseUrl: string };

/** Maximum number of addresses. */
const MAX_ADDRESSES = 50;

/** One integration for each address that active integrations call, most recently registered first; at most 50. */
export async function integrationAddresses(pool: Pool): Promise<IntegrationAddress[]> {
  const { rows } = await pool.query<IntegrationAddress>(
    `SELECT "workspaceId", name, "baseUrl" FROM (
       SELECT DISTINCT ON (workspace_id, base_url) workspace_id AS "workspaceId", left(name, 200) AS name, base_url AS "baseUrl",
         created_at FROM integration WHERE active ORDER BY workspace_id, base_url, created_at DESC) AS newest
     ORDER BY created_at DESC LIMIT $1`,
    [MAX_ADDRESSES],
  );
  return rows;
}

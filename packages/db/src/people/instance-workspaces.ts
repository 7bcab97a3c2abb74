import type { AuditAction, Principal } from '@errand/contracts';
import type { Pool } from 'pg';
import { audit } from '../audit/write.ts';
import { newId, withTransaction } from '../statements/scope.ts';

export type WorkspaceInfo = { workspaceId: string; name: string; createdAt: Date; suspendedAt: Date | null };

const WORKSPACE = 'workspace_id AS "workspaceId", name, created_at AS "createdAt", suspended_at AS "suspendedAt"';

/** Workspaces as operators of the instance manage them. */
export function instanceWorkspaces(pool: Pool) {
  /** Creates or changes a workspace and writes its audit entry; `exists` if another one has the name. */
  const write = (
    statement: { text: string; values: unknown[] },
    note: { action: AuditAction; actor: Principal },
    name?: string,
  ): Promise<WorkspaceInfo | 'exists' | null> =>
    withTransaction(pool, async (client) => {
      await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('errand.workspace_names', 0))`);
      const { rows: sameName } = await client.query<{ workspaceId: string }>(
        'SELECT workspace_id AS "workspaceId" FROM workspace WHERE lower(name) = lower($1)',
        [name ?? null],
      );
      if (sameName.some(({ workspaceId }) => workspaceId !== statement.values[0])) return 'exists';
      const { rows } = await client.query<WorkspaceInfo>(statement.text, statement.values);
      const [workspace] = rows;
      if (!workspace) return null;
      const { workspaceId } = workspace;
      const details = { name: workspace.name };
      await audit({ pool, workspaceId }, { ...note, target: workspaceId, details }, client);
      return workspace;
    });

  return {
    create: (name: string, actor: Principal) => {
      const text = `INSERT INTO workspace (workspace_id, name) VALUES ($1, $2) RETURNING ${WORKSPACE}`;
      return write({ text, values: [newId(), name] }, { action: 'workspace.created', actor }, name);
    },

    rename: (workspaceId: string, name: string, actor: Principal) => {
      const text = `UPDATE workspace SET name = $2 WHERE workspace_id = $1 RETURNING ${WORKSPACE}`;
      return write({ text, values: [workspaceId, name] }, { action: 'workspace.renamed', actor }, name);
    },

    /** Suspends or resumes a workspace. */
    setSuspended: (workspaceId: string, isSuspended: boolean, actor: Principal) => {
      const text = `UPDATE workspace SET suspended_at = CASE WHEN $2 THEN coalesce(suspended_at, now()) END WHERE workspace_id = $1 RETURNING ${WORKSPACE}`;
      const action = isSuspended ? ('workspace.suspended' as const) : ('workspace.resumed' as const);
      return write({ text, values: [workspaceId, isSuspended] }, { action, actor });
    },

    /** Oldest first. @param after id of the last workspace of the previous page */
    async list(limit: number, after?: string): Promise<WorkspaceInfo[]> {
      const { rows } = await pool.query<WorkspaceInfo>(
        `SELECT ${WORKSPACE} FROM workspace WHERE $2::uuid IS NULL OR workspace_id > $2 ORDER BY workspace_id LIMIT $1`,
        [limit, after ?? null],
      );
      return rows;
    },
  };
}

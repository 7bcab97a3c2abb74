import type { AuditAction, Json, Principal } from '@errand/contracts';
import type { Pool, PoolClient } from 'pg';
import { audit } from '../audit/write.ts';
import { newId, withTransaction } from '../statements/scope.ts';
import type { Vault } from '../vault/vault.ts';
import { LIMIT_COLUMNS, type StoredLimits } from '../workspaces/workspace-settings.ts';
import { createFirstAccess, type FirstAccess, type FirstAccessInput, firstAccess } from './first-access.ts';

export type WorkspaceInfo = StoredLimits & {
  workspaceId: string;
  name: string;
  createdAt: Date;
  suspendedAt: Date | null;
  deletingAt: Date | null;
};

const WORKSPACE = `workspace_id AS "workspaceId", name, created_at AS "createdAt", suspended_at AS "suspendedAt", deleting_at AS "deletingAt",
  ${LIMIT_COLUMNS}`;

/** `name`: that no other workspace may have. */
type Change = { action: AuditAction; actor: Principal; name?: string; details?: Record<string, Json> };

/** Why a workspace was not changed. */
export type WorkspaceRefusal = 'not_found' | 'exists' | 'deleting' | 'wrong_name' | 'not_suspended' | 'busy';

/** Workspaces as operators of the instance manage them. */
export function instanceWorkspaces(pool: Pool, vault: Vault) {
  const write = createWrite(pool);
  return {
    /** Creates a workspace with its first key and the invitation of its first administrator, or nothing. */
    async create(
      name: string,
      actor: Principal,
      first: FirstAccessInput = {},
    ): Promise<(WorkspaceInfo & FirstAccess) | WorkspaceRefusal> {
      const text = `INSERT INTO workspace (workspace_id, name) VALUES ($1, $2) RETURNING ${WORKSPACE}`;
      let access: FirstAccess = {};
      const created = { action: 'workspace.created', actor, name } as const;
      const workspace = await write({ text, values: [newId(), name] }, created, async (client, { workspaceId }) => {
        access = await createFirstAccess({ client, vault, workspaceId }, first, actor);
      });
      return typeof workspace === 'string' ? workspace : { ...workspace, ...access };
    },

    ...firstAccess(pool, vault),

    rename: (workspaceId: string, name: string, actor: Principal) => {
      const text = `UPDATE workspace SET name = $2 WHERE workspace_id = $1 RETURNING ${WORKSPACE}`;
      return write({ text, values: [workspaceId, name] }, { action: 'workspace.renamed', actor, name });
    },

    /** Suspends or resumes a workspace. */
    setSuspended: (workspaceId: string, isSuspended: boolean, actor: Principal) => {
      const text = `UPDATE workspace SET suspended_at = CASE WHEN $2 THEN coalesce(suspended_at, now()) END,
        settings_changed_at = clock_timestamp() WHERE workspace_id = $1 RETURNING ${WORKSPACE}`;
      const action = isSuspended ? ('workspace.suspended' as const) : ('workspace.resumed' as const);
      return write({ text, values: [workspaceId, isSuspended] }, { action, actor });
    },

    /** @param limits null removes a limit; absent ones stay */
    setLimits: (workspaceId: string, limits: Partial<StoredLimits>, actor: Principal) => {
      const changes = Object.entries(LIMITS).filter(([name]) => limits[name as keyof StoredLimits] !== undefined);
      const sets = changes.map(([, column], n) => `${column} = $${n + 2}::int, `).join('');
      const text = `UPDATE workspace SET ${sets}settings_changed_at = clock_timestamp() WHERE workspace_id = $1 RETURNING ${WORKSPACE}`;
      const values = [workspaceId, ...changes.map(([name]) => limits[name as keyof StoredLimits])];
      return write({ text, values }, { action: 'workspace.limits_changed', actor, details: { ...limits } });
    },

    /** Marks a suspended workspace for `removeWorkspaces`. */
    delete: (workspaceId: string, name: string, actor: Principal): Promise<WorkspaceInfo | WorkspaceRefusal> =>
      withTransaction(pool, async (client) => {
        await lockNames(client);
        const refusal = await deletionRefusal(client, workspaceId, name);
        if (refusal) return refusal;
        const { rows } = await client.query<WorkspaceInfo>(
          `UPDATE workspace SET deleting_at = clock_timestamp() WHERE workspace_id = $1 RETURNING ${WORKSPACE}`,
          [workspaceId],
        );
        const note = { actor, action: 'workspace.deleted', target: workspaceId, details: { name } } as const;
        await audit({ pool, workspaceId }, note, client);
        return rows[0]!;
      }),

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

/** Creates or changes a workspace and writes its audit entry. @param andThen in the same transaction */
function createWrite(pool: Pool) {
  // Changes of this process wait here, not with a connection of the pool each.
  let last: Promise<unknown> = Promise.resolve();
  return (statement: Statement, change: Change, andThen: AndThen = async () => {}) => {
    const written = last.then(() =>
      withTransaction(pool, (client) => writeWorkspace({ pool, client }, statement, change, andThen)),
    );
    last = written.catch(() => {});
    return written;
  };
}

type Statement = { text: string; values: unknown[] };
type AndThen = (client: PoolClient, workspace: WorkspaceInfo) => Promise<void>;

async function writeWorkspace(
  { pool, client }: { pool: Pool; client: PoolClient },
  { text, values }: Statement,
  { details, name, ...note }: Change,
  andThen: AndThen,
): Promise<WorkspaceInfo | WorkspaceRefusal> {
  await lockNames(client);
  const { rows: others } = await client.query<{ workspaceId: string; isDeleting: boolean }>(
    `SELECT workspace_id AS "workspaceId", deleting_at IS NOT NULL AS "isDeleting" FROM workspace
     WHERE workspace_id = $1 OR lower(name) = lower($2)`,
    [values[0], name ?? null],
  );
  if (others.some(({ workspaceId }) => workspaceId !== values[0])) return 'exists';
  if (others[0]?.isDeleting) return 'deleting';
  const { rows } = await client.query<WorkspaceInfo>(text, values);
  const [workspace] = rows;
  if (!workspace) return 'not_found';
  const { workspaceId } = workspace;
  const entry = { ...note, target: workspaceId, details: details ?? { name: workspace.name } };
  await audit({ pool, workspaceId }, entry, client);
  await andThen(client, workspace);
  return workspace;
}

/** Changes of workspaces happen one after the other, so that names stay unique. */
const lockNames = (client: PoolClient) =>
  client.query(`SELECT pg_advisory_xact_lock(hashtextextended('errand.workspace_names', 0))`);

async function deletionRefusal(
  client: PoolClient,
  workspaceId: string,
  name: string,
): Promise<WorkspaceRefusal | null> {
  const { rows } = await client.query<{ name: string; suspended: boolean; deleting: boolean; busy: boolean }>(
    `SELECT name, suspended_at IS NOT NULL AS suspended, deleting_at IS NOT NULL AS deleting,
       EXISTS (SELECT FROM run WHERE run.workspace_id = w.workspace_id AND run.lease IS NOT NULL) AS busy
     FROM workspace w WHERE workspace_id = $1`,
    [workspaceId],
  );
  const [workspace] = rows;
  if (!workspace) return 'not_found';
  if (workspace.deleting) return 'deleting';
  if (!workspace.suspended) return 'not_suspended';
  if (workspace.name !== name) return 'wrong_name';
  return workspace.busy ? 'busy' : null;
}

const LIMITS: Record<keyof StoredLimits, string> = {
  requestsPerMinute: 'max_requests_per_minute',
  runs: 'max_runs',
  streams: 'max_streams',
  integrations: 'max_integrations',
};

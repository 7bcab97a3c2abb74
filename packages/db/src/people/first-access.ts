import { adminScopes, type Principal } from '@errand/contracts';
import type { Pool, PoolClient } from 'pg';
import { insertKey } from '../api-keys/api-keys.ts';
import { withTransaction } from '../statements/scope.ts';
import type { Vault } from '../vault/vault.ts';
import { type CreatedLink, insertInvitation } from './links.ts';

/** `administrator`: the name of the person to invite. */
export type FirstAccessInput = { withKey?: boolean; administrator?: string | undefined };
export type FirstAccess = { key?: string; invitation?: CreatedLink };

/** Why the platform or an operator gets no access to an existing workspace. */
export type AccessRefusal = 'not_found' | 'deleting' | 'has_key' | 'has_administrator';

const FIRST_KEY = 'first key';

/** Creates the first key of a workspace and the invitation of its first administrator, as requested, in a transaction. */
export async function createFirstAccess(
  { client, vault, workspaceId }: { client: PoolClient; vault: Vault; workspaceId: string },
  { withKey, administrator }: FirstAccessInput,
  actor: Principal,
): Promise<FirstAccess> {
  const newKey = { workspaceId, name: FIRST_KEY, scopes: adminScopes };
  const key = withKey ? (await insertKey(client, vault, newKey, actor)).key : undefined;
  const invitation =
    administrator === undefined
      ? undefined
      : await insertInvitation(client, vault, { workspaceId, name: administrator, role: 'admin' }, actor);
  return { ...(key !== undefined && { key }), ...(invitation && { invitation }) };
}

/** Access to workspaces that nobody can enter yet. A workspace with a valid key, or with an administrator, gives its own. */
export function firstAccess(pool: Pool, vault: Vault) {
  const grant = <T>(
    workspaceId: string,
    work: (client: PoolClient, state: AccessState) => Promise<T | AccessRefusal>,
  ) =>
    withTransaction(pool, async (client): Promise<T | AccessRefusal> => {
      await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('errand.first_access ' || $1, 0))`, [
        workspaceId,
      ]);
      const { rows } = await client.query<AccessState>(STATE, [workspaceId]);
      if (!rows[0]) return 'not_found';
      return rows[0].isDeleting ? 'deleting' : work(client, rows[0]);
    });
  return {
    /** Creates a key with all scopes; only this answer has it. */
    createKey: (workspaceId: string, actor: Principal) =>
      grant<{ apiKeyId: string; key: string }>(workspaceId, async (client, { hasKey }) =>
        hasKey ? 'has_key' : insertKey(client, vault, { workspaceId, name: FIRST_KEY, scopes: adminScopes }, actor),
      ),

    inviteAdministrator: (workspaceId: string, name: string, actor: Principal) =>
      grant<CreatedLink>(workspaceId, async (client, { hasAdministrator }) =>
        hasAdministrator
          ? 'has_administrator'
          : insertInvitation(client, vault, { workspaceId, name, role: 'admin' }, actor),
      ),
  };
}

type AccessState = { isDeleting: boolean; hasKey: boolean; hasAdministrator: boolean };

const STATE = `SELECT deleting_at IS NOT NULL AS "isDeleting",
    EXISTS (SELECT FROM api_key k WHERE k.workspace_id = w.workspace_id AND k.revoked_at IS NULL
      AND (k.expires_at IS NULL OR k.expires_at > now())) AS "hasKey",
    EXISTS (SELECT FROM membership m JOIN person p USING (person_id)
      WHERE m.workspace_id = w.workspace_id AND m.role = 'admin' AND p.disabled_at IS NULL) AS "hasAdministrator"
  FROM workspace w WHERE w.workspace_id = $1`;

import { includesScope, roles, type StoredApprover, scopesOfRole } from '@errand/contracts';
import type { Pool } from 'pg';
import { canName } from './makers.ts';

const decidingRoles = roles.filter((role) => includesScope(scopesOfRole[role], 'approvals:decide'));

/** Finds the approvers who may decide in a workspace now, as identities: members, and persons whom a valid key can name. */
export type ReadDeciders = (
  workspaceId: string,
  approvers: readonly Pick<StoredApprover, 'type' | 'id'>[],
) => Promise<ReadonlySet<string>>;

const DECIDERS = `SELECT a.identity FROM unnest($2::text[]) AS a(identity) WHERE EXISTS (SELECT FROM membership m JOIN person p USING (person_id)
    WHERE m.workspace_id = $1 AND 'person:' || m.person_id::text = a.identity AND p.disabled_at IS NULL AND m.role = ANY($3))
  OR EXISTS (SELECT FROM api_key k WHERE k.workspace_id = $1 AND ${canName('k', 'a.identity')}
    AND k.scopes && ARRAY['approvals:decide', 'admin']
    AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp()))`;

export const decidersReader =
  (pool: Pool): ReadDeciders =>
  async (workspaceId, approvers) => {
    const identities = [...new Set(approvers.map(({ type, id }) => `${type}:${id}`))];
    if (identities.length === 0) return new Set();
    const { rows } = await pool.query<{ identity: string }>({
      name: 'deciders',
      text: DECIDERS,
      values: [workspaceId, identities, decidingRoles],
    });
    return new Set(rows.map(({ identity }) => identity));
  };

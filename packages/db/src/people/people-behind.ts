import type { PeopleBehind } from '@errand/contracts';
import type { Pool } from 'pg';
import { canName } from './makers.ts';

/** Reads the people behind principals of a workspace. */
export type ReadPeopleBehind = (workspaceId: string, identities: readonly (string | null)[]) => Promise<PeopleBehind>;

// All keys of a chain count, also revoked ones: a run that one of them requested can still wait for a decision. A key that made
// another one counts with its predecessors in the chain, whose owners may use it: `api_key_id` grows with each rotation.
// A claimed person has the parties behind all keys that can name it.
const PEOPLE_BEHIND = `WITH RECURSIVE behind AS (
    (SELECT 'api_key:' || k.principal_id::text AS identity, k.person_id, k.product, k.created_by FROM api_key k
    WHERE k.workspace_id = $1 AND 'api_key:' || k.principal_id::text = ANY($2)
    UNION ALL
    SELECT r.identity, k.person_id, k.product, k.created_by FROM unnest($2::text[]) AS r(identity)
      JOIN api_key k ON k.workspace_id = $1 AND ${canName('k', 'r.identity')})
  UNION
    SELECT b.identity, k.person_id, k.product, k.created_by FROM behind b
      JOIN api_key maker ON maker.workspace_id = $1 AND maker.api_key_id::text = b.created_by
      JOIN api_key k ON k.workspace_id = $1 AND k.principal_id = maker.principal_id AND k.api_key_id <= maker.api_key_id
  )
  SELECT identity, array_agg(DISTINCT party) AS people FROM behind
    CROSS JOIN LATERAL (VALUES ('person:' || person_id::text), ('product:' || product)) AS v(party)
  WHERE party IS NOT NULL GROUP BY identity`;

export const peopleBehindReader =
  (pool: Pool): ReadPeopleBehind =>
  async (workspaceId, identities) => {
    const values = [workspaceId, [...new Set(identities)]];
    const { rows } = await pool.query<{ identity: string; people: string[] }>({
      name: 'people_behind',
      text: PEOPLE_BEHIND,
      values,
    });
    const people = new Map(rows.map((row) => [row.identity, row.people]));
    return (identity) => people.get(identity) ?? [];
  };

import { RecentCache } from '@errand/basics/cache/recent-cache';
import type { Requester } from '@errand/contracts';
import type { Pool } from 'pg';

/** `label`: the stored name of a person whom a product names. */
type RequesterOf = (identity: string | null, label?: string | null) => Requester | undefined;

/** Reads the principals that created runs of a workspace, by their identities. */
export type ReadRequesters = (workspaceId: string, identities: readonly (string | null)[]) => Promise<RequesterOf>;

/** Names may be this old, in ms: readers of the inbox ask for the same few principals again and again. */
const MAX_AGE_MS = 60_000;

const TYPES = new Set<string>(['api_key', 'person', 'claimed', 'subject', 'system'] satisfies Requester['type'][]);

const LABELS = `SELECT r.identity, coalesce((SELECT k.name FROM api_key k WHERE k.workspace_id = $1
      AND 'api_key:' || k.principal_id::text = r.identity ORDER BY k.api_key_id DESC LIMIT 1),
    (SELECT p.name FROM person p WHERE p.person_id = (CASE WHEN r.identity LIKE 'person:%' THEN substr(r.identity, 8) END)::uuid),
    substring(r.identity FROM '^subject:[^ ]* (.*)$')) AS label
  FROM unnest($2::text[]) AS r(identity)`;

export function requesterReader(pool: Pool): ReadRequesters {
  const cache = new RecentCache<string | null>(MAX_AGE_MS);
  return async (workspaceId, identities) => {
    const wanted = [...new Set(identities)].filter((identity) => identity !== null);
    let labels: Promise<Map<string, string | null>> | undefined;
    const readLabels = async () => {
      const query = { name: 'requesters', text: LABELS, values: [workspaceId, wanted] };
      const { rows } = await pool.query<{ identity: string; label: string | null }>(query);
      return new Map(rows.map(({ identity, label }) => [identity, label]));
    };
    const requesters = new Map<string, Requester>();
    const readLabel = (identity: string) =>
      cache.get(workspaceId, identity, async () => {
        labels ??= readLabels();
        return (await labels).get(identity) ?? null;
      });
    for (const identity of wanted) {
      const [type = ''] = identity.split(':', 1);
      const label = type === 'claimed' ? null : await readLabel(identity);
      const id = identity.slice(type.length + 1);
      if (TYPES.has(type)) requesters.set(identity, { type: type as Requester['type'], id, label: label ?? id });
    }
    return (identity, storedLabel) => {
      const requester = identity === null ? undefined : requesters.get(identity);
      return requester && storedLabel ? { ...requester, label: storedLabel } : requester;
    };
  };
}

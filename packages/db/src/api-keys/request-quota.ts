import type { Pool } from 'pg';
import type { ApiKeyRef } from './stream-leases.ts';

export type RequestGrant = {
  granted: number;
  left: number;
  /** Milliseconds until one more request is allowed; 0 if some remain. */
  nextMs: number;
  fullMs: number;
};

/** The request quota of each key, shared by all processes. */
export function requestQuota(pool: Pool) {
  return {
    /**
     * Takes up to `maxRequests` from the quota of a key, which refills evenly: `limit` in `windowMs`. Only the time at which it
     * is full again is stored (generic cell rate algorithm, database time).
     */
    async take(
      { workspaceId, apiKeyId }: ApiKeyRef,
      maxRequests: number,
      limit: number,
      windowMs: number,
    ): Promise<RequestGrant> {
      const each = windowMs / limit;
      const { rows } = await pool.query<{ granted: number; fullMs: number }>({
        name: 'request_quota_take',
        text: `INSERT INTO request_quota AS q (workspace_id, api_key_id, full_at, granted)
          VALUES ($1, $2, now() + least($3::int, $4::int) * $5::float8 * interval '1 ms', least($3::int, $4::int))
          ON CONFLICT (workspace_id, api_key_id) DO UPDATE SET (full_at, granted) = (
            SELECT spent + given * $5::float8 * interval '1 ms', given
            FROM (SELECT greatest(q.full_at, now()) AS spent) AS s,
              LATERAL (SELECT extract(epoch FROM spent - now())::float8 * 1000 / $5::float8 AS used) AS u,
              LATERAL (SELECT greatest(0, least($3::int, $4::int - ceil(used - 0.001)))::int AS given) AS g)
          RETURNING granted, greatest(0, extract(epoch FROM full_at - now()) * 1000)::float8 AS "fullMs"`,
        values: [workspaceId, apiKeyId, maxRequests, limit, each],
      });
      const { granted, fullMs } = rows[0]!;
      const left = Math.max(0, Math.floor(limit - fullMs / each + 0.001));
      return { granted, left, nextMs: left > 0 ? 0 : Math.max(0, fullMs - (limit - 1) * each), fullMs };
    },
  };
}

export type RequestQuota = ReturnType<typeof requestQuota>;

import type { Pool } from 'pg';
import { fieldArrays } from '../statements/columns.ts';
import { withTransaction } from '../statements/scope.ts';

/** A key. For limits, the workspace itself stands for all its callers: `apiKeyId` is the id of the workspace. */
export type ApiKeyRef = { workspaceId: string; apiKeyId: string };

/** A process is considered dead if it has not renewed its leases for this many seconds. */
const LEASE_SECONDS = 15;

/** Stream slots of a key that processes (`holderId`) lease, so that its limit applies across processes. */
export function streamLeases(pool: Pool) {
  return {
    /** Leases `wanted` slots within the rest of `limit`, but never fewer than the `open` streams. Returns the number of slots. */
    take: (
      holderId: string,
      { workspaceId, apiKeyId }: ApiKeyRef,
      slots: { open: number; requested: number; limit: number },
    ) =>
      withTransaction(pool, async (client): Promise<number> => {
        // The sum needs a snapshot that is taken after the lock.
        await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('errand.streams:' || $1, 0))`, [apiKeyId]);
        const { rows } = await client.query<{ streams: number }>(
          `WITH others AS (
             SELECT coalesce(sum(streams), 0)::int AS streams FROM stream_lease
             WHERE workspace_id = $1 AND api_key_id = $2 AND holder_id <> $3
               AND renewed_at > clock_timestamp() - interval '${LEASE_SECONDS} seconds'
           )
           INSERT INTO stream_lease (workspace_id, api_key_id, holder_id, streams, renewed_at)
           SELECT $1, $2, $3, greatest($4::int, least($5::int, $6::int - streams)), clock_timestamp() FROM others
           ON CONFLICT (workspace_id, api_key_id, holder_id)
             DO UPDATE SET streams = excluded.streams, renewed_at = excluded.renewed_at
           RETURNING streams`,
          [workspaceId, apiKeyId, holderId, slots.open, slots.requested, slots.limit],
        );
        return rows[0]?.streams ?? 0;
      }),

    /** Renews all leases of the process and removes those of dead processes. */
    async renew(holderId: string, leases: readonly (ApiKeyRef & { streams: number })[]): Promise<void> {
      await pool.query({
        name: 'stream_leases_renew',
        text: `WITH dead AS (
            SELECT workspace_id, api_key_id, holder_id FROM stream_lease
            WHERE renewed_at < clock_timestamp() - interval '${4 * LEASE_SECONDS} seconds' AND holder_id <> $1 FOR UPDATE SKIP LOCKED
          ), removed AS (DELETE FROM stream_lease USING dead WHERE (stream_lease.workspace_id, stream_lease.api_key_id,
            stream_lease.holder_id) = (dead.workspace_id, dead.api_key_id, dead.holder_id))
          INSERT INTO stream_lease (workspace_id, api_key_id, holder_id, streams, renewed_at)
          SELECT workspace_id, api_key_id, $1, streams, clock_timestamp()
          FROM unnest($2::uuid[], $3::uuid[], $4::int[]) AS held(workspace_id, api_key_id, streams)
          ON CONFLICT (workspace_id, api_key_id, holder_id)
            DO UPDATE SET streams = excluded.streams, renewed_at = excluded.renewed_at`,
        values: [holderId, ...fieldArrays(leases, 'workspaceId', 'apiKeyId', 'streams')],
      });
    },

    async drop(holderId: string, keys: readonly ApiKeyRef[]): Promise<void> {
      await pool.query({
        name: 'stream_leases_drop',
        text: `DELETE FROM stream_lease USING unnest($2::uuid[], $3::uuid[]) AS gone(workspace_id, api_key_id)
          WHERE holder_id = $1 AND stream_lease.workspace_id = gone.workspace_id AND stream_lease.api_key_id = gone.api_key_id`,
        values: [holderId, ...fieldArrays(keys, 'workspaceId', 'apiKeyId')],
      });
    },
  };
}

export type RequestGrant = {
  granted: number;
  remaining: number;
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
      const refillMs = windowMs / limit;
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
        values: [workspaceId, apiKeyId, maxRequests, limit, refillMs],
      });
      const { granted, fullMs } = rows[0]!;
      const remaining = Math.max(0, Math.floor(limit - fullMs / refillMs + 0.001));
      return { granted, remaining, nextMs: remaining > 0 ? 0 : Math.max(0, fullMs - (limit - 1) * refillMs), fullMs };
    },
  };
}

export type RequestQuota = ReturnType<typeof requestQuota>;

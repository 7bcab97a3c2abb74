import type { Pool } from 'pg';
import { changedRows } from '../statements/scope.ts';

/** The channel of notifications about pauses; the payload is an AnnouncedPause as JSON. */
export const PAUSE_CHANNEL = 'errand_pause';
/** A process that starts knows at most this many pauses, the longest first. */
const MAX_READ = 10_000;

/**
 * Why and for which calls there is a pause. limit: `subject` is the user whose credential is limited, or empty for that of the workspace.
 * outage: `subject` is the origin that fails, and the operation if only one fails.
 */
export type CallPause = {
  workspaceId: string;
  customerIntegrationId: string;
  kind: 'limit' | 'outage';
  subject: string;
};

/** `endsAt`: database time, in ms since 1970. */
export type StoredPause = CallPause & { endsAt: number };

/** A pause for other processes. `ms`: its length. */
export type AnnouncedPause = StoredPause & { ms: number };

/** Stores a pause, unless it has ended or a longer one is stored, and notifies the other processes. An integration that is gone has none. */
export async function storePause(pool: Pool, pause: AnnouncedPause): Promise<void> {
  const { workspaceId, customerIntegrationId, kind, subject, endsAt } = pause;
  await pool.query({
    name: 'call_pause_store',
    text: `WITH stored AS (
        INSERT INTO call_pause (workspace_id, customer_integration_id, kind, subject, paused_until)
        SELECT i.workspace_id, i.customer_integration_id, $3, $4, to_timestamp($5::float8 / 1000)
        FROM integration i WHERE i.workspace_id = $1 AND i.customer_integration_id = $2
          AND to_timestamp($5::float8 / 1000) > clock_timestamp()
        ON CONFLICT (workspace_id, customer_integration_id, kind, subject)
          DO UPDATE SET paused_until = greatest(call_pause.paused_until, excluded.paused_until)
        RETURNING 1)
      SELECT pg_notify('${PAUSE_CHANNEL}', $6) FROM stored`,
    values: [workspaceId, customerIntegrationId, kind, subject, endsAt, JSON.stringify(pause)],
  });
}

/** The pauses of all workspaces that have not ended, and the time of the database, in ms since 1970. */
export async function readPauses(pool: Pool): Promise<{ now: number; pauses: StoredPause[] }> {
  const { rows } = await pool.query<{ now: number; pauses: StoredPause[] }>({
    name: 'call_pauses_read',
    text: `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now, (
        SELECT coalesce(json_agg(p), '[]') FROM (
          SELECT workspace_id AS "workspaceId", customer_integration_id AS "customerIntegrationId", kind, subject,
            (extract(epoch FROM paused_until) * 1000)::float8 AS "endsAt"
          FROM call_pause WHERE paused_until > clock_timestamp() ORDER BY paused_until DESC LIMIT ${MAX_READ}) AS p
      ) AS pauses`,
  });
  return rows[0]!;
}

/** `userId`: empty for the credential of the workspace. */
export type QuotaKey = { workspaceId: string; customerIntegrationId: string; userId: string };
/** `nextMs`: the time until one more call is allowed. */
export type CallGrant = { granted: number; nextMs: number };

/**
 * Takes up to `maxCalls` from a quota of `limit` calls in `windowMs`, which refills evenly. Only the time at which it is full again is
 * stored (generic cell rate algorithm, database time).
 */
export async function takeCalls(
  pool: Pool,
  { workspaceId, customerIntegrationId, userId }: QuotaKey,
  maxCalls: number,
  { limit, windowMs }: { limit: number; windowMs: number },
): Promise<CallGrant> {
  const refillMs = windowMs / limit;
  const { rows } = await pool.query<{ granted: number; fullMs: number }>({
    name: 'call_quota_take',
    text: `INSERT INTO call_quota AS q (workspace_id, customer_integration_id, user_id, full_at, granted)
      SELECT i.workspace_id, i.customer_integration_id, $3, now() + least($4::int, $5::int) * $6::float8 * interval '1 ms', least($4::int, $5::int)
      FROM integration i WHERE i.workspace_id = $1 AND i.customer_integration_id = $2
      ON CONFLICT (workspace_id, customer_integration_id, user_id) DO UPDATE SET (full_at, granted) = (
        SELECT spent + given * $6::float8 * interval '1 ms', given
        FROM (SELECT greatest(q.full_at, now()) AS spent) AS s,
          LATERAL (SELECT extract(epoch FROM spent - now())::float8 * 1000 / $6::float8 AS used) AS u,
          LATERAL (SELECT greatest(0, least($4::int, $5::int - ceil(used - 0.001)))::int AS given) AS g)
      RETURNING granted, greatest(0, extract(epoch FROM full_at - now()) * 1000)::float8 AS "fullMs"`,
    values: [workspaceId, customerIntegrationId, userId, maxCalls, limit, refillMs],
  });
  // Without a row the integration is gone, and the call fails for that reason.
  const { granted, fullMs } = rows[0] ?? { granted: maxCalls, fullMs: 0 };
  return { granted, nextMs: granted > 0 ? 0 : Math.max(1, fullMs - (limit - 1) * refillMs) };
}

/** Removes pauses and quotas that ended more than an hour ago. */
export async function removeOldPauses(pool: Pool): Promise<void> {
  await changedRows(pool, { text: `DELETE FROM call_pause WHERE paused_until < now() - interval '1 hour'` });
  await changedRows(pool, { text: `DELETE FROM call_quota WHERE full_at < now() - interval '1 hour'` });
}

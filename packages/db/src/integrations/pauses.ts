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
/** At most `limit` calls in each window. Granted calls are made within `ageMs`. */
export type CallQuota = { limit: number; windowMs: number; ageMs: number };
/** `nextMs`: the time until more calls are allowed. */
export type CallGrant = { granted: number; nextMs: number };

/** Calls are counted by parts of the window: it moves by one part at a time. */
const PARTS = 20;

/**
 * Takes up to `maxCalls` from a quota. A call counts until no window can contain both it and a new one: for the window, the part in which
 * it was granted, and the time within which it is made (database time).
 */
export async function takeCalls(
  pool: Pool,
  { workspaceId, customerIntegrationId, userId }: QuotaKey,
  maxCalls: number,
  { limit, windowMs, ageMs }: CallQuota,
): Promise<CallGrant> {
  const partMs = Math.ceil(windowMs / PARTS);
  const { rows } = await pool.query<CallGrant>({
    name: 'call_quota_take',
    text: `INSERT INTO call_quota AS q (workspace_id, customer_integration_id, user_id, full_at, granted, starts, calls)
      SELECT i.workspace_id, i.customer_integration_id, $3, to_timestamp((ms + $7) / 1000.0), given, ARRAY[ms - ms % $6], ARRAY[given]
      FROM integration i, (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms) AS t,
        (SELECT least($4::int, $5::int) AS given) AS g
      WHERE i.workspace_id = $1 AND i.customer_integration_id = $2
      ON CONFLICT (workspace_id, customer_integration_id, user_id) DO UPDATE SET (full_at, granted, starts, calls) = (
        SELECT to_timestamp((max(p.start) + $7) / 1000.0), given,
          coalesce(array_agg(p.start ORDER BY p.start), '{}'), coalesce(array_agg(p.calls ORDER BY p.start), '{}')
        FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms) AS t,
          LATERAL (SELECT coalesce(sum(c), 0) AS used FROM unnest(q.starts, q.calls) AS k(s, c) WHERE s + $7 > ms) AS u,
          LATERAL (SELECT greatest(0, least($4::int, $5::int - used))::int AS given) AS g,
          LATERAL (SELECT s AS start, sum(c)::int AS calls FROM (
              SELECT s, c FROM unnest(q.starts, q.calls) AS k(s, c) WHERE s + $7 > ms
              UNION ALL SELECT ms - ms % $6, given) AS k(s, c)
            GROUP BY s) AS p
        GROUP BY given)
      RETURNING granted, greatest(1, starts[1] + $7 - extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "nextMs"`,
    values: [workspaceId, customerIntegrationId, userId, maxCalls, limit, partMs, windowMs + partMs + ageMs],
  });
  // Without a row the integration is gone, and the call fails for that reason.
  const { granted, nextMs } = rows[0] ?? { granted: maxCalls, nextMs: 0 };
  return { granted, nextMs: granted > 0 ? 0 : nextMs };
}

/** Removes pauses and quotas that ended more than an hour ago. */
export async function removeOldPauses(pool: Pool): Promise<void> {
  await changedRows(pool, { text: `DELETE FROM call_pause WHERE paused_until < now() - interval '1 hour'` });
  await changedRows(pool, { text: `DELETE FROM call_quota WHERE full_at < now() - interval '1 hour'` });
}

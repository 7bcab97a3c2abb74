import { type Secret, system } from '@errand/contracts';
import type { Pool } from 'pg';
import { auditRow } from '../audit/write.ts';
import { NOT_HELD } from '../restores/hold.ts';
import { fieldArrays } from '../statements/columns.ts';
import { allRows, changedRows, withTransaction } from '../statements/scope.ts';
import { secretLocation } from '../vault/locations.ts';
import type { Vault } from '../vault/vault.ts';
import { messageIdOf } from './deliveries.ts';
import { MESSAGE_COLUMNS, MESSAGE_FROM, type MessageContent, type MessageRow, toMessage } from './message-content.ts';
import { messageInsert, type WebhookKey } from './outbox.ts';

/** After a crash, a delivery is due again after this many seconds: longer than an attempt. */
const LEASE_S = 20;
/** A delivery fails after this many attempts. */
const MAX_ATTEMPTS = 14;
/** A webhook is disabled after this many days without a successful delivery. */
const FAILING_DAYS = 5;
/** Maximum pause of a webhook after failed rounds, in seconds. The pause doubles with each. */
const MAX_REST_S = 300;

/** SQL of whether a delivery `d` is due and not leased. */
const IS_DUE =
  'd.next_attempt_at <= clock_timestamp() AND (d.leased_until IS NULL OR d.leased_until <= clock_timestamp())';

export type DueDelivery = {
  deliveryId: string;
  attempts: number;
  webhookId: string;
  type: string;
  body: string;
  /** The run that `traceparent` names; null without this header. */
  tracedRunId: string | null;
};
export type DueRound = { url: string; secrets: readonly Secret[]; deliveries: DueDelivery[] };

export type Outcome = {
  deliveryId: string;
  /** The number of the attempt; an outcome of an earlier one changes nothing. */
  attempts: number;
  status: number | null;
  /** Why it failed; null on success. */
  error: string | null;
  /** The earliest next attempt that the receiver accepts, in seconds from now. */
  retryAfterS?: number;
  /** The beginning of the answer that it failed with, without secrets. */
  answer?: string;
  /** The posted body, which is stored on failure. */
  body: string;
};

export const dueWebhooks = (pool: Pool, limit: number): Promise<WebhookKey[]> =>
  allRows<WebhookKey>(pool, {
    name: 'webhooks_due',
    text: `SELECT w.workspace_id AS "workspaceId", w.webhook_id AS "webhookId" FROM webhook w
      WHERE ${NOT_HELD} AND w.active AND (w.rests_until IS NULL OR w.rests_until <= clock_timestamp()) AND EXISTS (SELECT FROM webhook_delivery d
        WHERE d.workspace_id = w.workspace_id AND d.webhook_id = w.webhook_id AND ${IS_DUE})
      ORDER BY random() LIMIT $1`,
    values: [limit],
  });

export type TakeOptions = { limit: number; bodyOf: (message: MessageContent) => string };

// A lease changes no indexed column.
const LEASE_DELIVERIES = `WITH w AS MATERIALIZED (
    SELECT * FROM webhook WHERE ${NOT_HELD} AND workspace_id = $1 AND webhook_id = $2 AND active
      AND (rests_until IS NULL OR rests_until <= clock_timestamp())
  ), due AS MATERIALIZED (
    SELECT d.delivery_id FROM w JOIN webhook_delivery d ON d.workspace_id = $1 AND d.webhook_id = $2
    WHERE ${IS_DUE} ORDER BY d.next_attempt_at LIMIT $3 FOR UPDATE OF d SKIP LOCKED
  ), d AS (
    UPDATE webhook_delivery d SET attempts = d.attempts + 1, leased_until = clock_timestamp() + interval '${LEASE_S} seconds'
    FROM due WHERE d.workspace_id = $1 AND d.webhook_id = $2 AND d.delivery_id = due.delivery_id RETURNING d.*
  )
  SELECT d.delivery_id AS "deliveryId", d.attempts, d.body, CASE WHEN w.traceparent THEN d.run_id END AS "tracedRunId",
    w.url, w.sealed_secret AS secret,
    CASE WHEN w.old_secret_until > clock_timestamp() THEN w.sealed_old_secret END AS "oldSecret", ${MESSAGE_COLUMNS}
  FROM w, d ${MESSAGE_FROM} ORDER BY d.delivery_id`;

type DueRow = MessageRow & {
  deliveryId: string;
  attempts: number;
  body: string | null;
  tracedRunId: string | null;
  url: string;
  secret: Buffer;
  oldSecret: Buffer | null;
};

/**
 * Leases due deliveries of a webhook for one attempt each, which counts from now on. Returns null if nothing is due, or the
 * webhook is deleted, paused or disabled. A webhook with an unreadable secret is disabled here.
 */
export async function leaseDeliveries(
  pool: Pool,
  vault: Vault,
  key: WebhookKey,
  { limit, bodyOf }: TakeOptions,
): Promise<DueRound | null> {
  const { workspaceId, webhookId } = key;
  const { rows } = await pool.query<DueRow>({
    name: 'webhook_take',
    text: LEASE_DELIVERIES,
    values: [workspaceId, webhookId, limit],
  });
  const first = rows[0];
  if (!first) return null;
  const secret = vault.openIfKnown(first.secret, secretLocation('webhookSecret', workspaceId, [webhookId]));
  if (!secret) {
    const ids = rows.map(({ deliveryId }) => deliveryId);
    await disableUnreadable(pool, { workspaceId, webhookId }, ids);
    return null;
  }
  // A signature by only the new secret is still useful.
  const oldSecret =
    first.oldSecret && vault.openIfKnown(first.oldSecret, secretLocation('oldWebhookSecret', workspaceId, [webhookId]));
  const deliveries = rows.map((row) => ({ ...row, body: row.body ?? bodyOf(toMessage(row)) }));
  return {
    url: first.url,
    secrets: oldSecret ? [secret, oldSecret] : [secret],
    deliveries: deliveries.map(({ deliveryId, attempts, type, body, tracedRunId }) => ({
      deliveryId,
      attempts,
      type,
      body,
      tracedRunId,
      webhookId: messageIdOf(deliveryId),
    })),
  };
}

// e^n seconds after the nth attempt, at most six hours: 14 attempts take some 28 hours.
const RECORD = `WITH recovered AS (
    UPDATE webhook SET failing_since = NULL, rests_until = NULL, failed_rounds = 0
    WHERE $9 AND workspace_id = $1 AND webhook_id = $2 AND (failing_since IS NOT NULL OR failed_rounds > 0)
  )
  UPDATE webhook_delivery d SET
    state = CASE WHEN o.error IS NULL THEN 'delivered' WHEN d.attempts >= ${MAX_ATTEMPTS} THEN 'failed' ELSE 'pending' END,
    next_attempt_at = CASE WHEN o.error IS NOT NULL AND d.attempts < ${MAX_ATTEMPTS}
      THEN clock_timestamp() + greatest(exp(least(10, d.attempts)), o.after) * interval '1 second' END,
    delivered_at = CASE WHEN o.error IS NULL THEN clock_timestamp() END, last_status = o.status, last_error = o.error,
    leased_until = NULL, body = coalesce(d.body, o.body), last_answer = o.answer
  FROM unnest($3::uuid[], $4::int[], $5::int[], $6::text[], $7::float8[], $8::text[], $10::text[])
    AS o(delivery_id, attempts, status, error, after, body, answer)
  WHERE d.workspace_id = $1 AND d.webhook_id = $2 AND d.delivery_id = o.delivery_id AND d.state = 'pending' AND d.attempts = o.attempts`;

/** Stores the outcomes of a round. Returns why this disabled the webhook; null if it did not. */
export async function recordOutcomes(
  pool: Pool,
  { workspaceId, webhookId }: WebhookKey,
  outcomes: readonly Outcome[],
): Promise<DisabledReason | null> {
  const hasSuccess = outcomes.some(({ error }) => error === null);
  const hasFailure = outcomes.some(({ error }) => error !== null);
  const values = [
    workspaceId,
    webhookId,
    ...fieldArrays(outcomes, 'deliveryId', 'attempts', 'status', 'error'),
    outcomes.map(({ retryAfterS }) => retryAfterS ?? 0),
    outcomes.map(({ error, body }) => (error === null ? null : body)),
    hasSuccess,
    outcomes.map(({ answer }) => answer ?? null),
  ];
  await pool.query({ name: 'webhook_record', text: RECORD, values });
  if (hasSuccess || !hasFailure) return null;
  const isGone = outcomes.some(({ status }) => status === 410);
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ because: 'gone' | 'failing' | null; url: string }>({
      name: 'webhook_ill',
      text: `UPDATE webhook SET failing_since = coalesce(failing_since, clock_timestamp()), failed_rounds = failed_rounds + 1,
          rests_until = clock_timestamp() + least(${MAX_REST_S}, 2 ^ least(failed_rounds, 20)) * interval '1 second',
          active = NOT ($3 OR coalesce(failing_since < clock_timestamp() - interval '${FAILING_DAYS} days', false)),
          disabled_because = CASE WHEN $3 THEN 'gone'
            WHEN failing_since < clock_timestamp() - interval '${FAILING_DAYS} days' THEN 'failing' END
        WHERE workspace_id = $1 AND webhook_id = $2 AND active RETURNING disabled_because AS because, url`,
      values: [workspaceId, webhookId, isGone],
    });
    const because = rows[0]?.because ?? null;
    if (because) await recordDisabled(client, { workspaceId, webhookId }, { because, url: rows[0]!.url });
    return because;
  });
}

type DisabledReason = 'gone' | 'failing' | 'secret_lost';

/** Disables a webhook with an unreadable secret. Its deliveries wait until it is active again, without counting the attempt. */
const disableUnreadable = (
  pool: Pool,
  { workspaceId, webhookId }: WebhookKey,
  deliveryIds: readonly string[],
): Promise<void> =>
  withTransaction(pool, async (client) => {
    await client.query(
      `UPDATE webhook_delivery SET attempts = attempts - 1, leased_until = NULL
       WHERE workspace_id = $1 AND webhook_id = $2 AND delivery_id = ANY($3::uuid[]) AND state = 'pending' AND attempts > 0`,
      [workspaceId, webhookId, deliveryIds],
    );
    const { rows } = await client.query<{ url: string }>(
      `UPDATE webhook SET active = false, disabled_because = 'secret_lost' WHERE workspace_id = $1 AND webhook_id = $2 AND active RETURNING url`,
      [workspaceId, webhookId],
    );
    if (rows[0]) await recordDisabled(client, { workspaceId, webhookId }, { because: 'secret_lost', url: rows[0].url });
  });

/** Writes the audit entry of a disabled webhook, and a message for the other webhooks of the workspace. */
async function recordDisabled(
  client: Pick<Pool, 'query'>,
  { workspaceId, webhookId }: WebhookKey,
  { because: reason, url }: { because: DisabledReason; url: string },
): Promise<void> {
  const details = { url, reason };
  const row = auditRow(workspaceId, { actor: system, action: 'webhook.disabled', target: webhookId, details });
  await client.query({
    name: 'webhook_disabled',
    text: `WITH audited AS (INSERT INTO audit (workspace_id, audit_id, actor_type, actor_id, actor_label, action, target, details)
        VALUES ($1, $2, $3, $4, $5, $6, $7::text, $8::jsonb))
      ${messageInsert('webhook.disabled', "$8::jsonb || jsonb_build_object('webhookId', $7::text)")}`,
    values: [
      workspaceId,
      row.auditId,
      row.actorType,
      row.actorId,
      row.actorLabel,
      row.action,
      row.target,
      JSON.stringify(details),
    ],
  });
}

/** Removes deliveries that are older than `days`. Returns their number. */
export const removeDeliveries = (pool: Pool, days: number, limit: number): Promise<number> =>
  changedRows(pool, {
    text: `DELETE FROM webhook_delivery d USING (
        SELECT old.workspace_id, old.webhook_id, old.delivery_id FROM webhook w, LATERAL (
          SELECT workspace_id, webhook_id, delivery_id FROM webhook_delivery
          WHERE workspace_id = w.workspace_id AND webhook_id = w.webhook_id
            AND delivery_id < errand_partitions.uuid_floor(now() - $1 * interval '1 day')
          LIMIT $2) AS old LIMIT $2) AS gone
      WHERE d.workspace_id = gone.workspace_id AND d.webhook_id = gone.webhook_id AND d.delivery_id = gone.delivery_id`,
    values: [days, limit],
  });

import type { Pool } from 'pg';
import { fieldArrays } from '../statements/columns.ts';

// A webhook that was disabled meanwhile receives nothing.
const RELAY = `WITH messages AS MATERIALIZED (
    SELECT * FROM webhook_message ORDER BY message_id LIMIT $1 FOR UPDATE SKIP LOCKED
  ), relayed AS (
    DELETE FROM webhook_message USING messages m WHERE webhook_message.message_id = m.message_id
  ), deliveries AS (
    INSERT INTO webhook_delivery (workspace_id, delivery_id, webhook_id, type, run_id, seq, data, created_at, next_attempt_at)
    SELECT m.workspace_id, m.message_id, w.webhook_id, m.type, m.run_id, m.seq, m.data, m.created_at, clock_timestamp()
    FROM messages m JOIN webhook w ON w.workspace_id = m.workspace_id AND w.active AND w.events && ARRAY[m.type, '*']
  )
  SELECT count(*)::int AS n FROM messages`;

/** Creates deliveries from messages of the outbox, possibly in several processes at once. Returns the number of messages. */
export async function relayMessages(pool: Pick<Pool, 'query'>, limit: number): Promise<number> {
  const { rows } = await pool.query<{ n: number }>({ name: 'webhook_relay', text: RELAY, values: [limit] });
  return rows[0]!.n;
}

/**
 * SQL that writes a message about something other than a run, if a webhook of the workspace $1 subscribes to it. @param dataSql the
 * payload, as SQL @param fromSql a FROM item with one message for each row
 */
export const messageInsert = (type: string, dataSql: string, fromSql = '(SELECT) AS single_row'): string =>
  `INSERT INTO webhook_message (workspace_id, message_id, type, data)
    SELECT $1, errand_audit.new_id(), '${type}', ${dataSql} FROM ${fromSql}
    WHERE EXISTS (SELECT FROM webhook w WHERE w.workspace_id = $1 AND w.active AND w.events && ARRAY['${type}', '*'])`;

export type WebhookKey = { workspaceId: string; webhookId: string };

/** The graphile-worker task that posts due deliveries of a webhook. */
export const WEBHOOK_TASK = 'webhook';
/** A job only starts a round; the next poll of a relay replaces a lost one. */
const MAX_ATTEMPTS = 2;

/** Adds a job for each webhook without a waiting one. */
export async function addWebhookJobs(pool: Pool, webhooks: readonly WebhookKey[]): Promise<void> {
  await pool.query({
    name: 'webhook_jobs',
    text: `SELECT count(*) FROM graphile_worker.add_jobs(ARRAY(
      SELECT ($1, json_build_object('workspaceId', w.workspace_id, 'webhookId', w.webhook_id), NULL, NULL, ${MAX_ATTEMPTS},
        'webhook:' || w.webhook_id, NULL, NULL)::graphile_worker.job_spec
      FROM unnest($2::uuid[], $3::uuid[]) AS w(workspace_id, webhook_id)))`,
    values: [WEBHOOK_TASK, ...fieldArrays(webhooks, 'workspaceId', 'webhookId')],
  });
}

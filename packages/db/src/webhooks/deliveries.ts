import type { DeliveryDetails, WebhookDelivery, WebhookMessageType } from '@errand/contracts';
import { toFields } from '../statements/fields.ts';
import { newId, queryRow, queryRows, type RunScope } from '../statements/scope.ts';
import { MESSAGE_COLUMNS, MESSAGE_FROM, type MessageContent, type MessageRow, toMessage } from './message-content.ts';

type DeliveryRow = Pick<WebhookDelivery, 'deliveryId' | 'webhookId' | 'type' | 'state' | 'attempts'> &
  Record<'runId' | 'lastError', string | null> &
  Record<'nextAttemptAt' | 'deliveredAt', Date | null> & { lastStatus: number | null; createdAt: Date };

const COLUMNS = `d.delivery_id AS "deliveryId", d.webhook_id AS "webhookId", d.type, d.run_id AS "runId", d.state,
  d.attempts, d.last_status AS "lastStatus", d.last_error AS "lastError", d.next_attempt_at AS "nextAttemptAt",
  d.delivered_at AS "deliveredAt", d.created_at AS "createdAt"`;

/** The header webhook-id of a delivery: equal for all webhooks that receive the message. */
export const messageIdOf = (deliveryId: string): string => `msg_${deliveryId.replaceAll('-', '')}`;

const toDelivery = (row: DeliveryRow): WebhookDelivery =>
  toFields<WebhookDelivery>({ ...row, messageId: messageIdOf(row.deliveryId) });

/** SQL that makes a delivery due now, with all its attempts. */
const REDELIVER = `state = 'pending', attempts = 0, next_attempt_at = clock_timestamp(), leased_until = NULL, delivered_at = NULL`;

/** The body of a delivery without a stored one; null if its run was removed. */
async function renderBody(
  scope: Pick<RunScope, 'pool' | 'workspaceId'>,
  { webhookId, deliveryId, runId }: Pick<DeliveryRow, 'webhookId' | 'deliveryId' | 'runId'>,
  bodyOf: (message: MessageContent) => string,
): Promise<string | null> {
  const row = await queryRow<MessageRow>(scope, {
    text: `SELECT ${MESSAGE_COLUMNS} FROM webhook_delivery d ${MESSAGE_FROM}
      WHERE d.workspace_id = $1 AND d.webhook_id = $2 AND d.delivery_id = $3`,
    values: [webhookId, deliveryId],
  });
  const message = row && toMessage(row);
  return message && (message.run || runId === null) ? bodyOf(message) : null;
}

export type DeliveryFilter = { state?: WebhookDelivery['state']; before?: string };

export function deliveries(scope: Pick<RunScope, 'pool' | 'workspaceId'>) {
  return {
    /** Newest first. */
    async list(webhookId: string, { state, before }: DeliveryFilter, limit: number): Promise<WebhookDelivery[]> {
      const rows = await queryRows<DeliveryRow>(scope, {
        text: `SELECT ${COLUMNS} FROM webhook_delivery d
          WHERE d.workspace_id = $1 AND d.webhook_id = $2 AND ($3::text IS NULL OR d.state = $3)
            AND ($4::uuid IS NULL OR d.delivery_id < $4)${state === 'pending' ? ' AND d.next_attempt_at IS NOT NULL' : ''}
          ORDER BY d.delivery_id DESC LIMIT $5`,
        values: [webhookId, state ?? null, before ?? null, limit],
      });
      return rows.map(toDelivery);
    },

    /** Renders the body if it is not stored. Returns null if the delivery does not exist. */
    async get(
      webhookId: string,
      deliveryId: string,
      bodyOf: (message: MessageContent) => string,
    ): Promise<DeliveryDetails | null> {
      const row = await queryRow<DeliveryRow & Record<'body' | 'lastAnswer', string | null>>(scope, {
        text: `SELECT ${COLUMNS}, d.body, d.last_answer AS "lastAnswer" FROM webhook_delivery d
          WHERE d.workspace_id = $1 AND d.webhook_id = $2 AND d.delivery_id = $3`,
        values: [webhookId, deliveryId],
      });
      if (!row) return null;
      const { body, lastAnswer, ...delivery } = row;
      const content = body ?? (await renderBody(scope, delivery, bodyOf));
      return {
        ...toDelivery(delivery),
        ...toFields<Pick<DeliveryDetails, 'body' | 'lastAnswer'>>({ body: content, lastAnswer }),
      };
    },

    /** Makes up to `limit` failed deliveries due again, oldest first. */
    async redeliverFailed(webhookId: string, limit: number): Promise<{ redelivered: number; hasMore: boolean }> {
      const row = await queryRow<{ redelivered: number; hasMore: boolean }>(scope, {
        name: 'webhook_redeliver_failed',
        text: `WITH failed AS MATERIALIZED (
            SELECT d.delivery_id FROM webhook_delivery d WHERE d.workspace_id = $1 AND d.webhook_id = $2 AND d.state = 'failed'
            ORDER BY d.delivery_id LIMIT $3 + 1 FOR UPDATE SKIP LOCKED
          ), redelivered AS (
            UPDATE webhook_delivery d SET ${REDELIVER}
            WHERE d.workspace_id = $1 AND d.webhook_id = $2
              AND d.delivery_id IN (SELECT delivery_id FROM failed ORDER BY delivery_id LIMIT $3) RETURNING 1
          )
          SELECT (SELECT count(*)::int FROM redelivered) AS redelivered, (SELECT count(*) FROM failed) > $3 AS "hasMore"`,
        values: [webhookId, limit],
      });
      return row!;
    },

    /** Makes a delivery due again, with all its attempts. Returns null if it does not exist. */
    async redeliver(webhookId: string, deliveryId: string): Promise<WebhookDelivery | null> {
      const row = await queryRow<DeliveryRow>(scope, {
        name: 'webhook_redeliver',
        text: `UPDATE webhook_delivery d SET ${REDELIVER}
          WHERE workspace_id = $1 AND webhook_id = $2 AND delivery_id = $3 RETURNING ${COLUMNS}`,
        values: [webhookId, deliveryId],
      });
      return row && toDelivery(row);
    },

    async add(webhookId: string, type: WebhookMessageType, data: object): Promise<WebhookDelivery | null> {
      const row = await queryRow<DeliveryRow>(scope, {
        name: 'webhook_delivery_add',
        text: `INSERT INTO webhook_delivery AS d (workspace_id, delivery_id, webhook_id, type, data)
          SELECT w.workspace_id, $3, w.webhook_id, $4, $5 FROM webhook w WHERE w.workspace_id = $1 AND w.webhook_id = $2
          RETURNING ${COLUMNS}`,
        values: [webhookId, newId(), type, JSON.stringify(data)],
      });
      return row && toDelivery(row);
    },
  };
}

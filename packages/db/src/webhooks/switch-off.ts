import { system } from '@errand/contracts';
import type { Pool } from 'pg';
import { auditRow } from '../audit/write.ts';
import { withTransaction } from '../statements/scope.ts';
import type { WebhookKey } from './jobs.ts';
import { messageInsert } from './outbox.ts';

export type SwitchedOff = 'gone' | 'failing' | 'secret_lost';

/** Disables a webhook with an unreadable secret. Its deliveries wait until it is active again, without counting the attempt. */
export const switchOffLost = (
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
    if (rows[0])
      await noteSwitchedOff(client, { workspaceId, webhookId }, { because: 'secret_lost', url: rows[0].url });
  });

/** Writes the audit entry of a disabled webhook, and a message for the other webhooks of the workspace. */
export async function noteSwitchedOff(
  client: Pick<Pool, 'query'>,
  { workspaceId, webhookId }: WebhookKey,
  { because: reason, url }: { because: SwitchedOff; url: string },
): Promise<void> {
  const details = { url, reason };
  const row = auditRow(workspaceId, { actor: system, action: 'webhook.disabled', target: webhookId, details });
  await client.query({
    name: 'webhook_disabled',
    text: `WITH noted AS (INSERT INTO audit (workspace_id, audit_id, actor_type, actor_id, actor_label, action, target, details)
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

import type { Pool } from 'pg';
import { fieldArrays } from '../statements/columns.ts';

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

import { addWebhookJobs, type Db } from '@errand/db';
import type { Log, WebhookSender } from '../ports.ts';
import { Poster } from './poster.ts';
import { Relay } from './relay.ts';

/** Who posts, and the vault with the secrets that sign. */
export type WebhookOptions = { send: WebhookSender; vault: Db['vault'] };

/** Tells webhooks what happens: a relay makes deliveries and jobs, and the process that gets a job posts. */
export function createWebhooks({ pool, vault, send, log }: WebhookOptions & { pool: Db['pool']; log: Log }) {
  const poster = new Poster({ pool, vault, send, log });
  const relay = new Relay({ pool, log, addJobs: (webhooks) => addWebhookJobs(pool, webhooks) });
  return {
    start: () => relay.start(),
    /** Something happened in this process that may be told. */
    poke: () => relay.poke(),
    /** Does the work of a job. */
    post: (key: { workspaceId: string; webhookId: string }) => poster.begin(key),
    async stop() {
      await relay.stop();
      await poster.stop();
    },
  };
}

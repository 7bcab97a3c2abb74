import { addWebhookJobs, type Db, type WebhookKey } from '@errand/db';
import type { Log } from '@errand/ports/log';
import type { WebhookSender } from '@errand/ports/webhooks';
import { Poster } from './poster.ts';
import { Relay } from './relay.ts';

/** Who posts, and the vault with the secrets that sign. */
export type WebhookOptions = { send: WebhookSender; vault: Db['vault'] };

/** Tells webhooks what happens: a relay makes deliveries and jobs, and the process that gets a job posts. */
export function createWebhooks({ pool, vault, send, log }: WebhookOptions & { pool: Db['pool']; log: Log }) {
  const poster = new Poster({ pool, vault, send, log });
  const begin = async (webhooks: readonly WebhookKey[]) => {
    const others = webhooks.filter((key) => !poster.goesOn(key));
    if (others.length > 0) await addWebhookJobs(pool, others);
  };
  const relay = new Relay({ pool, log, begin });
  return {
    start: () => relay.start(),
    /** Something happened in this process that may be told. */
    poke: () => relay.poke(),
    /** Does the work of a job. */
    post: (key: WebhookKey) => poster.begin(key),
    async stop() {
      await relay.stop();
      await poster.stop();
    },
  };
}

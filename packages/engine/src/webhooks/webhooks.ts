import { every } from '@errand/basics/every';
import { addWebhookJobs, type Db, dueWebhooks, relayMessages, type WebhookKey } from '@errand/db';
import type { Log } from '@errand/ports/log';
import type { WebhookSender } from '@errand/ports/webhooks';
import { Poster } from './poster.ts';

/** The sender of webhooks, and the vault with its signing secrets. */
export type WebhookOptions = { send: WebhookSender; vault: Db['vault'] };

/** Sends webhooks: a relay makes deliveries and jobs, and the process with a job posts. */
export function createWebhookSending({ pool, vault, send, log }: WebhookOptions & { pool: Db['pool']; log: Log }) {
  const poster = new Poster({ pool, vault, send, log });
  const begin = async (webhooks: readonly WebhookKey[]) => {
    const others = webhooks.filter((key) => !poster.goesOn(key));
    if (others.length > 0) await addWebhookJobs(pool, others);
  };
  const relay = new Relay({ pool, log, begin });
  return {
    start: () => relay.start(),
    /** Called after an event in this process that may be a message. */
    poke: () => relay.poke(),
    /** Does the work of a job. */
    post: (key: WebhookKey) => poster.begin(key),
    async stop() {
      await relay.stop();
      await poster.stop();
    },
  };
}

/** Interval in ms between two reads of the outbox, and delay of a read after an event in this process. */
const POLL_MS = 500;
const SOON_MS = 250;
/** Messages of one statement. */
const BATCH = 100;
/** Maximum webhooks to start with at a time. */
const MAX_DUE = 100;

type RelayDeps = {
  pool: Db['pool'];
  log: Log;
  /** Posts the due deliveries of these webhooks, in this process or through a job. */
  begin: (webhooks: readonly WebhookKey[]) => Promise<void>;
};

/** Turns the messages in the outbox into deliveries, and starts the posting of due deliveries. */
class Relay {
  #stop: (() => Promise<void>) | undefined;
  #soon: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();
  /** Whether the last read found something: only then an early read is useful. */
  #inUse = true;
  #quiet = false;

  constructor(private readonly deps: RelayDeps) {}

  start(): void {
    this.#stop = every(POLL_MS, () => this.look());
  }

  /** Called after an event in this process that may be a message. */
  poke(): void {
    if (!this.#stop || !this.#inUse || this.#soon) return;
    this.#soon = setTimeout(() => {
      this.#soon = undefined;
      void this.look();
    }, SOON_MS).unref();
  }

  /** Relays all messages. Never rejects. */
  look(): Promise<void> {
    this.#working = this.#working.then(() => this.#look());
    return this.#working;
  }

  async #look(): Promise<void> {
    const { pool, log, begin } = this.deps;
    try {
      let relayed = 0;
      for (let n = BATCH; n === BATCH; relayed += n) n = await relayMessages(pool, BATCH);
      const due = await dueWebhooks(pool, MAX_DUE);
      if (due.length > 0) await begin(due);
      this.#inUse = relayed > 0 || due.length > 0;
      this.#quiet = false;
    } catch (error) {
      if (!this.#quiet) log.warn({ err: error }, 'Webhook messages could not be relayed; retrying.');
      this.#quiet = true;
    }
  }

  async stop(): Promise<void> {
    clearTimeout(this.#soon);
    await this.#stop?.();
    await this.#working;
  }
}

import { every } from '@errand/basics/every';
import { type Db, dueWebhooks, relayMessages, type WebhookKey } from '@errand/db';
import type { Log } from '@errand/ports/log';

/** How often the outbox is looked at, in ms, and how soon after something happened in this process. */
const POLL_MS = 500;
const SOON_MS = 250;
/** Messages of one statement. */
const BATCH = 100;
/** Webhooks that are begun with at a time. */
const MAX_DUE = 100;

export type RelayDeps = {
  pool: Db['pool'];
  log: Log;
  /** Lets what is due for webhooks be posted, here or by a job. */
  begin: (webhooks: readonly WebhookKey[]) => Promise<void>;
};

/** Makes deliveries of what is in the outbox, and lets what is due be posted. */
export class Relay {
  readonly #deps: RelayDeps;
  #stop: (() => Promise<void>) | undefined;
  #soon: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();
  /** Whether the last look found something: only then is it worth while to look soon. */
  #inUse = true;
  #quiet = false;

  constructor(deps: RelayDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#stop = every(POLL_MS, () => this.look());
  }

  /** Something happened here that may be told. */
  poke(): void {
    if (!this.#stop || !this.#inUse || this.#soon) return;
    this.#soon = setTimeout(() => {
      this.#soon = undefined;
      void this.look();
    }, SOON_MS).unref();
  }

  /** Relays what there is. Never rejects. */
  look(): Promise<void> {
    this.#working = this.#working.then(() => this.#look());
    return this.#working;
  }

  async #look(): Promise<void> {
    const { pool, log, begin } = this.#deps;
    try {
      let relayed = 0;
      for (let n = BATCH; n === BATCH; relayed += n) n = await relayMessages(pool, BATCH);
      const due = await dueWebhooks(pool, MAX_DUE);
      if (due.length > 0) await begin(due);
      this.#inUse = relayed > 0 || due.length > 0;
      this.#quiet = false;
    } catch (error) {
      if (!this.#quiet) log.warn({ err: error }, 'Webhooks are told later.');
      this.#quiet = true;
    }
  }

  async stop(): Promise<void> {
    clearTimeout(this.#soon);
    await this.#stop?.();
    await this.#working;
  }
}

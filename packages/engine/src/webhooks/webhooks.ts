import { every } from '@errand/basics/every';
import { addWebhookJobs, type Db, dueWebhooks, relayMessages, type WebhookKey } from '@errand/db';
import type { Log } from '@errand/ports/log';
import type { WebhookSender } from '@errand/ports/webhooks';
import type { BeginDelivery } from '../observation/report.ts';
import { Poster } from './poster.ts';

/** The sender of webhooks, and the vault with its signing secrets. */
export type WebhookOptions = { send: WebhookSender; vault: Db['vault'] };

/** Sends webhooks: a relay makes deliveries and jobs, and the process with a job posts. */
export function createWebhookSending({
  pool,
  vault,
  send,
  log,
  isLeader,
  beginDelivery,
}: WebhookOptions & { pool: Db['pool']; log: Log; isLeader: () => boolean; beginDelivery: BeginDelivery }) {
  const poster = new Poster({ pool, vault, send, log, beginDelivery });
  const begin = async (webhooks: readonly WebhookKey[]) => {
    const others = webhooks.filter((key) => !poster.continuesPosting(key));
    if (others.length > 0) await addWebhookJobs(pool, others);
  };
  const relay = new Relay({ pool, log, begin, isLeader });
  return {
    start: () => relay.start(),
    /** Called after an event in this process that may be a message. */
    onEvent: () => relay.relaySoon(),
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
  /** Whether this process relays for its machine. */
  isLeader: () => boolean;
};

/** Turns the messages in the outbox into deliveries, and starts the posting of due deliveries. */
class Relay {
  #stop: (() => Promise<void>) | undefined;
  #soonTimer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();
  /** Whether the last read found something: only then an early read is useful. */
  #isActive = true;
  #hasWarned = false;

  constructor(private readonly deps: RelayDeps) {}

  start(): void {
    this.#stop = every(POLL_MS, async () => void (this.deps.isLeader() && (await this.relay())));
  }

  /** Called after an event in this process that may be a message. */
  relaySoon(): void {
    if (!this.#stop || !this.#isActive || this.#soonTimer || !this.deps.isLeader()) return;
    this.#soonTimer = setTimeout(() => {
      this.#soonTimer = undefined;
      void this.relay();
    }, SOON_MS).unref();
  }

  /** Relays all messages. Never rejects. */
  relay(): Promise<void> {
    this.#working = this.#working.then(() => this.#relayOnce());
    return this.#working;
  }

  async #relayOnce(): Promise<void> {
    const { pool, log, begin } = this.deps;
    try {
      let relayed = 0;
      for (let n = BATCH; n === BATCH; relayed += n) n = await relayMessages(pool, BATCH);
      const due = await dueWebhooks(pool, MAX_DUE);
      if (due.length > 0) await begin(due);
      this.#isActive = relayed > 0 || due.length > 0;
      this.#hasWarned = false;
    } catch (error) {
      if (!this.#hasWarned) log.warn({ err: error }, 'Webhook messages could not be relayed; retrying.');
      this.#hasWarned = true;
    }
  }

  async stop(): Promise<void> {
    clearTimeout(this.#soonTimer);
    await this.#stop?.();
    await this.#working;
  }
}

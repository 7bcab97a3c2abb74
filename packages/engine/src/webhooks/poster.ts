import { setTimeout as sleep } from 'node:timers/promises';
import { newSpanId, untracedParent } from '@errand/basics/trace-context';
import {
  type Db,
  type DueDelivery,
  type DueRound,
  leaseDeliveries,
  type Outcome,
  recordOutcomes,
  type WebhookKey,
} from '@errand/db';
import type { Log } from '@errand/ports/log';
import type { WebhookSender } from '@errand/ports/webhooks';
import type { BeginDelivery } from '../observation/report.ts';
import { webhookBody } from './body.ts';

/** Concurrent deliveries of a webhook. */
const ROUND_SIZE = 16;
/** Concurrent webhooks of this process, and of one workspace; the same number again may be slow. */
const MAX_WEBHOOKS = 32;
const MAX_OF_WORKSPACE = 4;
/** A webhook is slow while a round of deliveries takes longer than this, in ms. Others take its turn, and then its place. */
const SLOW_MS = 1000;
/** For this time in ms after a delivery, a process needs no job to post to the same webhook again. */
const RECENT_MS = 2000;
/** Delay before a failed write of outcomes is repeated, in ms. */
const RETRY_MS = 500;

/** A webhook in progress. `since`: start of its round. `more`: something may have become due since the last read. */
type Posting = WebhookKey & { since: number; more: boolean; done: Promise<void> };

const isSlow = ({ since }: Posting): boolean => performance.now() - since > SLOW_MS;

const isFull = (webhooks: readonly Posting[], most: number): boolean =>
  webhooks.length >= 2 * most || webhooks.filter((webhook) => !isSlow(webhook)).length >= most;

export type PosterDeps = {
  pool: Db['pool'];
  vault: Db['vault'];
  send: WebhookSender;
  log: Log;
  beginDelivery: BeginDelivery;
};

/**
 * Posts due deliveries, in one round per webhook at a time. If the process dies, they are due again when its lease expires. So each
 * message is posted at least once.
 */
export class Poster {
  readonly #postings = new Map<string, Posting>();
  /** When this process last posted to webhooks that answered quickly. */
  readonly #recentlyPosted = new Map<string, number>();
  readonly #stopping = new AbortController();

  constructor(private readonly deps: PosterDeps) {}

  /** Whether this process continues with a webhook to which it has just posted, so that no job is needed. Begins if necessary. */
  continuesPosting(key: WebhookKey): boolean {
    const from = performance.now() - RECENT_MS;
    for (const [webhookId, at] of this.#recentlyPosted) if (at < from) this.#recentlyPosted.delete(webhookId);
    if (!this.#recentlyPosted.has(key.webhookId)) return false;
    this.begin(key);
    return this.#postings.has(key.webhookId);
  }

  /** Starts to post the due deliveries of a webhook, unless this process already does so or is at its limits. */
  begin(key: WebhookKey): void {
    const { workspaceId, webhookId } = key;
    const current = this.#postings.get(webhookId);
    if (current) current.more = true;
    const all = [...this.#postings.values()];
    const ofWorkspace = all.filter((webhook) => webhook.workspaceId === workspaceId);
    const full = isFull(all, MAX_WEBHOOKS) || isFull(ofWorkspace, MAX_OF_WORKSPACE);
    if (full || current || this.#stopping.signal.aborted) return;
    const posting: Posting = { ...key, since: performance.now(), more: false, done: Promise.resolve() };
    this.#postings.set(webhookId, posting);
    posting.done = this.#post(key, posting).finally(() => this.#postings.delete(webhookId));
  }

  /** Aborts deliveries in progress, which are posted again elsewhere, and waits for their end. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#postings.values()].map(({ done }) => done));
  }

  async #post(key: WebhookKey, posting: Posting): Promise<void> {
    try {
      for (let isContinued = true; isContinued && !this.#stopping.signal.aborted; ) {
        posting.since = performance.now();
        posting.more = false;
        const hasDelivered = await this.#round(key);
        // A slow webhook gives up its place after each round; the relay sees that more is due.
        const slow = isSlow(posting);
        if (slow) this.#recentlyPosted.delete(key.webhookId);
        else if (hasDelivered) this.#recentlyPosted.set(key.webhookId, performance.now());
        isContinued = !slow && (hasDelivered || posting.more);
      }
    } catch (error) {
      this.deps.log.warn({ err: error, ...key }, 'Deliveries of a webhook failed; they are posted again later.');
    }
  }

  /** @returns whether the webhook accepted a delivery; otherwise it rests */
  async #round(key: WebhookKey): Promise<boolean> {
    const { pool, vault, log } = this.deps;
    const due = await leaseDeliveries(pool, vault, key, { limit: ROUND_SIZE, bodyOf: webhookBody });
    if (!due) return false;
    const outcomes = await Promise.all(due.deliveries.map((delivery) => this.#attempt(key, due, delivery)));
    if (this.#stopping.signal.aborted) {
      const accepted = outcomes.filter(({ error }) => error === null);
      if (accepted.length > 0) await this.#record(key, accepted);
      return false;
    }
    const reason = await this.#record(key, outcomes);
    if (reason) log.warn({ ...key, because: reason }, 'A webhook was switched off.');
    return outcomes.some(({ error }) => error === null);
  }

  async #attempt(key: WebhookKey, { url, secrets }: DueRound, delivery: DueDelivery): Promise<Outcome> {
    const { deliveryId, attempts, type, webhookId: id, body, tracedRunId: runId } = delivery;
    const { workspaceId } = key;
    const { signal } = this.#stopping;
    const span = runId === null ? undefined : this.deps.beginDelivery({ ...key, runId, type, attempt: attempts, url });
    const traceparent = runId === null ? undefined : (span?.traceparent ?? untracedParent(runId, newSpanId()));
    const { code, ...answer } = await this.deps.send({ workspaceId, url, secrets, id, body, traceparent, signal });
    const { status, error } = answer;
    span?.end({ ...(status !== null && { status }), ...(error !== null && { error: code ?? String(status) }) });
    return { deliveryId, attempts, body, ...answer };
  }

  async #record(key: WebhookKey, outcomes: readonly Outcome[]): ReturnType<typeof recordOutcomes> {
    try {
      return await recordOutcomes(this.deps.pool, key, outcomes);
    } catch {
      await sleep(RETRY_MS, undefined, { ref: false });
      return recordOutcomes(this.deps.pool, key, outcomes);
    }
  }
}

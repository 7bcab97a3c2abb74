import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Db,
  type DueDelivery,
  type DueRound,
  type Outcome,
  recordOutcomes,
  takeDeliveries,
  type WebhookKey,
} from '@errand/db';
import type { Log, WebhookSender } from '../ports.ts';

/** Deliveries of a webhook that are posted at the same time. */
const ROUND = 16;
/** Webhooks that this process posts to at the same time, and those of one workspace among them. */
const MAX_WEBHOOKS = 32;
const MAX_OF_WORKSPACE = 4;
/** Before what could not be written is written again, in ms. */
const AGAIN_MS = 500;

export type PosterDeps = { pool: Db['pool']; vault: Db['vault']; send: WebhookSender; log: Log };

/**
 * Posts what is due. A process posts to a webhook once at a time. What it holds when it dies is due again when its lease is over, so each
 * message is posted at least once.
 */
export class Poster {
  readonly #deps: PosterDeps;
  readonly #underWay = new Map<string, WebhookKey & { done: Promise<void> }>();
  readonly #stopping = new AbortController();

  constructor(deps: PosterDeps) {
    this.#deps = deps;
  }

  /** Begins to post what is due for a webhook, unless this process does so already, or has enough to do. */
  begin(key: WebhookKey): void {
    const { workspaceId, webhookId } = key;
    const own = [...this.#underWay.values()].filter((other) => other.workspaceId === workspaceId);
    const full = this.#underWay.size >= MAX_WEBHOOKS || own.length >= MAX_OF_WORKSPACE;
    if (full || this.#underWay.has(webhookId) || this.#stopping.signal.aborted) return;
    const done = this.#post(key).finally(() => this.#underWay.delete(webhookId));
    this.#underWay.set(webhookId, { ...key, done });
  }

  /** Resolves when nothing is under way any more. What is being posted is broken off, and posted again elsewhere. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#underWay.values()].map(({ done }) => done));
  }

  async #post(key: WebhookKey): Promise<void> {
    try {
      while (!this.#stopping.signal.aborted && (await this.#round(key)));
    } catch (error) {
      this.#deps.log.warn({ err: error, ...key }, 'A webhook is told later.');
    }
  }

  /** @returns whether the webhook took something; one that did not rests */
  async #round(key: WebhookKey): Promise<boolean> {
    const { pool, vault, log } = this.#deps;
    const due = await takeDeliveries(pool, vault, key, ROUND);
    if (!due) return false;
    const outcomes = await Promise.all(due.deliveries.map((delivery) => this.#attempt(key, due, delivery)));
    if (this.#stopping.signal.aborted) {
      const ended = outcomes.filter(({ error }) => error === null);
      if (ended.length > 0) await this.#record(key, ended);
      return false;
    }
    const because = await this.#record(key, outcomes);
    if (because) log.warn({ ...key, because }, 'A webhook was switched off.');
    return outcomes.some(({ error }) => error === null);
  }

  async #attempt({ workspaceId }: WebhookKey, { url, secrets }: DueRound, delivery: DueDelivery): Promise<Outcome> {
    const { deliveryId, attempts, webhookId: id, body } = delivery;
    const { signal } = this.#stopping;
    return { deliveryId, attempts, ...(await this.#deps.send({ workspaceId, url, secrets, id, body, signal })) };
  }

  async #record(key: WebhookKey, outcomes: readonly Outcome[]): ReturnType<typeof recordOutcomes> {
    try {
      return await recordOutcomes(this.#deps.pool, key, outcomes);
    } catch {
      await sleep(AGAIN_MS, undefined, { ref: false });
      return recordOutcomes(this.#deps.pool, key, outcomes);
    }
  }
}

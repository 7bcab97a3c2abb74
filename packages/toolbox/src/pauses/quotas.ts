import type { Awaitable } from '@errand/basics/awaitable';
import type { CallGrant, QuotaKey } from '@errand/db';
import { LRUCache } from 'lru-cache';

const MAX_KNOWN = 10_000;
/** A process takes this part of a quota at a time, and at most this many calls. */
const SHARE = 10;
const MAX_SHARE = 100;
/** Calls that are taken and not made are lost after this part of the window, but not before this many ms: later they would exceed it. */
const MIN_AGE_MS = 1_000;

export type Quota = { limit: number; windowMs: number };

/** Calls that were taken, and the time before which there are no more. */
type Share = { calls: number; takenAt: number; nothingUntil: number; taking: Promise<void> | undefined };

/** The quotas of integrations with a limit that the owner states. Each process takes shares of them from the database, so all use one quota. */
export class Quotas {
  readonly #shares = new LRUCache<string, Share>({ max: MAX_KNOWN });

  /** @param take takes calls from the quota that all processes share @param now the monotonic clock, in ms */
  constructor(
    private readonly take: (key: QuotaKey, maxCalls: number, quota: Quota) => Promise<CallGrant>,
    private readonly onFailure: (error: unknown) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Takes one call. Returns how long it must wait, in ms; 0: it may be made. Without the database nothing waits. */
  waitMs(key: QuotaKey, quota: Quota): Awaitable<number> {
    const name = JSON.stringify([key.workspaceId, key.customerIntegrationId, key.userId]);
    const share = this.#shares.get(name) ?? { calls: 0, takenAt: 0, nothingUntil: 0, taking: undefined };
    this.#shares.set(name, share);
    const waitMs = this.#spend(share, quota);
    return waitMs ?? this.#takeMore(share, key, quota);
  }

  /** The wait; undefined if more calls must be taken first. */
  #spend(share: Share, { windowMs }: Quota): number | undefined {
    const now = this.now();
    if (share.calls > 0 && now - share.takenAt <= Math.max(windowMs / SHARE, MIN_AGE_MS)) {
      share.calls--;
      return 0;
    }
    return now < share.nothingUntil ? share.nothingUntil - now : undefined;
  }

  async #takeMore(share: Share, key: QuotaKey, quota: Quota): Promise<number> {
    for (;;) {
      try {
        // Calls that wait at the same time share one statement.
        share.taking ??= this.#take(share, key, quota);
        await share.taking;
      } catch (error) {
        this.onFailure(error);
        return 0;
      }
      const waitMs = this.#spend(share, quota);
      if (waitMs !== undefined) return waitMs;
    }
  }

  async #take(share: Share, key: QuotaKey, quota: Quota): Promise<void> {
    try {
      const maxCalls = Math.min(Math.ceil(quota.limit / SHARE), MAX_SHARE);
      const { granted, nextMs } = await this.take(key, maxCalls, quota);
      const now = this.now();
      Object.assign(share, { calls: granted, takenAt: now, nothingUntil: granted > 0 ? 0 : now + nextMs });
    } finally {
      share.taking = undefined;
    }
  }
}

import type { Awaitable } from '@errand/basics/awaitable';
import type { CallGrant, CallQuota, QuotaKey } from '@errand/db';
import { LRUCache } from 'lru-cache';

const MAX_KNOWN = 10_000;
/** A process takes this part of a quota at a time, and at most this many calls. */
const SHARE = 10;
const MAX_SHARE = 100;

/** At most `limit` calls in each window of `windowMs`. */
export type Quota = Pick<CallQuota, 'limit' | 'windowMs'>;

const shareOf = ({ limit }: Quota): number => Math.min(Math.ceil(limit / SHARE), MAX_SHARE);
/** Calls that are taken and not made are lost after this time, because the quota counts them in its windows until then. */
const ageOf = (quota: Quota): number => (shareOf(quota) === 1 ? 0 : Math.ceil(quota.windowMs / SHARE));

/** Calls that were taken, and the time before which there are no more. */
type Share = { calls: number; takenAt: number; nothingUntil: number; taking: Promise<void> | undefined };

/** The quotas of integrations with a limit that the owner states. Each process takes shares of them from the database, so all use one quota. */
export class Quotas {
  readonly #shares = new LRUCache<string, Share>({ max: MAX_KNOWN });

  /** @param take takes calls from the quota that all processes share @param now the monotonic clock, in ms */
  constructor(
    private readonly take: (key: QuotaKey, maxCalls: number, quota: CallQuota) => Promise<CallGrant>,
    private readonly onFailure: (error: unknown) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Takes one call. Returns how long it must wait, in ms; 0: it may be made. Without the database nothing waits. */
  waitMs(key: QuotaKey, quota: Quota): Awaitable<number> {
    const name = JSON.stringify([key.workspaceId, key.customerIntegrationId, key.userId]);
    const share = this.#shares.get(name) ?? { calls: 0, takenAt: 0, nothingUntil: 0, taking: undefined };
    this.#shares.set(name, share);
    if (this.now() - share.takenAt > ageOf(quota)) share.calls = 0;
    return this.#spend(share) ?? this.#takeMore(share, key, quota);
  }

  /** The wait; undefined if more calls must be taken first. */
  #spend(share: Share): number | undefined {
    if (share.calls > 0) {
      share.calls--;
      return 0;
    }
    const now = this.now();
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
      const waitMs = this.#spend(share);
      if (waitMs !== undefined) return waitMs;
    }
  }

  async #take(share: Share, key: QuotaKey, quota: Quota): Promise<void> {
    try {
      const { granted, nextMs } = await this.take(key, shareOf(quota), { ...quota, ageMs: ageOf(quota) });
      const now = this.now();
      Object.assign(share, { calls: granted, takenAt: now, nothingUntil: granted > 0 ? 0 : now + nextMs });
    } finally {
      share.taking = undefined;
    }
  }
}

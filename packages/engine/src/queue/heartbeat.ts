import { hostname } from 'node:os';
import type { Awaitable } from '@errand/basics/awaitable';
import { withTimeout } from '@errand/basics/with-timeout';
import { type SentHeartbeat, sendHeartbeat } from '@errand/db';
import type { Log } from '@errand/ports/log';
import type pg from 'pg';

export type HeartbeatOptions = {
  /** Interval of heartbeats and of checks for dead pools and lost leases, in ms. */
  watchMs: number;
  /** A pool with a free lock and an older heartbeat is dead, even if Postgres has just dropped all locks; in ms. It sends no calls then. */
  silentMs: number;
  /** A pool with an older heartbeat is considered frozen, in ms. */
  frozenMs: number;
};

export type HeartbeatEvents = {
  /** The heartbeat is too old: other workers may soon claim the runs of this one. */
  leaseLost: () => void;
  /** A heartbeat succeeded again after others could claim the runs of this pool. No call is sent before this promise resolves. */
  leaseRegained: () => Promise<void>;
};

/** The fraction of `silentMs` in which this process still sends calls, and of `frozenMs` in which its activations continue. */
const SAFE_FRACTION = 0.8;
/** Time limit of an answer in ms, after which another connection sends the heartbeat. */
const ANSWER_MS = 3000;

/**
 * Shows that a worker pool is alive, by a session lock and a heartbeat on their own connection. Other workers measure the age of the
 * heartbeat in database time. This process measures monotonic time from before it sent the last one. So it stops before others take
 * over, even if clocks differ or the process was suspended.
 */
export class Heartbeat {
  #session: pg.Client | null = null;
  #hasLock = false;
  #lastSentAt = Number.NEGATIVE_INFINITY;
  #lockedSince: number | null = null;
  #alive = false;
  #stopped = false;
  #sending: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #waiters: (() => void)[] = [];
  #hasWarned = false;
  /** Database time of the last heartbeat. */
  lastDatabaseTime: Date | null = null;

  constructor(
    private readonly id: string,
    private readonly connect: () => Promise<pg.Client>,
    private readonly options: HeartbeatOptions & { log: Log },
    private readonly events: HeartbeatEvents,
  ) {}

  /** Starts to send heartbeats. Resolves after the first one, even if it failed. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => this.#tick(), this.options.watchMs);
    this.#tick();
    await this.#sending;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearInterval(this.#timer);
    await this.#sending;
    await this.#session?.end().catch(() => {});
    this.#session = null;
    for (const wake of this.#waiters.splice(0)) wake();
  }

  /**
   * Whether other workers see that this pool is alive, so that none of them can claim its runs before a call is sent.
   * Without the lock this is true for a shorter time, because others wait less long.
   */
  isSeenAlive(): boolean {
    const limit = this.#hasLock ? this.options.silentMs * SAFE_FRACTION : this.options.watchMs * 2;
    return this.#alive && performance.now() - this.#lastSentAt < limit;
  }

  /** @returns false when the signal was aborted first */
  waitUntilSeenAlive(signal: AbortSignal): Awaitable<boolean> {
    return this.isSeenAlive() && !signal.aborted ? true : this.#waitUntilSeenAlive(signal);
  }

  async #waitUntilSeenAlive(signal: AbortSignal): Promise<boolean> {
    while (!this.isSeenAlive() && !signal.aborted && !this.#stopped) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiters.push(wake);
        signal.addEventListener('abort', wake);
      });
    }
    return !signal.aborted && this.isSeenAlive();
  }

  /** Whether the free lock of another pool proves that it is dead, before its heartbeat is old: not just after this pool lost its own lock. */
  get trustsLocks(): boolean {
    return this.#hasLock && this.#lockedSince !== null && performance.now() >= this.#lockedSince;
  }

  #tick(): void {
    if (this.#alive && performance.now() - this.#lastSentAt > this.options.frozenMs * SAFE_FRACTION) {
      this.#alive = false;
      this.options.log.warn({}, 'Heartbeats fail: all activations are aborted.');
      this.events.leaseLost();
    }
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null;
    });
  }

  async #send(): Promise<void> {
    const startedAt = performance.now();
    try {
      const { ownsLock: isHeld, at } = await this.#sendOnSession();
      const wasSeenAlive = this.isSeenAlive();
      this.#noteLock(isHeld);
      this.lastDatabaseTime = at;
      if (!wasSeenAlive) await this.events.leaseRegained();
      this.#lastSentAt = startedAt;
      this.#alive = true;
      this.#hasWarned = false;
      for (const wake of this.#waiters.splice(0)) wake();
    } catch (error) {
      if (!this.#hasWarned) this.options.log.warn({ err: error }, 'A heartbeat failed; trying again.');
      this.#hasWarned = true;
    }
  }

  #noteLock(isHeld: boolean): void {
    if (isHeld && !this.#hasLock) {
      // The first lock proves nothing about an earlier loss, so it is trusted at once.
      this.#lockedSince = performance.now() + (this.#lockedSince === null ? 0 : this.options.silentMs);
    }
    this.#hasLock = isHeld;
  }

  // Close the old connection only after a heartbeat on the new one: until then its session may still hold the lock.
  async #sendOnSession(): Promise<SentHeartbeat> {
    const oldSession = this.#session;
    if (oldSession) {
      try {
        return await withTimeout(ANSWER_MS, sendHeartbeat(oldSession, this.id, hostname(), !this.#hasLock));
      } catch (error) {
        if (this.#stopped) throw error;
      }
    }
    const newSession = await this.connect();
    newSession.on('error', () => {});
    newSession.once('end', () => this.#onSessionEnd(newSession));
    try {
      // A heartbeat need not survive a crash of Postgres, so it does not wait for the disk.
      await withTimeout(ANSWER_MS, newSession.query('SET synchronous_commit = off'));
      const sent = await withTimeout(ANSWER_MS, sendHeartbeat(newSession, this.id, hostname(), true));
      this.#session = newSession;
      oldSession?.end().catch(() => {});
      return sent;
    } catch (error) {
      newSession.end().catch(() => {});
      throw error;
    }
  }

  #onSessionEnd(client: pg.Client): void {
    if (this.#session !== client) return;
    this.#session = null;
    this.#hasLock = false;
    if (!this.#stopped) this.#tick();
  }
}

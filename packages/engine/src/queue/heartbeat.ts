import { hostname } from 'node:os';
import { withTimeout } from '@errand/basics/with-timeout';
import { type SentHeartbeat, sendHeartbeat } from '@errand/db';
import type pg from 'pg';
import type { Log } from '../ports.ts';

export type HeartbeatOptions = {
  /** Between heartbeats, in ms. */
  intervalMs: number;
  /** Others take a pool for frozen when its heartbeat is older, in ms. */
  frozenMs: number;
};

export type HeartbeatEvents = {
  /** The lease has run out: whatever is under way may soon be somebody else's. */
  leaseLost: () => void;
  /** A heartbeat got through again. What this resolves comes before anything is sent. */
  leaseRegained: () => Promise<void>;
};

/** Of the time after which others may take over, the part in which calls may still be sent. */
const SENDING_FRACTION = 0.8;
/** A heartbeat without an answer is tried on another connection, in ms. */
const ANSWER_MS = 3000;

/**
 * Shows that a worker pool lives: a session lock and a heartbeat, on a connection of their own. What others may do follows from
 * the heartbeat in database time; what this process may do follows from the monotonic time before the last one was sent, so that
 * it stops first, whatever the clocks say and however long it was stopped itself.
 */
export class Heartbeat {
  readonly #id: string;
  readonly #connect: () => Promise<pg.Client>;
  readonly #log: Log;
  readonly #options: HeartbeatOptions;
  readonly #watch: HeartbeatEvents;

  #session: pg.Client | null = null;
  #held = false;
  #lastSentAt = Number.NEGATIVE_INFINITY;
  #lockedSince: number | null = null;
  #alive = false;
  #stopped = false;
  #sending: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #waiters: (() => void)[] = [];
  #quiet = false;
  /** Time of the database at the last heartbeat. */
  at: Date | null = null;

  constructor(
    id: string,
    connect: () => Promise<pg.Client>,
    log: Log,
    options: HeartbeatOptions,
    watch: HeartbeatEvents,
  ) {
    this.#id = id;
    this.#connect = connect;
    this.#log = log;
    this.#options = options;
    this.#watch = watch;
  }

  /** Beats from now on. Returns when the first beat got through, or failed: then it is tried again. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => this.#tick(), this.#options.intervalMs);
    this.#tick();
    await this.#sending;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearInterval(this.#timer);
    await this.#sending;
    await this.#session?.end().catch(() => {});
    this.#session = null;
    for (const go of this.#waiters.splice(0)) go();
  }

  /**
   * Whether a call may be sent now: nobody else can have taken over what this pool holds, and none can before the call is out.
   * Without the lock others wait for less.
   */
  holdsLease(): boolean {
    const limit = this.#held ? this.#options.frozenMs * SENDING_FRACTION : this.#options.intervalMs * 2;
    return this.#alive && performance.now() - this.#lastSentAt < limit;
  }

  /** Waits until a call may be sent. @returns false when the signal was aborted before */
  async waitForLease(signal: AbortSignal): Promise<boolean> {
    while (!this.holdsLease() && !signal.aborted && !this.#stopped) {
      await new Promise<void>((resolve) => {
        const go = () => {
          signal.removeEventListener('abort', go);
          resolve();
        };
        this.#waiters.push(go);
        signal.addEventListener('abort', go);
      });
    }
    return !signal.aborted && this.holdsLease();
  }

  /** Whether a free lock of another pool says that it is gone: not when Postgres has just let go of this one's, too. */
  get trustsLocks(): boolean {
    return this.#held && this.#lockedSince !== null && performance.now() >= this.#lockedSince;
  }

  #tick(): void {
    if (this.#alive && performance.now() - this.#lastSentAt > this.#options.frozenMs * SENDING_FRACTION) {
      this.#alive = false;
      this.#log.warn({}, 'No heartbeat gets through: what is under way is given up.');
      this.#watch.leaseLost();
    }
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null;
    });
  }

  async #send(): Promise<void> {
    const from = performance.now();
    try {
      const { held, at } = await this.#sendOnSession();
      this.#noteLock(held);
      this.at = at;
      if (!this.#alive || from - this.#lastSentAt > this.#options.frozenMs * SENDING_FRACTION)
        await this.#watch.leaseRegained();
      this.#lastSentAt = from;
      this.#alive = true;
      this.#quiet = false;
      for (const go of this.#waiters.splice(0)) go();
    } catch (error) {
      if (!this.#quiet) this.#log.warn({ err: error }, 'A heartbeat did not get through; trying again.');
      this.#quiet = true;
    }
  }

  #noteLock(held: boolean): void {
    if (held && !this.#held) {
      // The first time there is nothing to distrust.
      this.#lockedSince = performance.now() + (this.#lockedSince === null ? 0 : this.#options.frozenMs);
    }
    this.#held = held;
  }

  // The old connection is let go of only after a beat on the new one: until then its session may still hold the lock.
  async #sendOnSession(): Promise<SentHeartbeat> {
    const old = this.#session;
    if (old) {
      try {
        return await withTimeout(ANSWER_MS, sendHeartbeat(old, this.#id, hostname(), !this.#held));
      } catch (error) {
        if (this.#stopped) throw error;
      }
    }
    const fresh = await this.#connect();
    fresh.on('error', () => {});
    fresh.once('end', () => this.#lost(fresh));
    try {
      // A heartbeat that a crash forgets is no loss, and need not wait for the disk.
      await withTimeout(ANSWER_MS, fresh.query('SET synchronous_commit = off'));
      const send = await withTimeout(ANSWER_MS, sendHeartbeat(fresh, this.#id, hostname(), true));
      this.#session = fresh;
      old?.end().catch(() => {});
      return send;
    } catch (error) {
      fresh.end().catch(() => {});
      throw error;
    }
  }

  #lost(client: pg.Client): void {
    if (this.#session !== client) return;
    this.#session = null;
    this.#held = false;
    if (!this.#stopped) this.#tick();
  }
}

import { hostname } from 'node:os';
import { withTimeout } from '@errand/basics/with-timeout';
import { type Beat, beatPool } from '@errand/db';
import type pg from 'pg';
import type { Log } from '../ports.ts';

export type PulseOptions = {
  /** Between heartbeats, in ms. */
  beatMs: number;
  /** Others take a pool for frozen when its heartbeat is older, in ms. */
  frozenMs: number;
};

export type PulseWatch = {
  /** The lease has run out: whatever is under way may soon be somebody else's. */
  lapsed: () => void;
  /** A heartbeat got through again. What this resolves comes before anything is sent. */
  back: () => Promise<void>;
};

/** Of the time after which others may take over, the part in which calls may still be sent. */
const SHARE = 0.8;
/** A heartbeat without an answer is tried on another connection, in ms. */
const PATIENCE_MS = 3000;

/**
 * Shows that a worker pool lives: a session lock and a heartbeat, on a connection of their own. What others may do follows from
 * the heartbeat in database time; what this process may do follows from the monotonic time before the last one was sent, so that
 * it stops first, whatever the clocks say and however long it was stopped itself.
 */
export class Pulse {
  private keeper: pg.Client | null = null;
  private held = false;
  private beaten = Number.NEGATIVE_INFINITY;
  private lockedSince: number | null = null;
  private alive = false;
  private stopped = false;
  private beating: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private waiting: (() => void)[] = [];
  private quiet = false;
  /** Time of the database at the last heartbeat. */
  at: Date | null = null;

  constructor(
    private readonly id: string,
    private readonly connect: () => Promise<pg.Client>,
    private readonly log: Log,
    private readonly options: PulseOptions,
    private readonly watch: PulseWatch,
  ) {}

  /** Beats from now on. Returns when the first beat got through, or failed: then it is tried again. */
  async start(): Promise<void> {
    this.timer = setInterval(() => this.tick(), this.options.beatMs);
    this.tick();
    await this.beating;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearInterval(this.timer);
    await this.beating;
    await this.keeper?.end().catch(() => {});
    this.keeper = null;
    for (const go of this.waiting.splice(0)) go();
  }

  /**
   * Whether a call may be sent now: nobody else can have taken over what this pool holds, and none can before the call is out.
   * Without the lock others wait for less.
   */
  mayStillSend(): boolean {
    const limit = this.held ? this.options.frozenMs * SHARE : this.options.beatMs * 2;
    return this.alive && performance.now() - this.beaten < limit;
  }

  /** Waits until a call may be sent. @returns false when the signal was aborted before */
  async whenMaySend(signal: AbortSignal): Promise<boolean> {
    while (!this.mayStillSend() && !signal.aborted && !this.stopped) {
      await new Promise<void>((resolve) => {
        const go = () => {
          signal.removeEventListener('abort', go);
          resolve();
        };
        this.waiting.push(go);
        signal.addEventListener('abort', go);
      });
    }
    return !signal.aborted && this.mayStillSend();
  }

  /** Whether a free lock of another pool says that it is gone: not when Postgres has just let go of this one's, too. */
  get trustsLocks(): boolean {
    return this.held && this.lockedSince !== null && performance.now() >= this.lockedSince;
  }

  private tick(): void {
    if (this.alive && performance.now() - this.beaten > this.options.frozenMs * SHARE) {
      this.alive = false;
      this.log.warn({}, 'No heartbeat gets through: what is under way is given up.');
      this.watch.lapsed();
    }
    this.beating ??= this.beat().finally(() => {
      this.beating = null;
    });
  }

  private async beat(): Promise<void> {
    const from = performance.now();
    try {
      const { held, at } = await this.through();
      this.took(held);
      this.at = at;
      if (!this.alive || from - this.beaten > this.options.frozenMs * SHARE) await this.watch.back();
      this.beaten = from;
      this.alive = true;
      this.quiet = false;
      for (const go of this.waiting.splice(0)) go();
    } catch (error) {
      if (!this.quiet) this.log.warn({ err: error }, 'A heartbeat did not get through; trying again.');
      this.quiet = true;
    }
  }

  private took(held: boolean): void {
    if (held && !this.held) {
      // The first time there is nothing to distrust.
      this.lockedSince = performance.now() + (this.lockedSince === null ? 0 : this.options.frozenMs);
    }
    this.held = held;
  }

  // The old connection is let go of only after a beat on the new one: until then its session may still hold the lock.
  private async through(): Promise<Beat> {
    const old = this.keeper;
    if (old) {
      try {
        return await withTimeout(PATIENCE_MS, beatPool(old, this.id, hostname(), !this.held));
      } catch (error) {
        if (this.stopped) throw error;
      }
    }
    const fresh = await this.connect();
    fresh.on('error', () => {});
    fresh.once('end', () => this.lost(fresh));
    try {
      // A heartbeat that a crash forgets is no loss, and need not wait for the disk.
      await withTimeout(PATIENCE_MS, fresh.query('SET synchronous_commit = off'));
      const beat = await withTimeout(PATIENCE_MS, beatPool(fresh, this.id, hostname(), true));
      this.keeper = fresh;
      old?.end().catch(() => {});
      return beat;
    } catch (error) {
      fresh.end().catch(() => {});
      throw error;
    }
  }

  private lost(client: pg.Client): void {
    if (this.keeper !== client) return;
    this.keeper = null;
    this.held = false;
    if (!this.stopped) this.tick();
  }
}

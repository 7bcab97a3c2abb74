import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Claimed, deadPools, defaultSlots, dropPool, freeLeases, giveBack, keepUp, tickRuns } from '@errand/db';
import type pg from 'pg';
import { Looks } from '../activation/due-signal.ts';
import type { Log } from '../ports.ts';
import { type Activation, Dequeuer, type Waking } from './dequeuer.ts';
import { Pulse } from './heartbeat.ts';
import { Holdings } from './holdings.ts';

export type WorkerOptions = {
  /** Runs advanced at once by this process. */
  concurrency: number;
  /** Runs of one workspace that may be under way at once: fewer than `concurrency`, so that one cannot fill it. */
  slots: number;
  /** How often due runs are looked for without an announcement, in ms. */
  pollMs: number;
  /** How often is looked for what a time makes due, in ms. */
  tickMs: number;
  /** How often dead peers and lost activations are looked for, in ms. */
  watchMs: number;
  /** A peer whose heartbeat is older is taken to be frozen, in ms. */
  frozenMs: number;
  /** How often tables that have grown quickly are looked after, in ms. */
  upkeepMs: number;
  /** How long runs under way may go on when the process is told to end; then they are handed on, in ms. */
  drainMs: number;
};

export const defaultWorkerOptions: WorkerOptions = {
  concurrency: 100,
  slots: defaultSlots,
  pollMs: 200,
  tickMs: 250,
  watchMs: 300,
  frozenMs: 10_000,
  upkeepMs: 3000,
  drainMs: 15_000,
};

/** An activation as it is carried out: it ends when the run has ended, rests, or was given back. */
export type Advance = (claimed: Claimed, controls: Controls, draining: AbortSignal) => Promise<void>;

/** How a worker reaches an activation: `abort` ends it, `looks` tells it that the run became due. */
export type Controls = { readonly signal: AbortSignal; abort: (reason?: unknown) => void; readonly looks: Looks };

/** How often a pool looks for what it holds without knowing it, in ms. */
const TAKE_BACK_MS = 2000;
/** A run whose activation broke is tried again after so long, twice as long each time, at most `mostRetryMs`; in ms. */
const RETRY_MS = 250;
const MAX_RETRY_MS = 10_000;
/** Runs whose failures are remembered. */
const REMEMBERED = 10_000;
/** Upkeep that had something to do is done again after twice the time, at most so long, as it may have changed nothing; in ms. */
const MAX_KEEP_MS = 60_000;
/** Upkeep that is under way when the process ends may go on for so long, in ms; after that it is broken off with the process. */
const MAX_KEPT_MS = 5000;

/**
 * Carries out due runs and keeps watch: a session lock and a heartbeat show that this pool lives; the leases of pools whose lock is
 * free, or whose heartbeat has stopped, are freed so that others take their runs over.
 */
export class Worker {
  /** Names this pool in leases and locks. */
  readonly id = `pool-${randomUUID()}`;
  private readonly draining = new AbortController();
  private readonly pulse: Pulse;
  private readonly queue: Dequeuer;
  private readonly holdings: Holdings;
  private readonly failures = new Map<string, number>();
  private timers: NodeJS.Timeout[] = [];
  private watching: Promise<void> | null = null;
  private ticking: Promise<void> | null = null;
  private keeping: Promise<void> | null = null;
  private keepMs: number;
  private quiet = false;
  private tookBack = performance.now();
  private kept = performance.now();

  constructor(
    private readonly pool: pg.Pool,
    /** Connections as `laneOptions` has them. */
    lane: pg.Pool,
    private readonly connect: () => Promise<pg.Client>,
    private readonly advance: Advance,
    private readonly hooks: {
      /** Answers what has expired. @returns how many runs were looked at */
      expire: () => Promise<number>;
      /** Tells other processes that runs are due. */
      announce: () => void;
    },
    private readonly log: Log,
    private readonly options: WorkerOptions,
  ) {
    setMaxListeners(0, this.draining.signal);
    this.keepMs = options.upkeepMs;
    const { watchMs, frozenMs } = options;
    this.pulse = new Pulse(
      this.id,
      connect,
      log,
      { beatMs: watchMs, frozenMs },
      {
        lapsed: () => {
          for (const activation of this.queue.active.values()) {
            this.holdings.leave(activation);
            activation.abort();
          }
        },
        back: async () => {
          await this.holdings.look();
          await this.takeBack();
        },
      },
    );
    this.queue = new Dequeuer(lane, this.id, options, log, {
      // Nothing is taken before others can see that this pool lives.
      mayTake: () => this.pulse.whenMaySend(this.draining.signal),
      mayTakeNow: () => this.pulse.mayStillSend(),
      begin: (claimed) => this.begin(claimed),
    });
    this.holdings = new Holdings(pool, this.id, this.queue.active);
  }

  async start(): Promise<void> {
    await this.pulse.start();
    this.queue.start();
    const watch = () => {
      this.watching ??= this.watch().finally(() => {
        this.watching = null;
      });
    };
    const tick = () => {
      this.ticking ??= this.tick().finally(() => {
        this.ticking = null;
      });
    };
    // At once: a service that was killed and starts again is its own successor.
    watch();
    this.timers = [setInterval(watch, this.options.watchMs), setInterval(tick, this.options.tickMs)];
  }

  /** Takes no more runs, lets the ones under way finish or hands them on, and says goodbye. Until then it shows that it lives. */
  async stop(): Promise<void> {
    const drain = setTimeout(() => this.draining.abort(), this.options.drainMs);
    await this.queue.stop();
    await this.queue.idle();
    clearTimeout(drain);
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all([this.watching, this.ticking]);
    await Promise.race([this.keeping, sleep(MAX_KEPT_MS, undefined, { ref: false })]);
    await this.pulse.stop();
    await dropPool(this.pool, this.id).catch(() => {});
  }

  /** Ends the activation of a run, if it is being advanced here. */
  abort(runId: string): void {
    this.queue.active.get(runId)?.abort();
  }

  /** A run became due by this process: its activation here hears of it, else a worker takes it, here or elsewhere. */
  readonly due = (runId?: string): void => {
    const held = runId !== undefined && this.queue.active.get(runId);
    if (held) held.look();
    else if (this.queue.hasRoom) this.queue.nudge();
    else this.hooks.announce();
  };

  readonly waking: Waking = async (beyond, statement) => {
    const made = await this.queue.taking(beyond, statement);
    if (made && !made.taken) this.due(made.runId);
    return made;
  };

  /** Another process says that runs are due. */
  readonly heardDue = (): void => {
    if (this.queue.hasRoom) this.queue.nudge();
  };

  /** A run was written elsewhere: if it is being advanced here, look at once whether it still may be, and whether it is due. */
  readonly look = (runId: string): void => {
    if (this.queue.active.has(runId)) void this.holdings.look().catch(() => {});
  };

  /**
   * Waits until a call may be sent: what this pool holds cannot have been taken over. To be asked before each is sent.
   * @returns false when the signal was aborted before
   */
  readonly whenMaySend = (signal: AbortSignal): Promise<boolean> => this.pulse.whenMaySend(signal);

  private begin(claimed: Claimed): { activation: Activation; ended: Promise<void> } {
    const controller = new AbortController();
    const abort = (reason?: unknown) => controller.abort(reason);
    const looks = new Looks();
    const controls: Controls = { signal: controller.signal, abort, looks };
    const { workspaceId, epoch } = claimed;
    const { runId } = claimed.run;
    const activation: Activation = {
      ...{ workspaceId, runId, epoch, claimed, abort },
      look: () => looks.request(),
    };
    const ended = this.advance(claimed, controls, this.draining.signal).then(
      () => {
        this.failures.delete(runId);
        // It was told of an answer as it let go.
        if (looks.isOpen) this.due();
      },
      (error) => this.failed(activation, error),
    );
    return { activation, ended };
  }

  // The database was in trouble: the run is tried again, here or elsewhere. What cannot be written now is taken back later.
  private async failed(activation: Activation, error: unknown): Promise<void> {
    const { workspaceId, runId, epoch } = activation;
    const failures = this.failures.get(runId) ?? 0;
    this.failures.delete(runId);
    if (this.failures.size >= REMEMBERED) this.failures.delete(this.failures.keys().next().value!);
    this.failures.set(runId, failures + 1);
    const afterMs = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** failures) * (0.75 + Math.random() / 4);
    this.log.warn({ err: error, runId, afterMs }, 'A run could not go on; trying again.');
    await giveBack({ pool: this.pool, workspaceId }, runId, epoch, Math.round(afterMs)).catch(() => {
      this.holdings.leave(activation);
    });
  }

  private async tick(): Promise<void> {
    try {
      const due = await tickRuns(this.pool);
      const expired = await this.hooks.expire();
      if (due + expired > 0) this.due();
    } catch (error) {
      this.troubled(error);
    }
  }

  private async watch(): Promise<void> {
    try {
      await this.holdings.look();
      this.keepUp();
      if (performance.now() - this.tookBack > TAKE_BACK_MS) {
        await this.takeBack();
        this.tookBack = performance.now();
      }
      const { watchMs, frozenMs } = this.options;
      const signs = { quietMs: watchMs * 3, frozenMs, byLock: this.pulse.trustsLocks };
      const dead = await deadPools(this.pool, this.id, signs);
      this.quiet = false;
      if (dead.length === 0) return;
      const runs = await freeLeases(this.pool, dead);
      for (const id of dead) await dropPool(this.pool, id);
      this.log.warn({ dead, runs }, 'Took over the runs of workers that are gone.');
      this.due();
      this.hooks.announce();
    } catch (error) {
      this.troubled(error);
    }
  }

  private troubled(error: unknown): void {
    if (!this.quiet) this.log.warn({ err: error }, 'Cannot watch over runs and workers; trying again.');
    this.quiet = true;
  }

  // Beside the watch: it may take longer than between two looks.
  private keepUp(): void {
    const now = performance.now();
    if (this.keeping || now - this.kept < this.keepMs) return;
    this.kept = now;
    this.keeping = keepUp(this.pool, this.connect)
      .then(
        (tables) => tables.length > 0,
        (error) => {
          this.troubled(error);
          return true;
        },
      )
      .then((again) => {
        this.keepMs = again ? Math.min(this.keepMs * 2, MAX_KEEP_MS) : this.options.upkeepMs;
        this.keeping = null;
      });
  }

  private async takeBack(): Promise<void> {
    const { at } = this.pulse;
    if (!at) return;
    const count = await this.holdings.takeBack(at);
    if (count === 0) return;
    this.log.warn({ count }, 'Gave back runs that were held without being advanced.');
    this.due();
  }
}

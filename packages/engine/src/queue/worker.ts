import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Claimed, deadPools, dropPool, freeLeases, giveBack, maintainTables, tickRuns } from '@errand/db';
import type pg from 'pg';
import { DueSignal } from '../activation/due-signal.ts';
import type { Log } from '../ports.ts';
import { type Activation, Dequeuer, type Waking } from './dequeuer.ts';
import { Heartbeat } from './heartbeat.ts';
import { Holdings } from './holdings.ts';
import type { WorkerOptions } from './worker-options.ts';

/** An activation as it is carried out: it ends when the run has ended, rests, or was given back. */
export type Advance = (claimed: Claimed, controls: Controls, draining: AbortSignal) => Promise<void>;

/** How a worker reaches an activation: `abort` ends it, `looks` tells it that the run became due. */
export type Controls = {
  readonly signal: AbortSignal;
  abort: (reason?: unknown) => void;
  readonly dueSignal: DueSignal;
};

/** How often a pool looks for what it holds without knowing it, in ms. */
const RECLAIM_MS = 2000;
/** How often is looked for credentials that nobody has announced, in ms. */
const CREDENTIALS_MS = 2000;
/** A run whose activation broke is tried again after so long, twice as long each time, at most `MAX_RETRY_MS`; in ms. */
const RETRY_MS = 250;
const MAX_RETRY_MS = 10_000;
/** Runs whose failures are remembered. */
const MAX_REMEMBERED = 10_000;
/** Upkeep that had something to do is done again after twice the time, at most so long, as it may have changed nothing; in ms. */
const MAX_MAINTENANCE_INTERVAL_MS = 60_000;
/** Upkeep that is under way when the process ends may go on for so long, in ms; after that it is broken off with the process. */
const MAX_MAINTENANCE_MS = 5000;

/**
 * Carries out due runs and keeps watch: a session lock and a heartbeat show that this pool lives; the leases of pools whose lock is
 * free, or whose heartbeat has stopped, are freed so that others take their runs over.
 */
export class Worker {
  readonly #pool: pg.Pool;
  readonly #connect: () => Promise<pg.Client>;
  readonly #advance: Advance;
  readonly #hooks: {
    /** Answers what has expired. @returns how many runs were looked at */
    expire: () => Promise<number>;
    /** Decides what waits for a credential that was stored by a process which has died. @returns how many runs go on */
    announceCredentials: () => Promise<number>;
    /** Tells other processes that runs are due. */
    announce: () => void;
  };
  readonly #log: Log;
  readonly #options: WorkerOptions;

  /** Names this pool in leases and locks. */
  readonly id = `pool-${randomUUID()}`;
  readonly #draining = new AbortController();
  readonly #heartbeat: Heartbeat;
  readonly #queue: Dequeuer;
  readonly #holdings: Holdings;
  readonly #failures = new Map<string, number>();
  #timers: NodeJS.Timeout[] = [];
  #watching: Promise<void> | null = null;
  #ticking: Promise<void> | null = null;
  #maintaining: Promise<void> | null = null;
  #maintenanceMs: number;
  #quiet = false;
  #reclaimedAt = performance.now();
  #announcedAt = performance.now();
  #maintainedAt = performance.now();

  constructor(
    pool: pg.Pool,
    /** Connections as `batchPoolOptions` has them. */
    batchPool: pg.Pool,
    connect: () => Promise<pg.Client>,
    advance: Advance,
    hooks: {
      /** Answers what has expired. @returns how many runs were looked at */
      expire: () => Promise<number>;
      /** Decides what waits for a credential that was stored by a process which has died. @returns how many runs go on */
      announceCredentials: () => Promise<number>;
      /** Tells other processes that runs are due. */
      announce: () => void;
    },
    log: Log,
    options: WorkerOptions,
  ) {
    this.#pool = pool;
    this.#connect = connect;
    this.#advance = advance;
    this.#hooks = hooks;
    this.#log = log;
    this.#options = options;

    setMaxListeners(0, this.#draining.signal);
    this.#maintenanceMs = options.upkeepMs;
    const { watchMs, frozenMs } = options;
    this.#heartbeat = new Heartbeat(
      this.id,
      connect,
      log,
      { intervalMs: watchMs, frozenMs },
      {
        leaseLost: () => {
          for (const activation of this.#queue.active.values()) {
            this.#holdings.leave(activation);
            activation.abort();
          }
        },
        leaseRegained: async () => {
          await this.#holdings.check();
          await this.#reclaimOrphans();
        },
      },
    );
    this.#queue = new Dequeuer(batchPool, this.id, options, log, {
      // Nothing is taken before others can see that this pool lives.
      mayTake: () => this.#heartbeat.waitForLease(this.#draining.signal),
      mayTakeNow: () => this.#heartbeat.holdsLease(),
      begin: (claimed) => this.#begin(claimed),
    });
    this.#holdings = new Holdings(pool, this.id, this.#queue.active);
  }

  async start(): Promise<void> {
    await this.#heartbeat.start();
    this.#queue.start();
    const watch = () => {
      this.#watching ??= this.#watch().finally(() => {
        this.#watching = null;
      });
    };
    const tick = () => {
      this.#ticking ??= this.#tick().finally(() => {
        this.#ticking = null;
      });
    };
    // At once: a service that was killed and starts again is its own successor.
    watch();
    this.#timers = [setInterval(watch, this.#options.watchMs), setInterval(tick, this.#options.tickMs)];
  }

  /** Takes no more runs, lets the ones under way finish or hands them on, and says goodbye. Until then it shows that it lives. */
  async stop(): Promise<void> {
    const drain = setTimeout(() => this.#draining.abort(), this.#options.drainMs);
    await this.#queue.stop();
    await this.#queue.idle();
    clearTimeout(drain);
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([this.#watching, this.#ticking]);
    await Promise.race([this.#maintaining, sleep(MAX_MAINTENANCE_MS, undefined, { ref: false })]);
    await this.#heartbeat.stop();
    await dropPool(this.#pool, this.id).catch(() => {});
  }

  /** Ends the activation of a run, if it is being advanced here. */
  abort(runId: string): void {
    this.#queue.active.get(runId)?.abort();
  }

  /** A run became due by this process: its activation here hears of it, else a worker takes it, here or elsewhere. */
  readonly due = (runId?: string): void => {
    const held = runId !== undefined && this.#queue.active.get(runId);
    if (held) held.look();
    else if (this.#queue.hasRoom) this.#queue.wake();
    else this.#hooks.announce();
  };

  readonly waking: Waking = async (beyond, statement) => {
    const made = await this.#queue.taking(beyond, statement);
    if (made && !made.taken) this.due(made.runId);
    return made;
  };

  /** Another process says that runs are due. */
  readonly dueElsewhere = (): void => {
    if (this.#queue.hasRoom) this.#queue.wake();
  };

  /** A run was written elsewhere: if it is being advanced here, look at once whether it still may be, and whether it is due. */
  readonly look = (runId: string): void => {
    if (this.#queue.active.has(runId)) void this.#holdings.check().catch(() => {});
  };

  /**
   * Waits until a call may be sent: what this pool holds cannot have been taken over. To be asked before each is sent.
   * @returns false when the signal was aborted before
   */
  readonly waitForLease = (signal: AbortSignal): Promise<boolean> => this.#heartbeat.waitForLease(signal);

  #begin(claimed: Claimed): { activation: Activation; ended: Promise<void> } {
    const controller = new AbortController();
    const abort = (reason?: unknown) => controller.abort(reason);
    const dueSignal = new DueSignal();
    const controls: Controls = { signal: controller.signal, abort, dueSignal: dueSignal };
    const { workspaceId, epoch } = claimed;
    const { runId } = claimed.run;
    const activation: Activation = {
      ...{ workspaceId, runId, epoch, claimed, abort },
      look: () => dueSignal.request(),
    };
    const ended = this.#advance(claimed, controls, this.#draining.signal).then(
      () => {
        this.#failures.delete(runId);
        // It was told of an answer as it let go.
        if (dueSignal.isOpen) this.due();
      },
      (error) => this.#failed(activation, error),
    );
    return { activation, ended };
  }

  // The database was in trouble: the run is tried again, here or elsewhere. What cannot be written now is taken back later.
  async #failed(activation: Activation, error: unknown): Promise<void> {
    const { workspaceId, runId, epoch } = activation;
    const failures = this.#failures.get(runId) ?? 0;
    this.#failures.delete(runId);
    if (this.#failures.size >= MAX_REMEMBERED) this.#failures.delete(this.#failures.keys().next().value!);
    this.#failures.set(runId, failures + 1);
    const afterMs = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** failures) * (0.75 + Math.random() / 4);
    this.#log.warn({ err: error, runId, afterMs }, 'A run could not go on; trying again.');
    await giveBack({ pool: this.#pool, workspaceId }, runId, epoch, Math.round(afterMs)).catch(() => {
      this.#holdings.leave(activation);
    });
  }

  async #tick(): Promise<void> {
    try {
      const due = await tickRuns(this.#pool);
      const expired = await this.#hooks.expire();
      if (due + expired + (await this.#announceCredentials()) > 0) this.due();
    } catch (error) {
      this.#troubled(error);
    }
  }

  async #announceCredentials(): Promise<number> {
    const now = performance.now();
    if (now - this.#announcedAt < CREDENTIALS_MS) return 0;
    this.#announcedAt = now;
    return this.#hooks.announceCredentials();
  }

  async #watch(): Promise<void> {
    try {
      await this.#holdings.check();
      this.#maintainTables();
      if (performance.now() - this.#reclaimedAt > RECLAIM_MS) {
        await this.#reclaimOrphans();
        this.#reclaimedAt = performance.now();
      }
      const { watchMs, frozenMs } = this.#options;
      const signs = { quietMs: watchMs * 3, frozenMs, byLock: this.#heartbeat.trustsLocks };
      const dead = await deadPools(this.#pool, this.id, signs);
      this.#quiet = false;
      if (dead.length === 0) return;
      const runs = await freeLeases(this.#pool, dead);
      for (const id of dead) await dropPool(this.#pool, id);
      this.#log.warn({ dead, runs }, 'Took over the runs of workers that are gone.');
      this.due();
      this.#hooks.announce();
    } catch (error) {
      this.#troubled(error);
    }
  }

  #troubled(error: unknown): void {
    if (!this.#quiet) this.#log.warn({ err: error }, 'Cannot watch over runs and workers; trying again.');
    this.#quiet = true;
  }

  // Beside the watch: it may take longer than between two looks.
  #maintainTables(): void {
    const now = performance.now();
    if (this.#maintaining || now - this.#maintainedAt < this.#maintenanceMs) return;
    this.#maintainedAt = now;
    this.#maintaining = maintainTables(this.#pool, this.#connect)
      .then(
        (tables) => tables.length > 0,
        (error) => {
          this.#troubled(error);
          return true;
        },
      )
      .then((again) => {
        this.#maintenanceMs = again
          ? Math.min(this.#maintenanceMs * 2, MAX_MAINTENANCE_INTERVAL_MS)
          : this.#options.upkeepMs;
        this.#maintaining = null;
      });
  }

  async #reclaimOrphans(): Promise<void> {
    const { at } = this.#heartbeat;
    if (!at) return;
    const count = await this.#holdings.reclaimOrphans(at);
    if (count === 0) return;
    this.#log.warn({ count }, 'Gave back runs that were held without being advanced.');
    this.due();
  }
}

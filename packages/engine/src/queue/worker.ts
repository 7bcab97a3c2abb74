import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Awaitable } from '@errand/basics/awaitable';
import { every } from '@errand/basics/every';
import { DEFAULT_SLOTS, deadPools, dropPool, freeLeases, maintainTables, makeRetriesDue, releaseRun } from '@errand/db';
import type { Log } from '@errand/ports/log';
import type pg from 'pg';
import type { Activation } from './activation.ts';
import { type DequeueOptions, Dequeuer, type MakeDue } from './dequeuer.ts';
import { Heartbeat, type HeartbeatOptions } from './heartbeat.ts';
import { HeldLeases } from './held-leases.ts';

export type WorkerOptions = DequeueOptions &
  HeartbeatOptions & {
    /** Interval at which retries become due and decision requests expire, in ms. */
    tickMs: number;
    /** Interval at which fast-growing tables are analyzed, in ms. */
    maintenanceMs: number;
    /** How long activations may continue when the process ends, in ms; then their runs are given back. */
    drainMs: number;
  };

export const defaultWorkerOptions: WorkerOptions = {
  concurrency: 100,
  slots: DEFAULT_SLOTS,
  pollMs: 200,
  tickMs: 250,
  watchMs: 300,
  silentMs: 4000,
  frozenMs: 10_000,
  maintenanceMs: 3000,
  drainMs: 15_000,
};

/** Interval at which a pool gives back leases without an activation, in ms. */
const RECLAIM_MS = 2000;
/** Interval of checks for credentials of processes that died after storing them, in ms. */
const CREDENTIALS_MS = 2000;
/** Delay before a run with a failed activation is retried, in ms; it doubles each time, up to `MAX_RETRY_MS`. */
const RETRY_MS = 250;
const MAX_RETRY_MS = 10_000;
/** Maximum runs with a count of failures. */
const MAX_REMEMBERED = 10_000;
/** Maximum rounds between two maintenances: the number doubles after maintenance that found work. */
const MAX_MAINTENANCE_ROUNDS = 20;
/** How long maintenance in flight may continue when the process ends, in ms. */
const MAX_MAINTENANCE_MS = 5000;

export type WorkerDeps = {
  pool: pg.Pool;
  /** A pool with the session settings `batchPoolOptions`. */
  batchPool: pg.Pool;
  connect: () => Promise<pg.Client>;
  log: Log;
};

export type WorkerHooks = {
  /** Executes one activation. Resolves when the run has ended, is suspended, or was given back; rejects on database errors. */
  advance: (activation: Activation, draining: AbortSignal) => Promise<void>;
  /** Decides expired decision requests. @returns the number of checked runs */
  expire: () => Promise<number>;
  /** Decides consent requests with a credential that a process stored before it died. @returns the number of runs that are due now */
  announceCredentials: () => Promise<number>;
  /** Notifies other processes that runs are due. */
  announce: () => void;
  /** Asks a sibling to claim due runs. @param hops how many siblings may be asked next */
  passDue: (hops?: number) => void;
  /** Called after the leases of dead worker pools were freed. */
  leasesFreed: (freed: { pools: number; runs: number }) => void;
  /** Whether this process does the periodic work of its machine. */
  isLeader: () => boolean;
};

/**
 * Executes due runs. A session lock and a heartbeat show that this worker pool is alive. It frees the leases of dead pools (a free lock,
 * or no heartbeat), so that their runs are claimed again.
 */
export class Worker {
  /** The id of this worker pool in leases and locks. */
  readonly id = `pool-${randomUUID()}`;
  readonly #draining = new AbortController();
  readonly #heartbeat: Heartbeat;
  readonly #dequeuer: Dequeuer;
  readonly #leases: HeldLeases;
  readonly #failures = new Map<string, number>();
  /** Functions that stop the periodic duties; maintenance may take longer to stop. */
  #stopDuties: (() => Promise<void>)[] = [];
  #stopMaintenance = async () => {};
  /** Rounds from one maintenance to the next, and the remaining rounds without one. */
  #maintenanceRounds = 1;
  #roundsToSkip = 0;
  #hasWarned = false;

  constructor(
    private readonly deps: WorkerDeps,
    private readonly options: WorkerOptions,
    private readonly hooks: WorkerHooks,
  ) {
    setMaxListeners(0, this.#draining.signal);
    const { pool, batchPool, connect, log } = deps;
    this.#heartbeat = new Heartbeat(
      this.id,
      connect,
      { ...options, log },
      {
        leaseLost: () => {
          for (const activation of this.#dequeuer.active.values()) {
            this.#leases.noteAbandoned(activation);
            activation.controller.abort();
          }
        },
        leaseRegained: async () => {
          await this.#leases.check();
          await this.#reclaimOrphans();
        },
      },
    );
    this.#dequeuer = new Dequeuer(
      batchPool,
      this.id,
      { ...options, log },
      {
        // Claim nothing before others can see that this pool is alive.
        waitUntilSeenAlive: () => this.#heartbeat.waitUntilSeenAlive(this.#draining.signal),
        isSeenAlive: () => this.#heartbeat.isSeenAlive(),
        isLeader: hooks.isLeader,
        passDue: () => hooks.passDue(),
        execute: (activation) => this.#execute(activation),
      },
    );
    this.#leases = new HeldLeases(pool, this.id, this.#dequeuer.active);
  }

  async start(): Promise<void> {
    await this.#heartbeat.start();
    this.#dequeuer.start();
    const { watchMs, tickMs, maintenanceMs } = this.options;
    const duty = (ms: number, work: () => Promise<void>, atOnce = false) =>
      every(ms, () => work().catch((error) => this.#warnOnce(error)), atOnce);
    const leaderDuty = (ms: number, work: () => Promise<void>, atOnce = false) =>
      duty(ms, async () => void (this.hooks.isLeader() && (await work())), atOnce);
    this.#stopDuties = [
      duty(watchMs, () => this.#leases.check()),
      // At once: a service that was killed and starts again recovers its own runs.
      leaderDuty(watchMs, () => this.#checkPools(), true),
      leaderDuty(tickMs, () => this.#tick()),
      duty(RECLAIM_MS, () => this.#reclaimOrphans()),
      leaderDuty(CREDENTIALS_MS, async () => void ((await this.hooks.announceCredentials()) > 0 && this.signalDue())),
    ];
    this.#stopMaintenance = leaderDuty(maintenanceMs, () => this.#maintainTables());
  }

  /** Stops claiming, lets activations finish or gives their runs back, then removes the pool. It sends heartbeats until then. */
  async stop(): Promise<void> {
    const drain = setTimeout(() => this.#draining.abort(), this.options.drainMs);
    await this.#dequeuer.stop();
    await this.#dequeuer.idle();
    clearTimeout(drain);
    await Promise.all(this.#stopDuties.map((stop) => stop()));
    await Promise.race([this.#stopMaintenance(), sleep(MAX_MAINTENANCE_MS, undefined, { ref: false })]);
    await this.#heartbeat.stop();
    await dropPool(this.deps.pool, this.id).catch(() => {});
  }

  abort(runId: string): void {
    this.#dequeuer.active.get(runId)?.controller.abort();
  }

  /** Called after this process made a run due: signals its activation here, otherwise has it claimed here or elsewhere. */
  readonly signalDue = (runId?: string): void => {
    const activation = runId !== undefined && this.#dequeuer.active.get(runId);
    if (activation) activation.dueSignal.raise();
    else if (this.#dequeuer.hasFreeSlot) this.#dequeuer.wake();
    else this.hooks.announce();
  };

  readonly makeDue: MakeDue = async (mayExceedSlots, statement, workspaceId) => {
    const result = await this.#dequeuer.makeDue(mayExceedSlots, statement, workspaceId);
    if (result && !result.claimed) this.signalDue(result.runId);
    return result;
  };

  /** Called when another process reports that runs are due. @param hops how many siblings may be asked next */
  readonly onDueElsewhere = (hops: number): void => {
    if (this.#dequeuer.hasFreeSlot) this.#dequeuer.wake();
    else this.hooks.passDue(hops);
  };

  /** Called when another process wrote a run: checks the lease of its activation here, and whether it became due. */
  readonly recheck = (runId: string): void => {
    if (this.#dequeuer.active.has(runId)) void this.#leases.check().catch(() => {});
  };

  /**
   * Waits until a call may be sent, because no other worker can hold the run. Required before each call of a tool.
   * @returns false when the signal was aborted first
   */
  readonly isSeenAlive = (): boolean => this.#heartbeat.isSeenAlive();

  readonly waitUntilSeenAlive = (signal: AbortSignal): Awaitable<boolean> => this.#heartbeat.waitUntilSeenAlive(signal);

  #execute(activation: Activation): Promise<void> {
    return this.hooks.advance(activation, this.#draining.signal).then(
      () => {
        this.#failures.delete(activation.run.runId);
        // The run became due while the activation released it.
        if (activation.dueSignal.isRaised) this.signalDue();
      },
      (error) => this.#onFailure(activation, error),
    );
  }

  // The database failed: the run is retried, here or elsewhere. If it cannot be given back now, its lease is reclaimed later.
  async #onFailure(activation: Activation, error: unknown): Promise<void> {
    const { workspaceId, runId, epoch } = activation.run;
    const failures = this.#failures.get(runId) ?? 0;
    this.#failures.delete(runId);
    if (this.#failures.size >= MAX_REMEMBERED) this.#failures.delete(this.#failures.keys().next().value!);
    this.#failures.set(runId, failures + 1);
    const afterMs = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** failures) * (0.75 + Math.random() / 4);
    this.deps.log.warn({ err: error, runId, afterMs }, 'An activation failed; the run is tried again.');
    await releaseRun({ pool: this.deps.pool, workspaceId }, runId, epoch, Math.round(afterMs)).catch(() => {
      this.#leases.noteAbandoned(activation);
    });
  }

  async #tick(): Promise<void> {
    const due = await makeRetriesDue(this.deps.pool);
    if (due + (await this.hooks.expire()) > 0) this.signalDue();
  }

  async #checkPools(): Promise<void> {
    const { watchMs, silentMs, frozenMs } = this.options;
    const unlockedMs = this.#heartbeat.trustsLocks ? watchMs * 3 : silentMs;
    const dead = await deadPools(this.deps.pool, this.id, { unlockedMs, frozenMs });
    this.#hasWarned = false;
    if (dead.length === 0) return;
    const runs = await freeLeases(this.deps.pool, dead);
    for (const id of dead) await dropPool(this.deps.pool, id);
    this.deps.log.warn({ dead, runs }, 'Freed the leases of dead worker pools.');
    this.hooks.leasesFreed({ pools: dead.length, runs });
    this.signalDue();
    this.hooks.announce();
  }

  #warnOnce(error: unknown): void {
    if (!this.#hasWarned) this.deps.log.warn({ err: error }, 'Cannot check runs and worker pools; trying again.');
    this.#hasWarned = true;
  }

  async #maintainTables(): Promise<void> {
    if (this.#roundsToSkip > 0) {
      this.#roundsToSkip--;
      return;
    }
    // Maintenance may have changed nothing and find the same work again.
    this.#maintenanceRounds = Math.min(this.#maintenanceRounds * 2, MAX_MAINTENANCE_ROUNDS);
    this.#roundsToSkip = this.#maintenanceRounds - 1;
    const tables = await maintainTables(this.deps.pool, this.deps.connect);
    if (tables.length > 0) return;
    this.#maintenanceRounds = 1;
    this.#roundsToSkip = 0;
  }

  async #reclaimOrphans(): Promise<void> {
    const { lastDatabaseTime: at } = this.#heartbeat;
    if (!at) return;
    const count = await this.#leases.reclaimOrphans(at);
    if (count === 0) return;
    this.deps.log.warn({ count }, 'Gave back leases without an activation.');
    this.signalDue();
  }
}

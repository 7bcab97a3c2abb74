import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AdvanceJob,
  admitWaiting,
  deadPools,
  defaultPlaces,
  dropPool,
  ensurePartitions,
  freeLeases,
  keepUp,
  lostActivations,
  sweepRuns,
  takeBack,
} from '@errand/db';
import { makeWorkerUtils, type WorkerUtils } from 'graphile-worker';
import type pg from 'pg';
import { Jobs, queueLogger } from './jobs.ts';
import type { Log } from './ports.ts';
import { Pulse } from './pulse.ts';

export type WorkerOptions = {
  /** Runs advanced at once by this process. */
  concurrency: number;
  /** Runs of one workspace that may be in the queue at once: fewer than `concurrency`, so that one cannot fill it. */
  places: number;
  /** How often free places are given to runs that were missed, in ms. */
  topUpMs: number;
  /** How often dead peers and lost activations are looked for, in ms. */
  watchMs: number;
  /** A peer whose heartbeat is older is taken to be frozen, in ms. */
  frozenMs: number;
  /** How often runs that nobody advances are looked for, in ms. */
  sweepMs: number;
  /** A run untouched for so long is looked at, in ms. */
  quietMs: number;
  /** How often tables that have grown quickly, and the queue, are looked after, in ms. */
  upkeepMs: number;
  /** How long runs under way may go on when the process is told to end; then they are handed on, in ms. */
  drainMs: number;
};

export const defaultWorkerOptions: WorkerOptions = {
  concurrency: 100,
  places: defaultPlaces,
  topUpMs: 1000,
  watchMs: 500,
  frozenMs: 10_000,
  sweepMs: 10_000,
  quietMs: 30_000,
  upkeepMs: 3000,
  drainMs: 15_000,
};

export type Activation = { workspaceId: string; runId: string; epoch: number; abort: (reason?: unknown) => void };

const dayMs = 86_400_000;
/** How often a pool looks for what it holds without knowing it, in ms. */
const takeBackMs = 2000;
/** Upkeep that was in vain is tried again after twice the time, at most so long; in ms. */
const mostKeepMs = 60_000;
/** Upkeep that is under way when the process ends may go on for so long, in ms; after that it is broken off with the process. */
const mostKeptMs = 5000;

/**
 * Takes jobs from the queue and keeps watch: a session lock and a heartbeat show that this pool lives; the jobs and leases of
 * pools whose lock is free, or whose heartbeat has stopped, are freed so that others take them over.
 */
export class Worker {
  /** Names this pool in leases, locks and jobs. */
  readonly id = `pool-${randomUUID()}`;
  /** What this process is advancing now, by run. */
  readonly active = new Map<string, Activation>();
  /** What is done at each look around, beside keeping watch. */
  readonly duties: (() => Promise<void>)[] = [];
  private readonly draining = new AbortController();
  private readonly pulse: Pulse;
  private readonly jobs: Jobs;
  private utils: WorkerUtils | null = null;
  private timer: NodeJS.Timeout | null = null;
  private watching: Promise<void> | null = null;
  private keeping: Promise<void> | null = null;
  private keepMs: number;
  private quiet = false;
  private swept = performance.now();
  private toppedUp = performance.now();
  private tookBack = performance.now();
  private kept = performance.now();
  private partitioned = 0;

  constructor(
    private readonly pool: pg.Pool,
    private readonly connect: () => Promise<pg.Client>,
    advance: (job: AdvanceJob, draining: AbortSignal) => Promise<void>,
    private readonly log: Log,
    private readonly options: WorkerOptions,
  ) {
    setMaxListeners(0, this.draining.signal);
    this.keepMs = options.upkeepMs;
    const { watchMs, frozenMs, concurrency } = options;
    this.pulse = new Pulse(
      this.id,
      connect,
      log,
      { beatMs: watchMs, frozenMs },
      {
        lapsed: () => {
          for (const activation of this.active.values()) activation.abort();
        },
        back: async () => {
          await this.dropLost();
          await this.takeBack();
        },
      },
    );
    const work = async (job: AdvanceJob) => {
      // Nothing is taken before others can see that this pool lives.
      await this.pulse.whenMaySend(this.draining.signal);
      await advance(job, this.draining.signal);
    };
    this.jobs = new Jobs(pool, this.id, work, log, concurrency);
  }

  async start(): Promise<void> {
    this.utils = await makeWorkerUtils({ pgPool: this.pool, logger: queueLogger(this.log) });
    await this.pulse.start();
    await this.jobs.start();
    this.timer = setInterval(() => {
      this.watching ??= this.watch().finally(() => {
        this.watching = null;
      });
    }, this.options.watchMs);
  }

  /** Takes no more jobs, lets the ones under way finish or hands them on, and says goodbye. Until then it shows that it lives. */
  async stop(): Promise<void> {
    const drain = setTimeout(() => this.draining.abort(), this.options.drainMs);
    await this.jobs.stop();
    clearTimeout(drain);
    if (this.timer) clearInterval(this.timer);
    await this.watching;
    await Promise.race([this.keeping, sleep(mostKeptMs, undefined, { ref: false })]);
    await this.pulse.stop();
    await dropPool(this.pool, this.id).catch(() => {});
    await this.utils?.release();
  }

  /** Ends the activation of a run, if it is being advanced here. */
  abort(runId: string): void {
    this.active.get(runId)?.abort();
  }

  /** A run was written elsewhere: if it is being advanced here, look at once whether it still may be. */
  readonly look = (runId: string): void => {
    if (this.active.has(runId)) void this.dropLost().catch(() => {});
  };

  /**
   * Waits until a call may be sent: what this pool holds cannot have been taken over. To be asked before each is sent.
   * @returns false when the signal was aborted before
   */
  readonly whenMaySend = (signal: AbortSignal): Promise<boolean> => this.pulse.whenMaySend(signal);

  private async watch(): Promise<void> {
    try {
      await this.dropLost();
      for (const duty of this.duties) await duty();
      await this.topUp();
      await this.sweep();
      this.keepUp();
      const { watchMs, frozenMs } = this.options;
      const signs = { quietMs: watchMs * 3, frozenMs, byLock: this.pulse.trustsLocks };
      const dead = await deadPools(this.pool, this.id, signs);
      this.quiet = false;
      if (dead.length === 0) return;
      // In this order: a job that is enqueued again while it is locked leaves a dead row behind.
      await this.utils!.forceUnlockWorkers(dead);
      const freed = await freeLeases(this.pool, dead);
      for (const id of dead) await dropPool(this.pool, id);
      this.log.warn({ dead, runs: freed.length }, 'Took over the runs of workers that are gone.');
    } catch (error) {
      if (!this.quiet) this.log.warn({ err: error }, 'Cannot watch over the workers; trying again.');
      this.quiet = true;
    }
  }

  // Beside the watch: it may take longer than between two looks.
  private keepUp(): void {
    const now = performance.now();
    if (this.keeping || now - this.kept < this.keepMs) return;
    this.kept = now;
    const later = () => {
      this.keepMs = Math.min(this.keepMs * 2, mostKeepMs);
    };
    this.keeping = keepUp(this.pool, this.connect)
      .then((done) => {
        if (done.tables.length > 0) this.log.debug(done, 'Looked after tables.');
        if (done.vain.length > 0) later();
        else this.keepMs = this.options.upkeepMs;
      })
      .catch((error) => {
        this.log.warn({ err: error }, 'Could not look after tables; trying again.');
        later();
      })
      .finally(() => {
        this.keeping = null;
      });
  }

  private async topUp(): Promise<void> {
    const now = performance.now();
    if (now - this.toppedUp < this.options.topUpMs) return;
    this.toppedUp = now;
    await admitWaiting(this.pool, this.options.places);
  }

  private async sweep(): Promise<void> {
    const now = performance.now();
    if (now - this.tookBack > takeBackMs) {
      await this.takeBack();
      this.tookBack = now;
    }
    if (now - this.swept < this.options.sweepMs) return;
    this.swept = now;
    const runs = await sweepRuns(this.pool, this.options.quietMs);
    if (runs > 0) this.log.warn({ runs }, 'Took up runs that nobody was advancing.');
    if (now - this.partitioned > dayMs || this.partitioned === 0) {
      await ensurePartitions(this.pool);
      this.partitioned = now;
    }
  }

  private async takeBack(): Promise<void> {
    const { at } = this.pulse;
    if (!at) return;
    const busy = { runs: [...this.active.keys()], jobs: [...this.jobs.busy] };
    const count = await takeBack(this.pool, this.id, busy, at);
    if (count > 0) this.log.warn({ count }, 'Gave back jobs and runs that were held without being advanced.');
  }

  private async dropLost(): Promise<void> {
    const held = [...this.active.values()].filter((a) => a.epoch > 0);
    if (held.length === 0) return;
    for (const activation of await lostActivations(this.pool, held)) activation.abort();
  }
}

import { EventEmitter, once, setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import {
  type AdvanceJob,
  advanceTask,
  beatPool,
  deadPools,
  dropPool,
  ensurePartitions,
  freeForgotten,
  freeLeases,
  holdPool,
  lostActivations,
  sweepRuns,
} from '@errand/db';
import {
  Logger,
  makeWorkerUtils,
  type Runner,
  run as runWorker,
  type WorkerEvents,
  type WorkerUtils,
} from 'graphile-worker';
import type pg from 'pg';
import type { Log } from './ports.ts';

export type WorkerOptions = {
  /** Runs advanced at once by this process. */
  concurrency: number;
  /** How often dead peers and lost activations are looked for, in ms. */
  watchMs: number;
  /** A peer whose heartbeat is older is taken to be frozen, in ms. */
  frozenMs: number;
  /** How often runs that nobody advances are looked for, in ms. */
  sweepMs: number;
  /** A run untouched for so long is looked at, in ms. */
  quietMs: number;
  /** How long runs under way may go on when the process is told to end; then they are handed on, in ms. */
  drainMs: number;
};

export const defaultWorkerOptions: WorkerOptions = {
  concurrency: 50,
  watchMs: 500,
  frozenMs: 10_000,
  sweepMs: 10_000,
  quietMs: 30_000,
  drainMs: 15_000,
};

export type Activation = { workspaceId: string; runId: string; epoch: number; abort: (reason?: unknown) => void };

const dayMs = 86_400_000;

/**
 * Takes jobs from the queue and keeps watch: a session lock and a heartbeat show that this pool lives; the jobs and leases of
 * pools whose lock is free, or whose heartbeat has stopped, are freed so that others take them over.
 */
export class Worker {
  /** Names this pool in leases and locks; known once it has started. */
  id = '';
  /** What this process is advancing now, by run. */
  readonly active = new Map<string, Activation>();
  private runner: Runner | null = null;
  private utils: WorkerUtils | null = null;
  private keeper: pg.Client | null = null;
  private timer: NodeJS.Timeout | null = null;
  private watching: Promise<void> | null = null;
  private stopping = false;
  private hold: () => void = () => {};
  private readonly held = new Promise<void>((resolve) => {
    this.hold = resolve;
  });
  private swept = performance.now();
  private partitioned = 0;

  constructor(
    private readonly pool: pg.Pool,
    private readonly connect: () => Promise<pg.Client>,
    private readonly advance: (job: AdvanceJob, draining: AbortSignal) => Promise<void>,
    private readonly log: Log,
    private readonly options: WorkerOptions,
  ) {}

  async start(): Promise<void> {
    const logger = new Logger(() => (level, message) => {
      if (level === 'error' || level === 'warning') this.log.warn({ queue: level }, message);
    });
    const events: WorkerEvents = new EventEmitter();
    const created = once(events, 'pool:create');
    this.utils = await makeWorkerUtils({ pgPool: this.pool, logger });
    this.runner = await runWorker({
      pgPool: this.pool,
      concurrency: this.options.concurrency,
      pollInterval: 2000,
      noHandleSignals: true,
      gracefulShutdownAbortTimeout: this.options.drainMs,
      events,
      logger,
      // A job's end is noted with those of others: a job that is run again after a crash finds its run ended.
      preset: { worker: { completeJobBatchDelay: 10 } },
      taskList: {
        [advanceTask]: async (payload, { abortSignal }) => {
          // Nothing is taken before others can see that this pool lives.
          await this.held;
          setMaxListeners(0, abortSignal);
          await this.advance(payload as AdvanceJob, abortSignal);
        },
      },
    });
    const [{ workerPool }] = (await created) as [{ workerPool: { id: string } }];
    this.id = workerPool.id;
    await this.keep();
    this.timer = setInterval(() => {
      this.watching ??= this.watch().finally(() => {
        this.watching = null;
      });
    }, this.options.watchMs);
  }

  /** Takes no more jobs, lets the ones under way finish or hands them on, and says goodbye. Until then it shows that it lives. */
  async stop(): Promise<void> {
    await this.runner?.stop().catch((error) => this.log.warn({ err: error }, 'The queue did not stop in order.'));
    this.stopping = true;
    if (this.timer) clearInterval(this.timer);
    await this.watching;
    await dropPool(this.pool, this.id).catch(() => {});
    await this.utils?.release();
    await this.keeper?.end().catch(() => {});
  }

  /** Ends the activation of a run, if it is being advanced here. */
  abort(runId: string): void {
    this.active.get(runId)?.abort();
  }

  /** A run was written elsewhere: if it is being advanced here, look at once whether it still may be. */
  readonly look = (runId: string): void => {
    if (this.active.has(runId)) void this.dropLost().catch(() => {});
  };

  // The lock lives as long as the connection: it needs one of its own, taken again when it breaks.
  private async keep(): Promise<void> {
    if (this.stopping) return;
    let client: pg.Client | undefined;
    try {
      client = await this.connect();
      client.on('error', () => {});
      await client.query(holdPool, [this.id]);
      await beatPool(this.pool, this.id, hostname());
      client.once('end', () => this.keepAgain());
      this.keeper = client;
      this.hold();
    } catch (error) {
      this.log.warn({ err: error }, 'Cannot hold the worker lock; trying again.');
      await client?.end().catch(() => {});
      this.keepAgain();
    }
  }

  private keepAgain(): void {
    if (!this.stopping) setTimeout(() => void this.keep(), 200).unref();
  }

  private async watch(): Promise<void> {
    try {
      await beatPool(this.pool, this.id, hostname());
      await this.dropLost();
      await this.sweep();
      const dead = await deadPools(this.pool, this.id, this.options.watchMs * 3, this.options.frozenMs);
      if (dead.length === 0) return;
      const freed = await freeLeases(this.pool, dead);
      await this.utils!.forceUnlockWorkers(dead);
      for (const id of dead) await dropPool(this.pool, id);
      this.log.warn({ dead, runs: freed.length }, 'Took over the runs of workers that are gone.');
    } catch (error) {
      this.log.warn({ err: error }, 'Cannot watch over the workers.');
    }
  }

  private async sweep(): Promise<void> {
    const now = performance.now();
    if (now - this.swept < this.options.sweepMs) return;
    this.swept = now;
    const freed = await freeForgotten(this.pool, this.id, [...this.active.keys()], this.options.quietMs);
    const runs = await sweepRuns(this.pool, this.options.quietMs);
    if (freed + runs > 0) this.log.warn({ freed, runs }, 'Took up runs that nobody was advancing.');
    if (now - this.partitioned > dayMs || this.partitioned === 0) {
      await ensurePartitions(this.pool);
      this.partitioned = now;
    }
  }

  private async dropLost(): Promise<void> {
    const held = [...this.active.values()].filter((a) => a.epoch > 0);
    if (held.length === 0) return;
    for (const activation of await lostActivations(this.pool, held)) activation.abort();
  }
}

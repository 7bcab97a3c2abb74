import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AdvanceJob, advanceTask } from '@errand/db';
import { Logger, type Runner, run as runWorker, type WorkerEvents } from 'graphile-worker';
import type pg from 'pg';
import { Looks } from './looks.ts';
import type { Log } from './ports.ts';

/** A queue that could not be started is started again after so long, in ms. */
const againMs = 500;
/** An idle hand looks by itself after so long, in ms; `Looks` sends one much sooner. */
const restMs = 60_000;
/** Ends of jobs are gathered this long, in ms. */
const gatherMs = 10;
/** When nothing is under way any more, ends of jobs are noted within so long, or not at all; in ms. */
const notedMs = 2000;

export const queueLogger = (log: Log): Logger =>
  new Logger(() => (level, message) => {
    // An activation holds a connection for moments only: fewer connections than hands are wanted.
    if (/maxPoolSize .* smaller than concurrency/.test(message)) return;
    if (level === 'error' || level === 'warning') log.warn({ queue: level }, message);
  });

/**
 * Takes jobs from the queue. The queue's own runner ends when it cannot note the end of a job, after it has waited for those under
 * way: then another one takes over at once, under the same id, so that the process goes on after any trouble of the database.
 */
export class Jobs {
  /** Ids of the jobs that are under way here. */
  readonly busy = new Set<string>();
  private readonly runners = new Set<Runner>();
  private readonly underWay = new Set<Promise<void>>();
  private stopping = false;
  private starting: Promise<void> = Promise.resolve();

  constructor(
    private readonly pool: pg.Pool,
    /** Names this process in jobs. */
    private readonly id: string,
    private readonly work: (job: AdvanceJob) => Promise<void>,
    private readonly log: Log,
    private readonly concurrency: number,
  ) {}

  /** Starts to take jobs. @throws when the database does not answer */
  async start(): Promise<void> {
    const events: WorkerEvents = new EventEmitter();
    new Looks(events);
    // The first word of a new pool, before it takes anything: peers must find one id in locks, leases and jobs.
    events.on('pool:create', ({ workerPool }) => {
      workerPool.id = this.id;
    });
    events.on('job:start', ({ job }) => this.busy.add(String(job.id)));
    events.on('job:complete', ({ job }) => this.busy.delete(String(job.id)));
    events.on('pool:gracefulShutdown', () => this.startAgain());
    const runner = await runWorker({
      pgPool: this.pool,
      concurrency: this.concurrency,
      pollInterval: restMs,
      noHandleSignals: true,
      events,
      logger: queueLogger(this.log),
      // A job's end is noted with those of others: a job that is run again after a crash finds its run ended. Failures likewise:
      // one by one, an end that cannot be noted would be a rejection that nobody handles.
      preset: { worker: { completeJobBatchDelay: gatherMs, failJobBatchDelay: gatherMs } },
      taskList: { [advanceTask]: (payload) => this.tracked(payload as AdvanceJob) },
    });
    this.runners.add(runner);
    void runner.promise.catch(() => {}).finally(() => this.runners.delete(runner));
    if (this.stopping) await end(runner);
  }

  /** Takes no more jobs, and waits for those under way. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.starting;
    // One that often could not note the ends of jobs never says that it has ended; what it held is given back by others.
    await Promise.race([Promise.all([...this.runners].map(end)), this.idle()]);
  }

  private tracked(job: AdvanceJob): Promise<void> {
    const work = this.work(job).finally(() => this.underWay.delete(work));
    this.underWay.add(work);
    return work;
  }

  private async idle(): Promise<void> {
    do {
      while (this.underWay.size > 0) await Promise.allSettled(this.underWay);
      await sleep(notedMs, undefined, { ref: false });
    } while (this.underWay.size > 0);
  }

  private startAgain(): void {
    if (this.stopping) return;
    this.log.warn({}, 'The queue could not note the end of jobs; taking jobs anew.');
    this.starting = this.starting.then(() => this.persist());
  }

  private async persist(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.start();
        return;
      } catch (error) {
        this.log.warn({ err: error }, 'Cannot take jobs; trying again.');
        await new Promise((resolve) => setTimeout(resolve, againMs));
      }
    }
  }
}

// One that is ending by itself refuses to be stopped, but can be waited for.
async function end(runner: Runner): Promise<void> {
  await runner.stop().catch(() => {});
  await runner.promise.catch(() => {});
}

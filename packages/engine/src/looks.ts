import type { WorkerEvents, WorkerPool } from 'graphile-worker';

/** Hands of a pool that look for a job at once because one was announced. */
const mostAtOnce = 2;
/** One hand looks without any announcement, in ms: for what an announcement missed, and for jobs that are tried again. */
const lookMs = 200;

/**
 * Looks into the queue as often as is needed. Every new job is announced to every process; of its idle hands only a few go and look,
 * and announcements that come meanwhile are kept for when one of them is back. Else each announcement sends one hand of each process,
 * and has those that are on their way go again: with four processes fourteen looks a job, of which one finds it.
 */
export class Looks {
  private under = 0;
  private announced = 0;
  private meanwhile = false;
  /** Whether a look without an announcement found something: then there may be more. */
  private steady = false;
  private send: (count: number) => void = () => {};

  /** @param events those of one queue runner, before it is started */
  constructor(events: WorkerEvents) {
    let timer: NodeJS.Timeout | undefined;
    events.on('pool:create', ({ workerPool }) => {
      const pool = workerPool as WorkerPool & { nudge(count: number): void };
      this.send = pool.nudge.bind(pool);
      pool.nudge = (count) => this.announce(count);
      timer = setInterval(() => {
        if (this.under > 0) return;
        this.announce(1);
        this.steady = true;
      }, lookMs);
    });
    const end = () => {
      clearInterval(timer);
      this.send = () => {};
    };
    events.on('pool:gracefulShutdown', end);
    events.on('pool:forcefulShutdown', end);
    events.on('pool:release', end);
    events.on('worker:getJob:start', () => {
      this.under++;
      this.announced = Math.max(0, this.announced - 1);
      this.meanwhile = false;
    });
    events.on('job:start', () => {
      if (this.steady) this.announced = Math.max(1, this.announced);
      this.back();
    });
    events.on('worker:getJob:error', () => this.back());
    events.on('worker:getJob:empty', () => {
      this.steady = false;
      // Nothing is there: only what was announced since the look began can be.
      if (!this.meanwhile) this.announced = 0;
      this.back();
    });
  }

  private announce(count: number): void {
    this.announced += count;
    this.meanwhile = true;
    this.go();
  }

  private back(): void {
    this.under--;
    this.go();
  }

  private go(): void {
    for (let before = -1; this.announced > 0 && this.under < mostAtOnce && this.under !== before; ) {
      before = this.under;
      this.send(1); // none goes when all have work: they look by themselves when it is done
    }
  }
}

import type { WorkerEvents, WorkerPool } from 'graphile-worker';

/** Hands of a pool that look for a job at once because one was announced. */
const mostAtOnce = 2;

/**
 * Looks into the queue as often as is needed. Every new job is announced to every process; of its idle hands only a few go and look,
 * and announcements that come meanwhile are kept for when one of them is back. Else each announcement sends one hand of each process,
 * and has those that are on their way go again: with four processes eleven looks a job, of which one finds it.
 */
export class Looks {
  private under = 0;
  private announced = 0;
  private meanwhile = false;

  /** @param events those of one queue runner, before it is started */
  constructor(events: WorkerEvents) {
    let send: (count: number) => void = () => {};
    events.on('pool:create', ({ workerPool }) => {
      const pool = workerPool as WorkerPool & { nudge(count: number): void };
      send = pool.nudge.bind(pool);
      pool.nudge = (count) => {
        this.announced += count;
        this.meanwhile = true;
        this.go(send);
      };
    });
    events.on('worker:getJob:start', () => {
      this.under++;
      this.announced = Math.max(0, this.announced - 1);
      this.meanwhile = false;
    });
    const back = () => {
      this.under--;
      this.go(send);
    };
    events.on('job:start', back);
    events.on('worker:getJob:error', back);
    events.on('worker:getJob:empty', () => {
      // Nothing is there: only what was announced since the look began can be.
      if (!this.meanwhile) this.announced = 0;
      back();
    });
  }

  private go(send: (count: number) => void): void {
    for (let before = -1; this.announced > 0 && this.under < mostAtOnce && this.under !== before; ) {
      before = this.under;
      send(1); // none goes when all have work: they look by themselves when it is done
    }
  }
}

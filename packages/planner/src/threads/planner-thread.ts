import { Worker } from 'node:worker_threads';
import { Turns } from '@errand/basics/turns';
import type { Job } from './job.ts';
import type { Asked, FromThread, PlannerChoice, ToThread } from './protocol.ts';
import { SetsOfThread, TooManyTools } from './sets-of-thread.ts';

export type ThreadLimits = {
  /** A thread must be ready after this many ms. One that is not will not be: its program was replaced while this process ran, for example. */
  startMs: number;
  /** Time that a thread may work on a plan without asking for anything, in ms. */
  timeoutMs: number;
  maxOldGenerationSizeMb: number;
  /** JSON of the tools that a plan may choose from, and that a thread keeps, in bytes. */
  keepBytes: number;
};

/** Why a thread ended. */
export type Death = { why: 'timeout' | 'memory' | 'error' | 'closed'; error?: Error };

// Gives back the memory of what nobody asks for any more.
const IDLE_MS = 600_000;

const entry = new URL('../../dist/threads/worker.js', import.meta.url);

/**
 * A thread that makes plans and searches. It works on one job at a time; while that waits for an answer, on others. So when it is killed, the job
 * that blocked it is known, and only that job fails.
 */
export class PlannerThread {
  readonly #limits: ThreadLimits;
  readonly #died: (thread: PlannerThread, death: Death, current: Job | undefined, others: Job[]) => void;

  readonly sets: SetsOfThread;
  readonly #worker: Worker;
  readonly #jobs = new Map<number, Job>();
  /** Plans to be begun; those that were begun and have got an answer go first. */
  readonly #waiting = new Turns<Job>();
  readonly #answers: { job: Job; answer: string }[] = [];
  #isReady = false;
  #current: Job | undefined;
  /** Of the start, and then of the current job. */
  #timer: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #dead = false;

  /** @param died called once, with the jobs that had not ended; the first is the one under way, if any was */
  constructor(
    choice: PlannerChoice,
    limits: ThreadLimits,
    died: (thread: PlannerThread, death: Death, current: Job | undefined, others: Job[]) => void,
  ) {
    this.#limits = limits;
    this.#died = died;

    this.sets = new SetsOfThread(limits.keepBytes, (message) => this.#post(message));
    this.#worker = new Worker(entry, {
      workerData: choice,
      // Nothing of this process is handed on: no environment, no arguments, no flags.
      env: {},
      argv: [],
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: limits.maxOldGenerationSizeMb, stackSizeMb: 4 },
    });
    const late = new Error(`A thread that plans was not ready after ${limits.startMs} ms.`);
    this.#timer = setTimeout(() => void this.end({ why: 'error', error: late }), limits.startMs).unref();
    this.#worker.on('message', (message: FromThread) => this.#hear(message));
    this.#worker.on('error', (error: Error & { code?: string }) =>
      this.end({ why: error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'error', error }),
    );
    this.#worker.on('exit', () => this.end({ why: 'error', error: new Error('The thread ended by itself.') }));
  }

  get load(): number {
    return this.#jobs.size;
  }

  take(job: Job): void {
    this.#jobs.set(job.id, job);
    clearTimeout(this.#idle);
    this.#worker.ref();
    this.#waiting.add(job.tenant, job);
    void this.#next();
  }

  /** Lets go of a job that nobody waits for any more. */
  drop(job: Job): void {
    if (!this.#jobs.delete(job.id)) return;
    this.#waiting.remove(job.tenant, job);
    this.#post({ do: 'stop', job: job.id });
    this.sets.release(job);
    this.#rest();
    void this.#next();
  }

  async end(death: Death): Promise<void> {
    if (this.#dead) return;
    this.#dead = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#idle);
    const current = this.#current && this.#jobs.get(this.#current.id);
    const others = [...this.#jobs.values()].filter((job) => job !== current);
    this.#jobs.clear();
    const ended = this.#worker.terminate();
    this.#died(this, death, current, others);
    await ended;
  }

  #post(message: ToThread): void {
    if (!this.#dead) this.#worker.postMessage(message);
  }

  #hear(message: FromThread): void {
    if (this.#dead) return;
    if (message.say === 'ready') {
      clearTimeout(this.#timer);
      this.#isReady = true;
      this.#rest();
      return void this.#next();
    }
    if (this.#current?.id === message.job) {
      clearTimeout(this.#timer);
      this.#current = undefined;
    }
    const job = this.#jobs.get(message.job);
    if (message.say === 'asks') {
      if (job) void this.#answer(job, JSON.parse(message.asked) as Asked);
      else this.#post({ do: 'stop', job: message.job });
    } else if (job) {
      this.#jobs.delete(job.id);
      this.sets.release(job);
      if (message.say === 'ends') job.end(JSON.parse(message.result));
      else job.fail(new Error(message.message));
      this.#rest();
    }
    void this.#next();
  }

  async #answer(job: Job, asked: Asked): Promise<void> {
    try {
      const answer = JSON.stringify(await job.answer(asked));
      if (this.#dead || !this.#jobs.has(job.id)) return;
      this.#answers.push({ job, answer });
      await this.#next();
    } catch (error) {
      if (job.settled || !this.#jobs.has(job.id)) return;
      this.drop(job);
      job.fail(error);
      await this.#next();
    }
  }

  async #next(): Promise<void> {
    if (!this.#isReady || this.#dead || this.#current) return;
    const answered = this.#answers.shift();
    if (answered) {
      if (!this.#jobs.has(answered.job.id)) return this.#next();
      return this.#give(answered.job, { do: 'answer', job: answered.job.id, answer: answered.answer });
    }
    if (this.sets.isFull) return;
    const job = this.#waiting.take();
    if (!job) return;
    this.#current = job;
    try {
      await this.sets.bring(job);
    } catch (error) {
      if (this.#dead || job.settled) return;
      this.#current = undefined;
      this.drop(job);
      if (error instanceof TooManyTools) job.refuse(error.message);
      else job.fail(error);
      return this.#next();
    }
    if (this.#dead) return;
    this.#current = undefined;
    if (!this.#jobs.has(job.id)) {
      this.sets.release(job);
      return this.#next();
    }
    this.#give(job, { do: job.kind, job: job.id, keys: job.sets.map(({ key }) => key), request: job.text });
  }

  #give(job: Job, message: ToThread): void {
    this.#current = job;
    this.#timer = setTimeout(() => void this.end({ why: 'timeout' }), this.#limits.timeoutMs);
    this.#post(message);
  }

  #rest(): void {
    if (this.#jobs.size > 0) return;
    this.#worker.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.end({ why: 'closed' }), IDLE_MS).unref();
  }
}

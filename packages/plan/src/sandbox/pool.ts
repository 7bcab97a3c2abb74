import { Worker } from 'node:worker_threads';
import { BUSY_FACTOR, processorMsOf } from './thread-time.ts';
import type { Message, Ready, Reply, Work } from './worker-protocol.ts';

export type PoolOptions = {
  /** Most threads; they start when they are first needed. */
  threads: number;
  /** Limits of a thread's heap and stack, in MiB. */
  maxOldGenerationSizeMb: number;
  stackSizeMb: number;
  /** A thread must be ready after this many ms. One that is not will not be: its program was replaced while this process ran, for example. */
  startMs?: number;
};

/** Why a job has no answer: it ran too long, took too much memory, or the pool was closed. */
export class JobKilled extends Error {
  override readonly name = 'JobKilled';
  constructor(
    readonly why: 'timeout' | 'memory' | 'closed',
    message: string,
  ) {
    super(message);
  }
}

type Job = {
  work: Work;
  tenant: string;
  timeoutMs: number;
  /** Whether it was put back once, after a thread that others had filled ran out of memory under it. */
  again: boolean;
  resolve: (text: string) => void;
  reject: (error: Error) => void;
};

type Thread = {
  worker: Worker;
  ready: boolean;
  /** By which the system knows it. */
  id?: string | undefined;
  served: number;
  job?: Job;
  timer?: NodeJS.Timeout;
};

/** A job that has had too little processor time is looked at again after this many ms at the earliest. */
const LOOK_AGAIN_MS = 20;

const entry = new URL('../../dist/sandbox/worker.js', import.meta.url);
const START_MS = 30_000;

/**
 * Threads that can be killed. A job's time is counted from the moment a running thread gets it, so neither waiting nor the start
 * of a thread counts. When it is over, the job has a quarter of it in processor time, where the system tells that of a thread, so that
 * none is stopped because the machine is busy. Tenants that wait take turns: one that floods the pool delays another by the jobs that
 * run, not by its queue.
 */
export class Pool {
  readonly #options: PoolOptions;

  readonly #threads = new Set<Thread>();
  /** Jobs that wait, by tenant; the tenant whose turn is next comes first. */
  readonly #waiting = new Map<string, Job[]>();
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Runs a job. Resolves to the answer as JSON text; rejects with JobKilled. */
  run(work: Work, tenant: string, timeoutMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new JobKilled('closed', 'The sandbox is closed.'));
        return;
      }
      this.#enqueue({ work, tenant, timeoutMs, again: false, resolve, reject });
      this.#next();
    });
  }

  /** Ends all threads; jobs that run or wait are rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    const closed = new JobKilled('closed', 'The sandbox is closed.');
    for (const job of [...this.#waiting.values()].flat()) job.reject(closed);
    this.#waiting.clear();
    await Promise.all([...this.#threads].map((thread) => this.#end(thread, closed)));
  }

  #enqueue(job: Job): void {
    const queue = this.#waiting.get(job.tenant);
    if (queue === undefined) this.#waiting.set(job.tenant, [job]);
    else queue.push(job);
  }

  #take(): Job | undefined {
    const first = this.#waiting.entries().next().value;
    if (first === undefined) return undefined;
    const [tenant, queue] = first;
    const job = queue.shift();
    this.#waiting.delete(tenant);
    if (queue.length > 0) this.#waiting.set(tenant, queue);
    return job;
  }

  #next(): void {
    while (this.#waiting.size > 0) {
      const idle = [...this.#threads].find((thread) => thread.ready && thread.job === undefined);
      if (idle === undefined) break;
      this.#give(idle, this.#take()!);
    }
    const starting = [...this.#threads].filter((thread) => !thread.ready).length;
    if (this.#waiting.size > starting && this.#threads.size < this.#options.threads) this.#start();
  }

  #give(thread: Thread, job: Job): void {
    thread.job = job;
    thread.worker.ref();
    const last = performance.now() + job.timeoutMs * BUSY_FACTOR;
    // Only a job that is late costs a look at what its thread has had.
    let first: number | undefined;
    const look = () => {
      const now = processorMsOf(thread.id);
      first ??= now;
      const left = now === undefined ? 0 : job.timeoutMs / 4 - (now - first!);
      if (left > 0 && performance.now() < last) {
        thread.timer = setTimeout(look, Math.max(left, LOOK_AGAIN_MS));
        return;
      }
      const message = `ran longer than ${job.timeoutMs} ms and was stopped`;
      void this.#end(thread, new JobKilled('timeout', message));
    };
    thread.timer = setTimeout(look, job.timeoutMs);
    thread.worker.postMessage({ work: job.work, timeoutMs: job.timeoutMs } satisfies Message);
  }

  #start(): void {
    const { maxOldGenerationSizeMb, stackSizeMb, startMs = START_MS } = this.#options;
    const worker = new Worker(entry, {
      // Nothing of this process is handed on: no environment, no arguments, no flags.
      env: {},
      argv: [],
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb, stackSizeMb },
    });
    const thread: Thread = { worker, ready: false, served: 0 };
    this.#threads.add(thread);
    thread.timer = setTimeout(() => {
      this.#died(thread, new Error(`It was not ready after ${startMs} ms.`));
      void worker.terminate();
    }, startMs).unref();
    worker.on('message', (reply: Reply | Ready) => {
      if ('ready' in reply) {
        clearTimeout(thread.timer);
        thread.ready = true;
        thread.id = reply.thread;
        worker.unref();
      } else this.#finish(thread, reply);
      this.#next();
    });
    worker.on('error', (error) => this.#died(thread, error));
    worker.on('exit', () => this.#died(thread, new Error('The thread ended by itself.')));
  }

  #finish(thread: Thread, reply: Reply): void {
    const job = thread.job;
    clearTimeout(thread.timer);
    thread.job = undefined;
    thread.served += 1;
    thread.worker.unref();
    if ('text' in reply) job?.resolve(reply.text);
    else job?.reject(new Error(reply.failed));
  }

  #died(thread: Thread, error: Error & { code?: string }): void {
    if (!this.#threads.delete(thread)) return;
    clearTimeout(thread.timer);
    const job = thread.job;
    if (!thread.ready) {
      // A thread that cannot start will not start the next time either: tell those who wait.
      const failed = new Error(
        `A sandbox thread could not start. Build and start the service again. (${error.message})`,
      );
      for (const waiting of [...this.#waiting.values()].flat()) waiting.reject(failed);
      this.#waiting.clear();
    } else if (job !== undefined && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
      if (thread.served > 0 && !job.again) this.#enqueue({ ...job, again: true });
      else job.reject(new JobKilled('memory', `took more than ${this.#options.maxOldGenerationSizeMb} MiB of memory`));
    } else job?.reject(error);
    this.#next();
  }

  async #end(thread: Thread, why: JobKilled): Promise<void> {
    this.#threads.delete(thread);
    clearTimeout(thread.timer);
    thread.job?.reject(why);
    const ended = thread.worker.terminate();
    this.#next();
    await ended;
  }
}

import { encodeFrame, textsOf } from '@errand/basics/child/frame';
import { type ChildEnd, KillableChild } from '@errand/basics/child/killable-child';
import { processorMsOfMainThread } from '@errand/basics/processor-time';
import { Turns } from '@errand/basics/turns';
import { LRUCache } from 'lru-cache';
import { BUSY_FACTOR, closedFailure, JobFailure, pausedFailure } from './job-failure.ts';
import { encodeWork, type Reply, type Work } from './protocol.ts';

const MAX_KILLS = 5;
const KILL_WINDOW_MS = 60_000;
/** Maximum number of tenants remembered; those with the latest deaths. */
const MAX_TENANTS = 10_000;

/**
 * Counts the sandbox processes that the jobs of each tenant ended. After five within a minute, the tenant's jobs wait until the oldest of
 * the five is more than a minute old.
 */
export class KillLimit {
  readonly #deaths = new LRUCache<string, number[]>({ max: MAX_TENANTS });

  constructor(private readonly now: () => number = () => performance.now()) {}

  add(tenant: string): void {
    this.#deaths.set(tenant, [...(this.#deaths.get(tenant) ?? []), this.now()].slice(-MAX_KILLS));
  }

  /** Time until jobs of this tenant run again, in ms; 0 when they may run now. */
  waitMs(tenant: string): number {
    const deaths = this.#deaths.get(tenant);
    if (deaths === undefined || deaths.length < MAX_KILLS) return 0;
    return Math.max(0, deaths[0]! + KILL_WINDOW_MS - this.now());
  }
}

export type PoolOptions = {
  /** Maximum number of processes; they start on first use. */
  children: number;
  /** Limits of a child's heap and stack, in MiB. */
  heapMb: number;
  stackMb: number;
  /** A child must be ready after this many ms. A later one never will be: for example, its program was replaced while this process ran. */
  startMs?: number;
  killLimit?: KillLimit;
};

type Job = {
  frame: Buffer;
  tenant: string;
  timeoutMs: number;
  /** Whether it was requeued once, because a child that other jobs had filled ran out of memory. */
  isRetry: boolean;
  resolve: (text: string) => void;
  reject: (error: Error) => void;
};

type Child = {
  process: KillableChild;
  state: 'starting' | 'idle' | 'busy' | 'dying';
  answered: number;
  job?: Job | undefined;
  timer?: NodeJS.Timeout;
};

/** Minimum time between checks of a late job's processor time, in ms. */
const RECHECK_MS = 20;
const START_MS = 30_000;
/** Consecutive failed starts, for instance by a signal to the whole process group, after which waiting jobs are rejected. */
const MAX_FAILED_STARTS = 2;
const MIB = 1024 * 1024;
/** Maximum bytes of a message to a child, and from it. Expressions have lower limits, counted in characters of up to six bytes in JSON. */
const MAX_BYTES = { job: 64 * MIB, answer: 32 * MIB } as const;

/** V8 ends a process without memory for an allocation by one of these; the system's killer, by SIGKILL. */
const OUT_OF_MEMORY: ReadonlySet<unknown> = new Set(['SIGABRT', 'SIGTRAP', 'SIGILL', 'SIGKILL', 134]);

const entry = new URL('../../dist/child/child.js', import.meta.url);

/**
 * Child processes that can be killed, each with one job at a time. A job's time begins when a running child gets it, so neither waiting nor
 * the start of a child counts. After its time, the job has a quarter of it in processor time, where the system reports that, so that a busy
 * machine stops no job. Waiting tenants take turns: one that floods the pool delays another by its running jobs, not by its queue.
 */
export class Pool {
  readonly #killLimit: KillLimit;
  /** All processes that have not ended, so there are never more than `children`. */
  readonly #children = new Set<Child>();
  readonly #waiting = new Turns<Job>();
  /** Jobs that wait for a child without previous answers. */
  readonly #retries: Job[] = [];
  #failedStarts = 0;
  #closed = false;

  constructor(private readonly options: PoolOptions) {
    this.#killLimit = options.killLimit ?? new KillLimit();
  }

  /** Runs a job. Resolves to the answer as JSON text, which is untrusted; rejects with JobFailure. */
  run(work: Work, tenant: string, timeoutMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(closedFailure());
      const waitMs = this.#killLimit.waitMs(tenant);
      if (waitMs > 0) return reject(pausedFailure(waitMs));
      const frame = encodeFrame(encodeWork(work, timeoutMs));
      if (frame.length > MAX_BYTES.job)
        return reject(new JobFailure('memory', `reads more than ${MAX_BYTES.job / MIB} MiB`));
      this.#waiting.add(tenant, { frame, tenant, timeoutMs, isRetry: false, resolve, reject });
      this.#assignJobs();
    });
  }

  /** Ends all children; running and waiting jobs are rejected. Resolves when the processes have ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#rejectWaiting(closedFailure());
    await Promise.all([...this.#children].map((child) => this.#kill(child, closedFailure())));
  }

  #rejectWaiting(error: Error): void {
    for (const job of [...this.#retries.splice(0), ...this.#waiting.clear()]) job.reject(error);
  }

  /** Gives waiting jobs to idle children, and starts a child when more are needed. */
  #assignJobs(): void {
    const children = [...this.#children];
    for (const child of children) {
      while (child.state === 'idle') {
        const retry = child.answered === 0 ? this.#retries.shift() : undefined;
        const job = retry ?? this.#waiting.take();
        if (job === undefined) break;
        this.#assign(child, job);
      }
    }
    const starting = children.filter(({ state }) => state === 'starting').length;
    const needed = this.#waiting.tenants.length + this.#retries.length;
    if (needed > starting && this.#children.size < this.options.children) this.#start();
  }

  #assign(child: Child, job: Job): void {
    const waitMs = this.#killLimit.waitMs(job.tenant);
    if (waitMs > 0) {
      job.reject(pausedFailure(waitMs));
      return;
    }
    child.state = 'busy';
    child.job = job;
    child.process.ref();
    child.timer = setTimeout(this.#timeoutCheck(child, job), job.timeoutMs);
    child.process.send(job.frame);
  }

  /** A timer function that kills the child when its job has used its time. It reads the processor time only when the job is late. */
  #timeoutCheck(child: Child, { tenant, timeoutMs }: Job): () => void {
    const last = performance.now() + timeoutMs * BUSY_FACTOR;
    let first: number | undefined;
    const check = () => {
      const now = processorMsOfMainThread(child.process.pid!);
      first ??= now;
      const remainingMs = now === undefined ? 0 : timeoutMs / 4 - (now - first!);
      if (remainingMs > 0 && performance.now() < last) {
        child.timer = setTimeout(check, Math.max(remainingMs, RECHECK_MS));
        return;
      }
      this.#killLimit.add(tenant);
      void this.#kill(child, new JobFailure('timeout', `ran longer than ${timeoutMs} ms and was stopped`));
    };
    return check;
  }

  #start(): void {
    const { heapMb, stackMb, startMs = START_MS } = this.options;
    try {
      const process = new KillableChild(
        entry,
        { heapMb, stackMb, maxBytes: MAX_BYTES.answer },
        {
          onMessage: (parts) => this.#receive(child, textsOf(parts)),
          onEnd: (end) => this.#ended(child, end),
        },
      );
      const child: Child = { process, state: 'starting', answered: 0 };
      this.#children.add(child);
      child.timer = setTimeout(() => {
        this.#startFailed(`It was not ready after ${startMs} ms.`, MAX_FAILED_STARTS);
        void this.#kill(child, closedFailure());
      }, startMs).unref();
    } catch (error) {
      // The system has no memory or descriptor for a process.
      this.#startFailed((error as Error).message, MAX_FAILED_STARTS);
    }
  }

  #receive(child: Child, texts: readonly string[]): void {
    const [kind, text] = texts as Reply;
    if (kind === 'ready' && child.state === 'starting') this.#failedStarts = 0;
    else if (child.state === 'busy' && text !== undefined) {
      child.answered += 1;
      if (kind === 'answer') child.job?.resolve(text);
      else child.job?.reject(new Error(text));
    } else throw new Error('it sent a message that nothing waits for');
    clearTimeout(child.timer);
    child.job = undefined;
    child.state = 'idle';
    child.process.unref();
    this.#assignJobs();
  }

  /** A child that could not start will mostly not start the next time either, so waiting jobs are rejected. */
  #startFailed(why: string, failures: number): void {
    this.#failedStarts += failures;
    if (this.#failedStarts < MAX_FAILED_STARTS) return;
    this.#failedStarts = 0;
    this.#rejectWaiting(new Error(`A sandbox process could not start. Build and start the service again. (${why})`));
  }

  #ended(child: Child, { code, signal, fault }: ChildEnd): void {
    this.#children.delete(child);
    clearTimeout(child.timer);
    const how = fault?.message ?? signal ?? `code ${code}`;
    if (child.state === 'starting') this.#startFailed(`It ended: ${how}.`, 1);
    else if (child.job) this.#jobEnded(child, child.job, fault ? undefined : (signal ?? code), how);
    this.#assignJobs();
  }

  #jobEnded(child: Child, job: Job, status: string | number | null | undefined, how: string): void {
    const isMemory = OUT_OF_MEMORY.has(status);
    if (isMemory && child.answered > 0 && !job.isRetry) return void this.#retries.push({ ...job, isRetry: true });
    this.#killLimit.add(job.tenant);
    job.reject(
      isMemory
        ? new JobFailure('memory', `took more than ${this.options.heapMb} MiB of memory`)
        : new JobFailure('crash', `ended its process (${how})`),
    );
  }

  async #kill(child: Child, why: JobFailure): Promise<void> {
    child.state = 'dying';
    clearTimeout(child.timer);
    child.job?.reject(why);
    child.job = undefined;
    await child.process.kill();
  }
}

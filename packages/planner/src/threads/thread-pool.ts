import { RecentUse } from '@errand/basics/recent-use';
import { Turns } from '@errand/basics/turns';
import { LRUCache } from 'lru-cache';
import type { Job } from './job.ts';
import { PlannerThread, type ThreadEnd, type ThreadSettings } from './planner-thread.ts';

export type PoolOptions = ThreadSettings & { maxThreads: number };

/** For this long after a job was stopped, its tenant shares no thread: the next job that is stopped would end others' jobs with the thread. */
const ISOLATION_MS = 60_000;
const MAX_ISOLATED = 1000;

/**
 * Threads that take jobs from one queue. A tenant has jobs in at most half of the threads, so that others always find one. The tenant with
 * the least recent use goes first; its jobs that were begun precede its new ones.
 */
export class ThreadPool {
  readonly #maxOfTenant: number;

  readonly #threads = new Set<PlannerThread>();
  /** Threads that are ending and still run. */
  readonly #ending = new Set<PlannerThread>();
  /** Jobs that no thread has begun. */
  readonly #queue = new Turns<Job>();
  readonly #recentUse = new RecentUse();
  readonly #isolated = new LRUCache<string, true>({ max: MAX_ISOLATED, ttl: ISOLATION_MS });
  #isClosed = false;

  constructor(private readonly options: PoolOptions) {
    this.#maxOfTenant = Math.max(1, Math.floor(options.maxThreads / 2));
  }

  /** @throws the reason of the job's signal, once that is aborted */
  run<Result>(job: Job<Result>): Promise<Result> {
    if (this.#isClosed) return Promise.reject(closedError());
    if (job.signal.aborted) return Promise.reject(job.signal.reason);
    const onAbort = () => {
      this.#queue.remove(job.tenant, job as Job);
      for (const thread of this.#threads) thread.drop(job as Job);
      job.fail(job.signal.reason);
      this.#dispatch();
    };
    job.signal.addEventListener('abort', onAbort, { once: true });
    const removeListener = () => job.signal.removeEventListener('abort', onAbort);
    job.done.then(removeListener, removeListener);
    this.#queue.add(job.tenant, job as Job);
    this.#dispatch();
    return job.done;
  }

  /** Ends all threads; waiting and running jobs fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const job of this.#queue.clear()) job.fail(closedError());
    for (const thread of this.#threads) thread.end({ why: 'closed' });
    await Promise.all([...this.#ending].map(({ exited }) => exited));
  }

  #dispatch(): void {
    while (!this.#isClosed && this.#dispatchOne()) {}
  }

  /** @returns whether a thread has got work */
  #dispatchOne(): boolean {
    const freeThreads = [...this.#threads].filter(({ isFree }) => isFree);
    if (freeThreads.length === 0 && this.#threads.size >= this.options.maxThreads) return false;
    const tenants = new Set([
      ...freeThreads.flatMap(({ tenantsWithAnswer }) => tenantsWithAnswer),
      ...this.#queue.tenants,
    ]);
    return this.#recentUse
      .leastFirst(tenants)
      .some((tenant) => freeThreads.some((thread) => thread.resume(tenant)) || this.#begin(tenant));
  }

  #begin(tenant: string): boolean {
    const job = this.#queue.first(tenant);
    const thread = job && this.#threadFor(job);
    if (!thread) return false;
    this.#queue.take(tenant);
    thread.begin(job);
    return true;
  }

  #threadFor({ tenant, sets }: Job): PlannerThread | undefined {
    const threadsOfTenant = [...this.#threads, ...this.#ending].filter(({ tenants }) => tenants.has(tenant));
    const mayTakeMore = threadsOfTenant.length < this.#maxOfTenant;
    const isIsolated = this.#isolated.has(tenant);
    const [idlest, ...otherThreads] = [...this.#threads]
      .filter((thread) => thread.isFree && !thread.toolSets.isFull)
      .filter((thread) => mayTakeMore || threadsOfTenant.includes(thread))
      .filter(({ tenants }) => !isIsolated || [...tenants].every((holder) => holder === tenant))
      .sort((a, b) => a.jobCount - b.jobCount);
    const withSets = [idlest, ...otherThreads].find((thread) => thread?.toolSets.has(sets));
    if (withSets ?? idlest?.jobCount === 0) return withSets ?? idlest;
    return mayTakeMore && this.#threads.size < this.options.maxThreads ? this.#start() : idlest;
  }

  #start(): PlannerThread {
    const thread = new PlannerThread(this.options, {
      onFree: () => this.#dispatch(),
      onUsed: (tenant, ms) => this.#recentUse.add(tenant, ms),
      onEnded: (ended, death, jobs) => this.#handleEnd(ended, death, jobs),
    });
    this.#threads.add(thread);
    return thread;
  }

  #handleEnd(
    thread: PlannerThread,
    death: ThreadEnd,
    { current, others }: { current: Job | undefined; others: Job[] },
  ): void {
    this.#threads.delete(thread);
    this.#ending.add(thread);
    void thread.exited.then(() => {
      this.#ending.delete(thread);
      this.#dispatch();
    });
    if (death.why === 'budget' || death.why === 'memory') {
      for (const tenant of thread.tenants) this.#isolated.set(tenant, true);
      // The running job is to blame: the others begin again, however often that happens.
      for (const job of others.reverse()) this.#queue.add(job.tenant, job, true);
    } else for (const job of others.reverse()) this.#retryOrFail(job, death);
    if (current) this.#retryOrFail(current, death);
    if (!thread.hasStarted) for (const job of this.#queue.clear()) this.#retryOrFail(job, death);
    this.#dispatch();
  }

  /** Requeues a job once after its thread failed; ends one that exceeded its budget. */
  #retryOrFail(job: Job, death: ThreadEnd): void {
    if (this.#isClosed) job.fail(closedError());
    else if (death.why === 'budget') job.endOverBudget(death.exceeded, death.cause);
    else if (++job.lostThreads < 2) this.#queue.add(job.tenant, job);
    else if (death.why === 'memory') job.endOverBudget('took too much memory', 'tools');
    else job.fail(death.error ?? new Error('The thread was killed.'));
  }
}

const closedError = () => new Error('The planner is closed.');

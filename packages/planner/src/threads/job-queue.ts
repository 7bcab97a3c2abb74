import type { Job } from './job.ts';

/** Jobs that no thread has begun, first in, first out for each tenant. */
export class JobQueue {
  /** In the order of turns: the tenant served last is last. */
  readonly #waiting = new Map<string, Set<Job>>();

  get tenants(): Iterable<string> {
    return this.#waiting.keys();
  }

  add(job: Job): void {
    const jobs = this.#waiting.get(job.tenant);
    if (jobs) jobs.add(job);
    else this.#waiting.set(job.tenant, new Set([job]));
  }

  /** Puts a job that was begun before ahead of the others of its tenant. */
  addFirst(job: Job): void {
    this.#waiting.set(job.tenant, new Set([job, ...(this.#waiting.get(job.tenant) ?? [])]));
  }

  first(tenant: string): Job | undefined {
    return this.#waiting.get(tenant)?.values().next().value;
  }

  /** Removes a job; its tenant's next turn is last. */
  take(job: Job): void {
    const jobs = this.#waiting.get(job.tenant);
    this.remove(job);
    if (!jobs?.size) return;
    this.#waiting.delete(job.tenant);
    this.#waiting.set(job.tenant, jobs);
  }

  remove(job: Job): void {
    const jobs = this.#waiting.get(job.tenant);
    if (jobs?.delete(job) && jobs.size === 0) this.#waiting.delete(job.tenant);
  }

  clear(): Job[] {
    const jobs = [...this.#waiting.values()].flatMap((waiting) => [...waiting]);
    this.#waiting.clear();
    return jobs;
  }
}

import type { ToolSet } from '@errand/contracts';
import type { Job } from './job.ts';
import type { ToThread } from './protocol.ts';

/** The selection has more tools than a planner can use. */
export class TooManyTools extends Error {
  override readonly name = 'TooManyTools';
}

type KeptSet = { bytes: number; tools: number; jobs: Set<number> };

/** The tool sets of a thread, their sizes and their users. The least recently used are dropped first. */
export class SetsOfThread {
  readonly #maxBytes: number;
  readonly #post: (message: ToThread) => void;

  readonly #kept = new Map<string, KeptSet>();

  constructor(maxBytes: number, post: (message: ToThread) => void) {
    this.#maxBytes = maxBytes;
    this.#post = post;
  }

  /** Whether the sets in use take all memory: no new job begins until some is free. */
  get isFull(): boolean {
    return this.#sum(({ jobs }) => jobs.size > 0) > this.#maxBytes;
  }

  has(sets: readonly ToolSet[]): boolean {
    return sets.every(({ key }) => this.#kept.has(key));
  }

  /** Sends a job's sets to the thread, where they stay until it is released. @throws TooManyTools, and errors of reading them */
  async bring(job: Job): Promise<void> {
    let totalBytes = 0;
    for (const { key } of job.sets) {
      const entry = this.#kept.get(key);
      if (!entry) continue;
      entry.jobs.add(job.id);
      this.#kept.delete(key);
      this.#kept.set(key, entry);
      totalBytes += entry.bytes;
    }
    for (const set of job.sets)
      if (!this.#kept.has(set.key)) totalBytes += await this.#read(set, job, this.#maxBytes - totalBytes);
    job.toolCount = job.sets.reduce((sum, { key }) => sum + (this.#kept.get(key)?.tools ?? 0), 0);
  }

  /** @returns the size of the set, in bytes */
  async #read(set: ToolSet, job: Job, maxBytes: number): Promise<number> {
    const { key } = set;
    const entry: KeptSet = { bytes: 0, tools: 0, jobs: new Set([job.id]) };
    this.#kept.set(key, entry);
    try {
      for await (const texts of set.read()) {
        for (const { length } of texts) entry.bytes += length;
        entry.tools += texts.length;
        if (entry.bytes > maxBytes) throw tooMany(this.#maxBytes);
        this.#post({ do: 'keep', key, texts });
        this.#makeRoom();
      }
      return entry.bytes;
    } catch (error) {
      this.#drop(key);
      throw error;
    }
  }

  release(job: Job): void {
    for (const { key } of job.sets) this.#kept.get(key)?.jobs.delete(job.id);
  }

  #makeRoom(): void {
    for (const [key, { jobs }] of this.#kept) {
      if (this.#sum(() => true) <= this.#maxBytes) return;
      if (jobs.size === 0) this.#drop(key);
    }
  }

  #drop(key: string): void {
    this.#kept.delete(key);
    this.#post({ do: 'drop', key });
  }

  #sum(which: (kept: KeptSet) => boolean): number {
    let sum = 0;
    for (const entry of this.#kept.values()) if (which(entry)) sum += entry.bytes;
    return sum;
  }
}

const tooMany = (maxBytes: number) =>
  new TooManyTools(
    `The selected integrations have more than ${Math.floor(maxBytes / 1024 / 1024)} MiB of tools. Select fewer of them, or enable fewer of their tools.`,
  );

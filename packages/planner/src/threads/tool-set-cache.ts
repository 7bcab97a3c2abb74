import type { ToolSet } from '@errand/contracts';
import type { Job } from './job.ts';
import type { ToThread } from './protocol.ts';

/** The selection has more tools than a planner can use. */
export class TooManyTools extends Error {
  override readonly name = 'TooManyTools';
}

type CachedSet = { bytes: number; tools: number; jobs: Set<number> };

/** The tool sets of a thread, their sizes and their users. The least recently used are dropped first. */
export class ToolSetCache {
  readonly #sets = new Map<string, CachedSet>();

  constructor(
    private readonly maxBytes: number,
    private readonly post: (message: ToThread) => void,
  ) {}

  /** Whether the sets in use take all memory: no new job begins until some is free. */
  get isFull(): boolean {
    return this.#bytesOf(({ jobs }) => jobs.size > 0) > this.maxBytes;
  }

  has(sets: readonly ToolSet[]): boolean {
    return sets.every(({ key }) => this.#sets.has(key));
  }

  /** Sends a job's sets to the thread, where they stay until it is released. @throws TooManyTools, and errors of reading them */
  async load(job: Job): Promise<void> {
    let totalBytes = 0;
    for (const { key } of job.sets) {
      const entry = this.#sets.get(key);
      if (!entry) continue;
      entry.jobs.add(job.id);
      this.#sets.delete(key);
      this.#sets.set(key, entry);
      totalBytes += entry.bytes;
    }
    for (const set of job.sets)
      if (!this.#sets.has(set.key)) totalBytes += await this.#load(set, job, this.maxBytes - totalBytes);
    job.toolCount = job.sets.reduce((sum, { key }) => sum + (this.#sets.get(key)?.tools ?? 0), 0);
  }

  /** @returns the size of the set, in bytes */
  async #load(set: ToolSet, job: Job, maxBytes: number): Promise<number> {
    const { key } = set;
    const entry: CachedSet = { bytes: 0, tools: 0, jobs: new Set([job.id]) };
    this.#sets.set(key, entry);
    try {
      for await (const texts of set.read()) {
        for (const { length } of texts) entry.bytes += length;
        entry.tools += texts.length;
        if (entry.bytes > maxBytes) throw tooMany(this.maxBytes);
        this.post({ type: 'add-tools', key, texts });
        this.#evictUnused();
      }
      return entry.bytes;
    } catch (error) {
      this.#evict(key);
      throw error;
    }
  }

  release(job: Job): void {
    for (const { key } of job.sets) this.#sets.get(key)?.jobs.delete(job.id);
  }

  #evictUnused(): void {
    for (const [key, { jobs }] of this.#sets) {
      if (this.#bytesOf(() => true) <= this.maxBytes) return;
      if (jobs.size === 0) this.#evict(key);
    }
  }

  #evict(key: string): void {
    this.#sets.delete(key);
    this.post({ type: 'drop-tools', key });
  }

  #bytesOf(isCounted: (kept: CachedSet) => boolean): number {
    let sum = 0;
    for (const entry of this.#sets.values()) if (isCounted(entry)) sum += entry.bytes;
    return sum;
  }
}

const tooMany = (maxBytes: number) =>
  new TooManyTools(
    `The selected integrations have more than ${Math.floor(maxBytes / 1024 / 1024)} MiB of tools. Select fewer of them, or enable fewer of their tools.`,
  );

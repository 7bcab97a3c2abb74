import { ProblemError } from '@errand/contracts';
import { countOpenRuns, defaultPlaces } from '@errand/db';
import type pg from 'pg';
import type { Log } from './ports.ts';

export type QueueOptions = {
  /** Runs of one workspace that may be in the queue at once, over all processes. */
  places: number;
  /** Open runs in all (under way, or waiting for their turn) from which on no more are accepted. */
  maxBacklog: number;
  /** The same for one workspace. */
  maxWorkspaceBacklog: number;
};

export const defaultQueueOptions: QueueOptions = {
  places: defaultPlaces,
  maxBacklog: 100_000,
  maxWorkspaceBacklog: 20_000,
};

/** Places that leave some hands of a worker to other workspaces. */
export const placesFor = (concurrency: number): number =>
  Math.max(1, Math.min(defaultPlaces, Math.floor(concurrency * 0.6)));

/** A count is at most so old, in ms, or so many times as old as it took to count. */
const freshMs = 1000;
const rest = 20;
const retryAfter = '5';

/** Too many runs are open; nothing of the refused one was begun. */
export class BacklogFull extends ProblemError {
  constructor(whose: string) {
    const detail = `${whose} This one was not accepted; try again later.`;
    super('unavailable', detail, { headers: { 'retry-after': retryAfter } });
  }
}

/**
 * Refuses runs when too many are open. The count comes from Postgres about once a second while runs are made, and each run that
 * is accepted here is added until then, so that other processes are seen a second late.
 */
export class Backlog {
  private counts = new Map<string, number>();
  private total = 0;
  private countedAt = Number.NEGATIVE_INFINITY;
  private tookMs = 0;
  private counting: Promise<void> | null = null;

  constructor(
    private readonly pool: pg.Pool,
    private readonly log: Log,
    private readonly options: QueueOptions,
  ) {}

  /**
   * Takes a run in. Waits for a count only before it refuses.
   * @throws BacklogFull with Retry-After
   */
  async accept(workspaceId: string): Promise<void> {
    const stale = performance.now() - this.countedAt > Math.max(freshMs, this.tookMs * rest);
    if (stale) this.counting ??= this.count();
    if (this.isFull(workspaceId) && this.counting) await this.counting;
    if (this.isFull(workspaceId)) {
      throw new BacklogFull(
        this.total >= this.options.maxBacklog ? 'Too many runs are open.' : 'The workspace has too many open runs.',
      );
    }
    this.counts.set(workspaceId, (this.counts.get(workspaceId) ?? 0) + 1);
    this.total++;
  }

  private isFull(workspaceId: string): boolean {
    const { maxBacklog, maxWorkspaceBacklog } = this.options;
    return this.total >= maxBacklog || (this.counts.get(workspaceId) ?? 0) >= maxWorkspaceBacklog;
  }

  private async count(): Promise<void> {
    const from = performance.now();
    try {
      const counts = await countOpenRuns(this.pool);
      this.counts = counts;
      this.total = [...counts.values()].reduce((sum, n) => sum + n, 0);
    } catch (error) {
      this.log.warn({ err: error }, 'Open runs cannot be counted.');
    } finally {
      this.countedAt = performance.now();
      this.tookMs = this.countedAt - from;
      this.counting = null;
    }
  }
}

import { ProblemError } from '@errand/contracts';
import { countOpenRuns, defaultSlots } from '@errand/db';
import type pg from 'pg';
import type { Log } from '../ports.ts';

export type QueueOptions = {
  /** Runs of one workspace that may be under way at once, over all processes. */
  slots: number;
  /** Open runs in all (under way or due) from which on no more are accepted. */
  maxBacklog: number;
  /** The same for one workspace. */
  maxWorkspaceBacklog: number;
};

export const defaultQueueOptions: QueueOptions = {
  slots: defaultSlots,
  maxBacklog: 100_000,
  maxWorkspaceBacklog: 20_000,
};

/** Slots of a workspace that leave part of a worker to other workspaces. */
export const slotsFor = (concurrency: number): number =>
  Math.max(1, Math.min(defaultSlots, Math.floor(concurrency * 0.6)));

/** A count is good for so long, in ms; for less when runs would be refused for it. */
const FRESH_MS = 1000;
const FRESH_TO_REFUSE_MS = 100;
/** Counting may take this part of the time of one connection. */
const SHARE = 1 / 20;
const RETRY_AFTER = '5';

/** Too many runs are open; nothing of the refused one was begun. */
export class BacklogFull extends ProblemError {
  constructor(whose: string) {
    const detail = `${whose} This one was not accepted; try again later.`;
    super('unavailable', detail, { headers: { 'retry-after': RETRY_AFTER } });
  }
}

/**
 * Refuses runs when too many are open. The count comes from Postgres about once a second while runs are made, and each run that
 * is accepted here is added until then, so that other processes are seen a second late.
 */
export class Backlog {
  private counts = new Map<string, number>();
  private total = 0;
  /** Accepted since the count under way began: it may not see them. */
  private since: string[] = [];
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
    this.countAfter(FRESH_MS);
    if (this.isFull(workspaceId)) {
      this.countAfter(FRESH_TO_REFUSE_MS);
      await this.counting;
    }
    if (this.isFull(workspaceId)) {
      throw new BacklogFull(
        this.total >= this.options.maxBacklog ? 'Too many runs are open.' : 'The workspace has too many open runs.',
      );
    }
    this.add(workspaceId, 1);
    if (this.counting) this.since.push(workspaceId);
  }

  private isFull(workspaceId: string): boolean {
    const { maxBacklog, maxWorkspaceBacklog } = this.options;
    return this.total >= maxBacklog || (this.counts.get(workspaceId) ?? 0) >= maxWorkspaceBacklog;
  }

  private add(workspaceId: string, runs: number): void {
    this.counts.set(workspaceId, (this.counts.get(workspaceId) ?? 0) + runs);
    this.total += runs;
  }

  private countAfter(ms: number): void {
    if (performance.now() - this.countedAt > Math.max(ms, this.tookMs / SHARE)) this.counting ??= this.count();
  }

  private async count(): Promise<void> {
    const from = performance.now();
    this.since = [];
    try {
      const counts = await countOpenRuns(this.pool);
      this.counts = new Map();
      this.total = 0;
      for (const [workspaceId, runs] of counts) this.add(workspaceId, runs);
      for (const workspaceId of this.since) this.add(workspaceId, 1);
    } catch (error) {
      this.log.warn({ err: error }, 'Open runs cannot be counted.');
    } finally {
      this.countedAt = performance.now();
      this.tookMs = this.countedAt - from;
      this.counting = null;
    }
  }
}

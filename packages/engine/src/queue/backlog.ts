import { ProblemError } from '@errand/contracts';
import { countOpenRuns, DEFAULT_SLOTS } from '@errand/db';
import type { Log } from '@errand/ports/log';
import type pg from 'pg';

export type QueueOptions = {
  /** Maximum runs of one workspace that all processes together execute at the same time. */
  slots: number;
  /** Maximum open runs (held by a worker, or due); more are rejected. */
  maxBacklog: number;
  /** Maximum open runs of one workspace; more are rejected. */
  maxWorkspaceBacklog: number;
};

export const defaultQueueOptions: QueueOptions = {
  slots: DEFAULT_SLOTS,
  maxBacklog: 100_000,
  maxWorkspaceBacklog: 20_000,
};

/** Default slots of a workspace: at most 60 % of one worker's, so that other workspaces get some. */
export const slotsFor = (concurrency: number): number =>
  Math.max(1, Math.min(DEFAULT_SLOTS, Math.floor(concurrency * 0.6)));

/** Maximum age in ms of a count by which a run is accepted. */
const FRESH_MS = 1000;
/** Maximum age in ms of a count by which a run is rejected. */
const FRESH_TO_REFUSE_MS = 100;
/** Maximum fraction of the time spent counting: a slow count is repeated less often. */
const COUNTING_FRACTION = 1 / 20;
const RETRY_AFTER = '5';

/** Too many runs are open: the new one was not stored. */
export class BacklogFull extends ProblemError {
  constructor(reason: string) {
    const detail = `${reason} This run was not accepted. Try again later.`;
    super('unavailable', detail, { headers: { 'retry-after': RETRY_AFTER } });
  }
}

/**
 * Rejects runs when too many are open. Postgres counts them about once a second while runs are created. Accepted runs of this process
 * count at once, those of other processes with the next count.
 */
export class Backlog {
  #counts = new Map<string, number>();
  #total = 0;
  /** Workspaces of the runs accepted since the current count began, which may miss these runs. */
  #acceptedSinceCount: string[] = [];
  #countedAt = Number.NEGATIVE_INFINITY;
  /** Workspaces of the runs that were accepted during the last count, which may have counted these runs twice. */
  #countedTwice: ReadonlySet<string> = new Set();
  #countMs = 0;
  #counting: Promise<void> | null = null;

  constructor(
    private readonly pool: pg.Pool,
    private readonly log: Log,
    private readonly options: QueueOptions,
  ) {}

  /** Accepts a new run. Waits for a new count only before rejecting it. @throws BacklogFull with Retry-After */
  async accept(workspaceId: string): Promise<void> {
    this.#countIfOlderThan(FRESH_MS);
    if (this.#isFull(workspaceId)) {
      this.#countIfOlderThan(FRESH_TO_REFUSE_MS);
      await this.#counting;
      if (this.#countedTwice.has(workspaceId) && this.#isFull(workspaceId)) {
        this.#counting ??= this.#count();
        await this.#counting;
      }
    }
    if (this.#isFull(workspaceId)) {
      throw new BacklogFull(
        this.#total >= this.options.maxBacklog ? 'Too many runs are open.' : 'The workspace has too many open runs.',
      );
    }
    this.#add(workspaceId, 1);
    if (this.#counting) this.#acceptedSinceCount.push(workspaceId);
  }

  #isFull(workspaceId: string): boolean {
    const { maxBacklog, maxWorkspaceBacklog } = this.options;
    return this.#total >= maxBacklog || (this.#counts.get(workspaceId) ?? 0) >= maxWorkspaceBacklog;
  }

  #add(workspaceId: string, runs: number): void {
    this.#counts.set(workspaceId, (this.#counts.get(workspaceId) ?? 0) + runs);
    this.#total += runs;
  }

  #countIfOlderThan(ms: number): void {
    if (performance.now() - this.#countedAt > Math.max(ms, this.#countMs / COUNTING_FRACTION))
      this.#counting ??= this.#count();
  }

  async #count(): Promise<void> {
    const startedAt = performance.now();
    this.#acceptedSinceCount = [];
    try {
      const counts = await countOpenRuns(this.pool);
      this.#counts = new Map();
      this.#total = 0;
      for (const [workspaceId, runs] of counts) this.#add(workspaceId, runs);
      for (const workspaceId of this.#acceptedSinceCount) this.#add(workspaceId, 1);
      this.#countedTwice = new Set(this.#acceptedSinceCount);
    } catch (error) {
      this.log.warn({ err: error }, 'Cannot count open runs.');
    } finally {
      this.#countedAt = performance.now();
      this.#countMs = this.#countedAt - startedAt;
      this.#counting = null;
    }
  }
}

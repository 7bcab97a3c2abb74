// The list of runs of one set of filters: pages that were read, kept up to date by the frames of the live stream.
import type { Inputs, Outputs } from '@errand/client/console';
import { isTerminal, isWaiting } from '@errand/contracts/labels';
import { money } from '../../display/money.ts';
import type { RunFrame } from '../../live/demand.ts';

type ListedRun = Outputs['runs']['list']['runs'][number];
/** The fields of a run that rows show: thousands of rows would keep gigabytes of results. */
export type Run = Pick<
  ListedRun,
  'runId' | 'status' | 'intent' | 'userId' | 'integrations' | 'requestedBy' | 'progress' | 'createdAt' | 'endedAt'
> & {
  executionPlanId: string;
  errorCode?: string | undefined;
  calls: number;
  tokens: number;
  cost?: string | undefined;
};

const MAX_INTENT = 500;

export const rowOf = (run: ListedRun): Run => ({
  runId: run.runId,
  status: run.status,
  intent: run.intent.slice(0, MAX_INTENT),
  userId: run.userId,
  integrations: run.integrations,
  requestedBy: run.requestedBy,
  progress: run.progress,
  createdAt: run.createdAt,
  endedAt: run.endedAt,
  executionPlanId: run.executionPlanId,
  errorCode: run.error?.code,
  calls: run.usage.toolCalls,
  tokens: run.usage.inputTokens + run.usage.outputTokens,
  cost: run.usage.cost && money(run.usage.cost),
});
export type Filters = Pick<
  Inputs['runs']['list'],
  | 'q'
  | 'status'
  | 'userId'
  | 'customerIntegrationIds'
  | 'tool'
  | 'requestedBy'
  | 'scheduleId'
  | 'actionKey'
  | 'createdAfter'
  | 'createdBefore'
  | 'waiting'
  | 'sort'
>;
export type Row = { run: Run /** The run changed and matches the filters no longer. */; isUnmatched: boolean };
export type ListState = {
  rows: readonly Row[];
  /** The number of matching runs when the list was read, and those that came since; absent while it is read. */
  total?: number | undefined;
  /** New runs that are not in `rows` yet. */
  unseen: number;
  hasMore: boolean;
  isReading: boolean;
  error?: unknown;
};

type Page = { runs: Run[]; total?: number | undefined; nextCursor?: string | undefined };
export type ReadRuns = {
  page(cursor: string | undefined): Promise<Page>;
  /** Those of the runs that match the filters, as they are now. */
  heads(runIds: string[]): Promise<Run[]>;
};

export const PAGE_SIZE = 100;
/** More rows than a person scrolls through. */
const MAX_ROWS = 20_000;
const MAX_HEADS = 100;
const MAX_UNSEEN = 1_000;
/** After a frame, so that several frames share a request. */
const FIRST_WAIT_MS = 100;
/** Between requests while frames go on. */
const BUSY_WAIT_MS = 1_000;

export type LiveRunsOptions = { filters: Filters; read: ReadRuns; now?: () => number };

export class LiveRuns {
  readonly #filters: Filters;
  readonly #read: ReadRuns;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  #state: ListState = { rows: [], unseen: 0, hasMore: true, isReading: false };
  #index = new Map<string, number>();
  #cursor: string | undefined;
  /** Known runs that changed since they were read. */
  readonly #changed = new Set<string>();
  /** Runs that were created since, and may match. */
  readonly #created = new Set<string>();
  #fresh: Run[] = [];
  #visible: readonly string[] = [];
  #isAtTop = true;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastReadAt = Number.NEGATIVE_INFINITY;

  constructor({ filters, read, now = Date.now }: LiveRunsOptions) {
    this.#filters = filters;
    this.#read = read;
    this.#now = now;
  }

  readonly get = (): ListState => this.#state;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Reads the first page if nothing was read yet. */
  start(): void {
    if (this.#state.rows.length === 0 && this.#state.hasMore) void this.readMore();
  }

  async readMore(): Promise<void> {
    const { isReading, hasMore, rows } = this.#state;
    if (isReading || !hasMore || rows.length >= MAX_ROWS) return;
    this.#change({ isReading: true, error: undefined });
    try {
      const { runs, total, nextCursor } = await this.#read.page(this.#cursor);
      this.#cursor = nextCursor;
      this.#append(runs);
      this.#change({
        isReading: false,
        hasMore: nextCursor !== undefined,
        ...(total === undefined ? {} : { total }),
      });
    } catch (error) {
      this.#change({ isReading: false, error });
    }
  }

  /** Forgets everything and reads from the beginning. */
  async restart(): Promise<void> {
    this.#cursor = undefined;
    this.#fresh = [];
    this.#changed.clear();
    this.#created.clear();
    this.#index = new Map();
    this.#change({ rows: [], unseen: 0, hasMore: true, isReading: false, total: undefined });
    await this.readMore();
  }

  /** Reads what may have happened while no frames came: the first page, and the rows on the screen. */
  async catchUp(): Promise<void> {
    if (this.#state.rows.length === 0) return this.start();
    for (const { run } of this.#state.rows) if (!isTerminal(run.status)) this.#changed.add(run.runId);
    try {
      const { runs } = await this.#read.page(undefined);
      const isKnown = ({ runId }: Run) => this.#index.has(runId);
      // More runs than a page came meanwhile: there would be a hole in the list.
      if (!runs.some(isKnown) && runs.length === PAGE_SIZE) return this.restart();
      for (const run of runs) if (isKnown(run)) this.#patch(run);
      this.#addFresh(runs.filter((run) => !isKnown(run)));
      this.#publish();
      this.#wake();
    } catch (error) {
      this.#change({ error });
    }
  }

  apply(frame: RunFrame): void {
    if (frame.type === 'snapshot') return;
    const { runId } = frame;
    const row = this.#rowOf(runId);
    if (frame.type === 'gone') {
      if (row) this.#setRow(runId, { ...row, isUnmatched: true });
    } else if (row) {
      if (row.run.status !== frame.status)
        this.#setRow(runId, { run: { ...row.run, status: frame.status }, isUnmatched: !this.#mayMatch(frame.status) });
      this.#changed.add(runId);
    } else if (frame.changed.includes('created') && this.#created.size < MAX_UNSEEN) this.#created.add(runId);
    this.#publish();
    this.#wake();
  }

  /** @param runIds the rows on the screen: only these are read again when they change */
  see(runIds: readonly string[], isAtTop: boolean): void {
    this.#visible = runIds;
    this.#isAtTop = isAtTop;
    if (isAtTop && this.#fresh.length > 0) this.showUnseen();
    this.#wake();
  }

  /** Puts the new runs on top of the list; with another order, reads it again. */
  showUnseen(): void {
    if (this.#filters.sort !== undefined && this.#filters.sort !== '-createdAt') return void this.restart();
    const rows = this.#fresh.map((run) => ({ run, isUnmatched: false }));
    this.#fresh = [];
    this.#setRows([...rows, ...this.#state.rows]);
    this.#publish();
  }

  #wake(): void {
    if (this.#timer !== undefined || this.#due().length === 0) return;
    const wait = Math.max(FIRST_WAIT_MS, this.#lastReadAt + BUSY_WAIT_MS - this.#now());
    this.#timer = setTimeout(() => void this.#readHeads(), wait);
  }

  #due(): string[] {
    const visible = this.#visible.filter((runId) => this.#changed.has(runId));
    return [...visible, ...this.#created].slice(0, MAX_HEADS);
  }

  async #readHeads(): Promise<void> {
    const due = this.#due();
    this.#lastReadAt = this.#now();
    for (const runId of due) {
      this.#changed.delete(runId);
      this.#created.delete(runId);
    }
    try {
      const runs = await this.#read.heads(due);
      const found = new Set(runs.map(({ runId }) => runId));
      for (const runId of due) {
        const row = this.#rowOf(runId);
        if (row && !found.has(runId)) this.#setRow(runId, { ...row, isUnmatched: true });
      }
      for (const run of runs) if (this.#index.has(run.runId)) this.#patch(run);
      this.#addFresh(runs.filter(({ runId }) => !this.#index.has(runId)));
    } catch {
      // The stream says so when the service is away, and everything is read after it.
    }
    this.#timer = undefined;
    this.#publish();
    this.#wake();
  }

  /** New runs go on top while the top is on the screen, so that nothing jumps under the eyes of the reader. */
  #addFresh(runs: Run[]): void {
    const known = new Set(this.#fresh.map(({ runId }) => runId));
    const added = runs.filter(({ runId }) => !known.has(runId));
    const { total } = this.#state;
    if (total !== undefined) this.#state = { ...this.#state, total: total + added.length };
    this.#fresh = [...added, ...this.#fresh]
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.runId.localeCompare(a.runId))
      .slice(0, MAX_UNSEEN);
    const isNewestFirst = this.#filters.sort === undefined || this.#filters.sort === '-createdAt';
    if (this.#isAtTop && isNewestFirst && this.#fresh.length > 0) this.showUnseen();
  }

  #append(runs: Run[]): void {
    const added = runs.filter(({ runId }) => !this.#index.has(runId));
    this.#setRows([...this.#state.rows, ...added.map((run) => ({ run, isUnmatched: false }))]);
  }

  #mayMatch(status: Run['status']): boolean {
    const { status: statuses, waiting } = this.#filters;
    if (statuses && !statuses.includes(status)) return false;
    return waiting !== true || isWaiting(status) || status === 'RUNNING';
  }

  #rowOf(runId: string): Row | undefined {
    const index = this.#index.get(runId);
    return index === undefined ? undefined : this.#state.rows[index];
  }

  #patch(run: Run): void {
    this.#setRow(run.runId, { run, isUnmatched: false });
  }

  #setRow(runId: string, row: Row): void {
    const index = this.#index.get(runId);
    if (index !== undefined) this.#state = { ...this.#state, rows: this.#state.rows.with(index, row) };
  }

  #setRows(rows: readonly Row[]): void {
    this.#index = new Map(rows.map(({ run }, index) => [run.runId, index]));
    this.#state = { ...this.#state, rows };
  }

  #change(change: Partial<ListState>): void {
    this.#state = { ...this.#state, ...change };
    this.#publish();
  }

  #publish(): void {
    const unseen = this.#fresh.length;
    if (unseen !== this.#state.unseen) this.#state = { ...this.#state, unseen };
    for (const listener of this.#listeners) listener();
  }
}

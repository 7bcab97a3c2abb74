import type { RunStatus } from '@errand/contracts';
import type { EventRow } from '@errand/db';
import type { FirstPage } from './channel.ts';
import { sizeOf } from './stream-frame.ts';

/** Maximum runs, and events and UTF-16 units of each run: longer logs are read in Postgres. */
const MAX_RUNS = 1000;
const MAX_EVENTS = 50;
const MAX_SIZE = 8192;
/** Maximum age in ms, in case another process has changed the run and its notification was lost. */
const MAX_AGE_MS = 5000;

type Run = { workspaceId: string; runId: string };
type RecentLog = { workspaceId: string; rows: EventRow[]; size: number; changedAt: number };

const newLog = (workspaceId: string): RecentLog => ({ workspaceId, rows: [], size: 0, changedAt: performance.now() });

/** The logs of runs that have just begun in this process, from their first event: most streams start then, and need no statement. */
export class RecentLogs {
  readonly #logs = new Map<string, RecentLog>();
  /** Recently forgotten runs: they have events that this process does not know. */
  readonly #forgotten = new Set<string>();

  /** Called after this process stored a run without events. */
  begin({ workspaceId, runId }: Run): void {
    if (!this.#logs.has(runId) && !this.#forgotten.has(runId)) this.#store(runId, newLog(workspaceId));
  }

  /**
   * Takes committed events of this process. An ended run can be removed at any time, so it is read in Postgres.
   * @returns whether this process wrote all events of the run
   */
  add({ workspaceId, runId }: Run, rows: readonly EventRow[]): boolean {
    const log = this.#logs.get(runId) ?? newLog(workspaceId);
    const isNext = rows[0]?.seq === log.rows.length + 1;
    log.rows.push(...rows);
    log.size += rows.reduce((sum, row) => sum + sizeOf(row), 0);
    log.changedAt = performance.now();
    const isOpen = rows.at(-1)?.type !== 'end';
    if (isNext && isOpen && log.rows.length <= MAX_EVENTS && log.size <= MAX_SIZE) this.#store(runId, log);
    else this.forget(runId);
    return isNext;
  }

  #store(runId: string, log: RecentLog): void {
    this.#logs.set(runId, log);
    if (this.#logs.size > MAX_RUNS) this.#logs.delete(this.#logs.keys().next().value!);
  }

  /** The status of a run and its events after `after`; undefined when only Postgres has them. */
  read({ workspaceId, runId }: Run, after: number): FirstPage | undefined {
    const log = this.#logs.get(runId);
    if (!log || log.workspaceId !== workspaceId || performance.now() - log.changedAt > MAX_AGE_MS) return undefined;
    const seq = log.rows.length;
    // Later events of another process may exist.
    if (after > seq) return undefined;
    const last = log.rows.at(-1);
    const status = last ? (JSON.parse(last.data) as { runStatus: RunStatus }).runStatus : 'QUEUED';
    return { head: { seq, status }, rows: log.rows.slice(after), hasMore: false };
  }

  /** Called after another process has changed the run. */
  forget(runId: string): void {
    this.#logs.delete(runId);
    this.#forgotten.add(runId);
    if (this.#forgotten.size > MAX_RUNS) this.#forgotten.delete(this.#forgotten.values().next().value!);
  }

  /** Called after a sibling has announced the run, which it may only have created: it reports changes of begun logs itself. */
  forgetUnlessBegun(runId: string): void {
    if ((this.#logs.get(runId)?.rows.length ?? 0) === 0) this.forget(runId);
  }

  /** Called when changes of other processes may have been missed. */
  forgetAll(): void {
    this.#logs.clear();
  }
}

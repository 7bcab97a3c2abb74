import { setTimeout as sleep } from 'node:timers/promises';
import { every } from '@errand/basics/every';
import { problem } from '@errand/contracts';
import { type RunFilter, type RunScope, readChangedRuns, readOpenRuns } from '@errand/db';
import type { Log } from '@errand/ports/log';
import type { SentEvents } from '../events/events.ts';
import type { Hub } from '../events/hub.ts';
import { checkFilter, filterText } from '../runs/list.ts';
import { LiveList, Watcher } from './live-list.ts';

/** How long a list without watchers is kept for reconnects, in ms. */
const IDLE_MS = 60_000;
const POLL_MS = 5000;
/** Maximum different filters: of a workspace, and of a process. */
const MAX_OF_WORKSPACE = 50;
const MAX_LISTS = 1000;

/** The watched lists of runs in this process, by workspace and filter. */
export class LiveLists {
  readonly #watched = new Map<string, { watch: WorkspaceWatch; unsubscribe: () => void }>();
  #stopPolling: (() => Promise<void>) | undefined;

  constructor(
    private readonly hub: Hub,
    private readonly log: Log,
  ) {}

  /**
   * Streams a `snapshot`, then the changes of a list. Watchers with equal filters share one list.
   * @param lastId the id of the last frame that the watcher received
   * @throws ProblemError validation_failed, too_many_streams; database errors
   */
  async watch(
    scope: RunScope,
    { lastId, signal, ...filter }: RunFilter & { lastId?: string; signal: AbortSignal },
  ): Promise<SentEvents> {
    checkFilter(filter);
    const key = filterText(filter);
    const watch = this.#watchOf(scope);
    if (!watch.lists.has(key)) this.#dropIdleList(watch);
    const list = await watch.open(key, filter);
    list.watchers++;
    return new Watcher(list, { lastId, signal }, () => {
      list.watchers--;
      list.idleSince = performance.now();
    });
  }

  async stop(): Promise<void> {
    await this.#stopPolling?.();
    for (const { unsubscribe } of this.#watched.values()) unsubscribe();
    this.#watched.clear();
  }

  #watchOf(scope: RunScope): WorkspaceWatch {
    let watched = this.#watched.get(scope.workspaceId);
    if (!watched) {
      const watch = new WorkspaceWatch(scope, this.log);
      watched = { watch, unsubscribe: this.hub.onChange(scope.workspaceId, watch.onChange) };
      this.#watched.set(scope.workspaceId, watched);
      this.#stopPolling ??= every(POLL_MS, async () => this.#poll());
    }
    return watched.watch;
  }

  #dropIdleList(watch: WorkspaceWatch): void {
    const all = [...this.#watched.values()].reduce((sum, watched) => sum + watched.watch.lists.size, 0);
    if (all < MAX_LISTS && watch.lists.size < MAX_OF_WORKSPACE) return;
    for (const [key, { list }] of watch.lists) {
      if (list.watchers > 0) continue;
      watch.lists.delete(key);
      return;
    }
    const limits = `${MAX_OF_WORKSPACE} of a workspace, ${MAX_LISTS} of the process`;
    const detail = `Too many lists with different filters are watched (${limits}). Use filters that others use.`;
    throw problem('too_many_streams', detail, { headers: { 'retry-after': '5' }, values: { max: MAX_OF_WORKSPACE } });
  }

  #poll(): void {
    for (const [workspaceId, { watch, unsubscribe }] of this.#watched) {
      for (const [key, { list }] of watch.lists)
        if (list.watchers === 0 && performance.now() - list.idleSince > IDLE_MS) watch.lists.delete(key);
      if (watch.lists.size === 0) {
        unsubscribe();
        this.#watched.delete(workspaceId);
      } else watch.poll();
    }
  }
}

/** Minimum time between two evaluations, in ms: changes in between share one evaluation and one frame. */
const EVALUATE_MS = 20;
/** Maximum runs of one evaluation. */
const RUNS_AT_ONCE = 500;
/** Delay after a failure, in ms. */
const RETRY_MS = 500;
/** Maximum open runs of a list with known state. */
const MAX_OPEN = 10_000;
/** Maximum changed runs that wait for evaluation; above it, watchers read their lists again. */
const MAX_CHANGED = 50_000;

/** The live lists of one workspace in this process. One statement evaluates each change for all lists. */
export class WorkspaceWatch {
  readonly lists = new Map<string, { list: LiveList; ready: Promise<void> }>();
  readonly #changed = new Set<string>();
  #mayHaveMissed = false;
  #evaluating = false;

  constructor(
    private readonly scope: RunScope,
    private readonly log: Log,
  ) {}

  /** The list of a filter, new or shared. Resolves once its open runs are known. @throws database errors */
  async open(key: string, filter: RunFilter): Promise<LiveList> {
    let entry = this.lists.get(key);
    if (!entry) {
      const list = new LiveList(filter);
      entry = { list, ready: this.#begin(list) };
      this.lists.set(key, entry);
      entry.ready.catch(() => this.lists.delete(key));
    }
    await entry.ready;
    return entry.list;
  }

  async #begin(list: LiveList): Promise<void> {
    if (!list.mayLoseRuns) return;
    const open = await readOpenRuns(this.scope, list.filter, MAX_OPEN + 1);
    list.begin(open.slice(0, MAX_OPEN), open.length <= MAX_OPEN);
  }

  /** Called with the changed runs; null if they are unknown. */
  readonly onChange = (runIds: readonly string[] | null): void => {
    if (runIds === null) this.#mayHaveMissed = true;
    for (const runId of runIds ?? []) this.#changed.add(runId);
    if (this.#changed.size > MAX_CHANGED) {
      this.#changed.clear();
      this.#mayHaveMissed = true;
    }
    if (!this.#evaluating) void this.#evaluate();
  };

  /** Evaluates all open runs of the lists, in case a process ended before it reported a change. */
  poll(): void {
    this.onChange([...this.lists.values()].flatMap(({ list }) => [...list.openRuns]));
  }

  async #evaluate(): Promise<void> {
    this.#evaluating = true;
    while (this.lists.size > 0 && (this.#changed.size > 0 || this.#mayHaveMissed)) {
      const pause = sleep(EVALUATE_MS, undefined, { ref: false });
      const missed = this.#mayHaveMissed;
      const runIds = [...this.#changed].slice(0, RUNS_AT_ONCE);
      this.#mayHaveMissed = false;
      for (const runId of runIds) this.#changed.delete(runId);
      try {
        if (missed) await this.#restart();
        await this.#applyChanges(runIds);
      } catch (error) {
        this.log.warn({ err: error }, 'Live lists could not be evaluated; trying again.');
        this.#mayHaveMissed ||= missed;
        for (const runId of runIds) this.#changed.add(runId);
        await sleep(RETRY_MS, undefined, { ref: false });
      }
      await pause;
    }
    this.#changed.clear();
    this.#evaluating = false;
  }

  // Watchers read their lists again; runs that have left the lists in the meantime are reported.
  async #restart(): Promise<void> {
    for (const list of await this.#readyLists()) {
      for (const runId of list.openRuns) this.#changed.add(runId);
      await this.#begin(list);
      list.restart();
    }
  }

  /** The lists with known open runs. A list that starts now reads them before its first change. */
  async #readyLists(): Promise<LiveList[]> {
    const all = await Promise.allSettled([...this.lists.values()].map(({ list, ready }) => ready.then(() => list)));
    return all.flatMap((settled) => (settled.status === 'fulfilled' ? [settled.value] : []));
  }

  async #applyChanges(runIds: readonly string[]): Promise<void> {
    const lists = await this.#readyLists();
    if (runIds.length === 0 || lists.length === 0) return;
    const filters: RunFilter[] = [];
    const positions = lists.map((list) => ({
      fits: filters.push(list.filter) - 1,
      lasting: list.mayLoseRuns ? filters.push(list.fixedFilter) - 1 : -1,
    }));
    const missing = new Set(runIds);
    for (const run of await readChangedRuns(this.scope, runIds, filters)) {
      missing.delete(run.runId);
      const fits = new Set(run.fits);
      for (const [i, list] of lists.entries())
        list.update(run, fits.has(positions[i]!.fits), fits.has(positions[i]!.lasting));
    }
    for (const runId of missing) for (const list of lists) list.remove(runId);
  }
}

import { every } from '@errand/basics/every';
import { problem } from '@errand/contracts';
import type { RunFilter, RunScope } from '@errand/db';
import type { Log } from '@errand/ports/log';
import type { SentEvents } from '../events/events.ts';
import type { Hub } from '../events/hub.ts';
import { checkFilter, filterText } from '../runs/list.ts';
import { Watcher } from './live-list.ts';
import { WorkspaceWatch } from './workspace-watch.ts';

/** How long a list without watchers is kept for reconnects, in ms. */
const IDLE_MS = 60_000;
const POLL_MS = 5000;
/** Maximum different filters: of a workspace, and of a process. */
const MAX_OF_WORKSPACE = 50;
const MAX_LISTS = 1000;

export class LiveLists {
  readonly #hub: Hub;
  readonly #log: Log;
  readonly #watched = new Map<string, { watch: WorkspaceWatch; end: () => void }>();
  #endPolling: (() => Promise<void>) | undefined;

  constructor(hub: Hub, log: Log) {
    this.#hub = hub;
    this.#log = log;
  }

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
    if (!watch.lists.has(key)) this.#makeRoom(watch);
    const list = await watch.open(key, filter);
    list.watchers++;
    return new Watcher(list, { lastId, signal }, () => {
      list.watchers--;
      list.idleSince = performance.now();
    });
  }

  async stop(): Promise<void> {
    await this.#endPolling?.();
    for (const { end } of this.#watched.values()) end();
    this.#watched.clear();
  }

  #watchOf(scope: RunScope): WorkspaceWatch {
    let watched = this.#watched.get(scope.workspaceId);
    if (!watched) {
      const watch = new WorkspaceWatch(scope, this.#log);
      watched = { watch, end: this.#hub.onChange(scope.workspaceId, watch.onChange) };
      this.#watched.set(scope.workspaceId, watched);
      this.#endPolling ??= every(POLL_MS, async () => this.#poll());
    }
    return watched.watch;
  }

  #makeRoom(watch: WorkspaceWatch): void {
    const all = [...this.#watched.values()].reduce((sum, watched) => sum + watched.watch.lists.size, 0);
    if (all < MAX_LISTS && watch.lists.size < MAX_OF_WORKSPACE) return;
    for (const [key, { list }] of watch.lists) {
      if (list.watchers > 0) continue;
      watch.lists.delete(key);
      return;
    }
    const most = `${MAX_OF_WORKSPACE} of a workspace, ${MAX_LISTS} of the process`;
    throw problem(
      'too_many_streams',
      `Too many lists with different filters are watched (${most}). Use filters that others use.`,
      {
        headers: { 'retry-after': '5' },
      },
    );
  }

  #poll(): void {
    for (const [workspaceId, { watch, end }] of this.#watched) {
      for (const [key, { list }] of watch.lists)
        if (list.watchers === 0 && performance.now() - list.idleSince > IDLE_MS) watch.lists.delete(key);
      if (watch.lists.size === 0) {
        end();
        this.#watched.delete(workspaceId);
      } else watch.poll();
    }
  }
}

import { every } from '@errand/basics/every';
import { type RunScope, readHeads } from '@errand/db';
import type { CallPauses } from '@errand/ports/call-pauses';
import type { Log } from '@errand/ports/log';
import type { Siblings } from '@errand/ports/siblings';
import type pg from 'pg';
import type { PublishedEvent, RunRef } from '../model/transition.ts';
import { Channel, type FirstPage } from './channel.ts';
import { LogReader } from './log-reader.ts';
import { Notifications } from './notifications.ts';
import { Progress } from './progress.ts';
import { RecentLogs } from './recent-logs.ts';
import { SiblingLogs } from './sibling-logs.ts';

/** Polling interval in ms, in case a notification was lost with its connection. */
const POLL_MS = 5000;
const WANTS_PER_PAYLOAD = 200;
/** Delay in ms before other processes are asked for the progress of a run: many runs end sooner. */
const WANT_WINDOW_MS = 50;

/** Called with the changed runs of a workspace; with null when changes may have been missed. */
export type ChangeListener = (runIds: readonly string[] | null) => void;

/**
 * Wakes the followers of a run in this process: at once for events of this process and of its siblings, through LISTEN for events of
 * others, and by a slow poll if all fail. Streams show only the log in Postgres; the hub decides when to read it.
 */
export class Hub {
  readonly #notifications: Notifications;

  /** By run id. Before its first read a follower may name a run of another workspace, so each workspace has its own channel. */
  readonly #channels = new Map<string, readonly Channel[]>();
  readonly recentLogs = new RecentLogs();
  readonly #changeListeners = new Map<string, Set<ChangeListener>>();
  readonly #writtenListeners = new Set<(runId: string) => void>();
  readonly #dueListeners = new Set<(hops: number) => void>();
  readonly progress = new Progress({
    isFollowed: (runId) => this.#channelsOf(runId).some((channel) => channel.showsProgress),
    show: (runId, key, json) => {
      for (const channel of this.#channelsOf(runId)) channel.showProgress(key, json);
    },
    hide: (runId, key) => {
      for (const channel of this.#channelsOf(runId)) channel.hideProgress(key);
    },
    send: (text) => this.#notifications.sendProgress(`p|${text}`),
  });
  /** Runs for which the progress in other processes will be requested. */
  readonly #progressRequests = new Set<string>();
  #progressTimer: NodeJS.Timeout | undefined;
  #stopPolling = async () => {};
  readonly #siblings: Siblings | undefined;
  readonly #siblingLogs: SiblingLogs | undefined;
  readonly #logReader: LogReader;

  constructor(
    private readonly pool: pg.Pool,
    connect: () => Promise<pg.Client>,
    private readonly log: Log,
    { siblings, callPauses }: { siblings?: Siblings | undefined; callPauses?: CallPauses | undefined } = {},
  ) {
    this.#siblings = siblings;
    this.#logReader = new LogReader(pool);
    this.#siblingLogs = siblings && this.#followSiblings(siblings);
    this.#notifications = new Notifications(pool, connect, log, {
      onRuns: (workspaceId, runIds, isSibling) => this.#onRuns(workspaceId, runIds, isSibling),
      onProgress: (message) => this.#onProgress(message),
      onDue: () => this.#onDueElsewhere(),
      onListening: () => {
        this.#onListening();
        void callPauses?.load();
      },
      callPauses,
      siblings,
    });
  }

  #followSiblings(siblings: Siblings): SiblingLogs {
    return new SiblingLogs({
      siblings,
      recentLog: (run) => this.recentLogs.read(run, 0),
      deliver: (run, rows) => {
        const channel = this.#channel(run);
        const newRows = channel ? rows.filter(({ seq }) => seq > channel.head) : [];
        if (newRows.length > 0) channel!.push(newRows);
        return channel !== undefined;
      },
      refresh: (run) => this.#channel(run)?.refresh(),
      onWritten: (runId) => {
        this.recentLogs.forget(runId);
        this.#notifyWritten(runId);
      },
      onMissed: () => this.recentLogs.forgetAll(),
      onDue: (hops) => this.#onDue(hops),
    });
  }

  async start(): Promise<void> {
    await this.#notifications.listen();
    this.#stopPolling = every(POLL_MS, () => this.#poll());
  }

  async stop(): Promise<void> {
    this.#notifications.beginStop();
    this.progress.stop();
    clearTimeout(this.#progressTimer);
    await this.#stopPolling();
    await this.#notifications.stop();
  }

  /** Calls `listener` with the id of each run that another process wrote. */
  onWrittenElsewhere(listener: (runId: string) => void): void {
    this.#writtenListeners.add(listener);
  }

  /** Calls `listener` whenever another process reports that runs are due, with the number of siblings that may be asked next. */
  onDue(listener: (hops: number) => void): void {
    this.#dueListeners.add(listener);
  }

  /** Notifies other processes that runs are due, because this one cannot claim them: one sibling, and other machines. */
  readonly announceDue = (): void => {
    this.#siblingLogs?.passDue();
    this.#notifications.announceDue();
  };

  /** Asks a sibling to claim due runs, because this process cannot. */
  readonly passDue = (hops?: number): void => void this.#siblingLogs?.passDue(hops);

  /** Shows committed events of this process to its followers, and notifies other processes. */
  readonly publish = (run: RunRef, rows: readonly PublishedEvent[]): void => {
    const isOnlyWriter = this.recentLogs.add(run, rows);
    this.#channel(run)?.push(rows);
    this.#siblingLogs?.publish(run, rows, isOnlyWriter);
    this.announceChange(run);
  };

  /** The status of a run and its events after `after` from the memory of this process or a sibling; undefined when only Postgres has them. */
  recentPage(run: RunRef, after: number): FirstPage | undefined | Promise<FirstPage | undefined> {
    const page = this.recentLogs.read(run, after);
    if (page || !this.#siblingLogs) return page;
    return this.#siblingLogs.open(run)?.then((log) => {
      if (log && after <= log.head.seq) return { ...log, rows: log.rows.slice(after) };
      return undefined;
    });
  }

  /** Notifies the watchers of the workspace, in all processes, that a run has changed. */
  readonly announceChange = (run: RunRef): void => {
    this.#notifyWatchers(run.workspaceId, [run.runId]);
    this.#notifications.announceRun(run);
  };

  /** Tells the watchers of lists, in all processes, that runs were removed. */
  readonly announceRemoved = (workspaceId: string, runIds: readonly string[]): void => {
    for (const runId of runIds) this.announceChange({ workspaceId, runId });
  };

  /** Called after this process stored a run. @param seq number of its newest event, 0 without events */
  readonly announceCreated = (run: RunRef, seq: number): void => {
    if (seq === 0) this.recentLogs.begin(run);
    this.announceChange(run);
  };

  /** Calls `listener` with the changed runs of a workspace, in any process. @returns unsubscribes */
  onChange(workspaceId: string, listener: ChangeListener): () => void {
    const listeners = this.#changeListeners.get(workspaceId) ?? new Set();
    this.#changeListeners.set(workspaceId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#changeListeners.delete(workspaceId);
    };
  }

  #notifyWatchers(workspaceId: string, runIds: readonly string[] | null): void {
    for (const listener of this.#changeListeners.get(workspaceId) ?? []) listener(runIds);
  }

  /** The shared channel of a run. Call its `join` at once: the hub removes the channel when its last follower leaves. */
  channelOf(scope: RunScope, runId: string): Channel {
    const existing = this.#channel({ workspaceId: scope.workspaceId, runId });
    if (existing) return existing;
    const onEmpty = () => {
      const others = this.#channelsOf(runId).filter((channel) => channel !== created);
      if (others.length > 0) this.#channels.set(runId, others);
      else this.#channels.delete(runId);
      this.#siblingLogs?.close({ workspaceId: scope.workspaceId, runId });
    };
    const created: Channel = new Channel(scope, runId, { readNew: (at) => this.#logReader.read(at), onEmpty });
    this.#channels.set(runId, [...this.#channelsOf(runId), created]);
    return created;
  }

  #channelsOf(runId: string): readonly Channel[] {
    return this.#channels.get(runId) ?? [];
  }

  #channel({ workspaceId, runId }: RunRef): Channel | undefined {
    return this.#channelsOf(runId).find((channel) => channel.scope.workspaceId === workspaceId);
  }

  #onListening(): void {
    this.recentLogs.forgetAll();
    for (const channels of this.#channels.values()) for (const channel of channels) channel.refresh();
    for (const workspaceId of this.#changeListeners.keys()) this.#notifyWatchers(workspaceId, null);
    this.#onDue(0);
  }

  // One process of a machine answers to other machines; it passes the message on if it cannot claim.
  #onDueElsewhere(): void {
    if (!this.#siblings || this.#siblings.isLeader()) this.#onDue(this.#siblings?.ids().length ?? 0);
  }

  #onDue(hops: number): void {
    for (const listener of this.#dueListeners) listener(hops);
  }

  #onRuns(workspaceId: string, runIds: readonly string[], isSibling: boolean): void {
    for (const runId of runIds) {
      if (isSibling) this.recentLogs.forgetUnlessBegun(runId);
      else this.recentLogs.forget(runId);
      const channel = this.#channel({ workspaceId, runId });
      if (isSibling && channel) this.#siblingLogs?.onWritten({ workspaceId, runId });
      else channel?.refresh();
      this.#notifyWritten(runId);
    }
    this.#notifyWatchers(workspaceId, runIds);
  }

  #notifyWritten(runId: string): void {
    for (const listener of this.#writtenListeners) listener(runId);
  }

  // `w` with ids of runs that another process follows, or `p` with its calls in flight.
  #onProgress(message: string): void {
    const [kind = '', text = ''] = message.split('|');
    if (kind === 'w') this.progress.followElsewhere(text.split(','));
    else this.progress.receive(text);
  }

  /** Requests the calls in flight of a followed run. Only the first follower is shown calls that began before it joined. */
  readonly requestProgress = (runId: string): void => {
    if (this.#channelsOf(runId).some(({ size }) => size === 1)) this.progress.follow(runId);
    this.#progressRequests.add(runId);
    this.#progressTimer ??= setTimeout(() => {
      this.#progressTimer = undefined;
      this.#askForProgress(
        [...this.#progressRequests].filter((id) => this.#channelsOf(id).some((channel) => channel.showsProgress)),
      );
      this.#progressRequests.clear();
    }, WANT_WINDOW_MS).unref();
  };

  #askForProgress(runIds: readonly string[]): void {
    for (let at = 0; at < runIds.length; at += WANTS_PER_PAYLOAD)
      this.#notifications.sendProgress(`w|${runIds.slice(at, at + WANTS_PER_PAYLOAD).join(',')}`);
  }

  async #poll(): Promise<void> {
    this.#notifications.ping();
    const channels = [...this.#channels.values()].flat();
    if (channels.length === 0) return;
    this.#askForProgress(channels.flatMap(({ showsProgress, runId }) => (showsProgress ? [runId] : [])));
    try {
      const runs = channels.map(({ scope, runId }) => ({ workspaceId: scope.workspaceId, runId }));
      for (const { runId, seq } of await readHeads(this.pool, runs)) {
        for (const channel of this.#channelsOf(runId)) if (channel.head < seq) channel.refresh();
      }
    } catch (error) {
      this.log.warn({ err: error }, 'Cannot poll for events.');
    }
  }
}

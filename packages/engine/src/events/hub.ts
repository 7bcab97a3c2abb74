import { randomUUID } from 'node:crypto';
import { every } from '@errand/basics/every';
import { type EventRow, type RunScope, readHeads } from '@errand/db';
import type { Log } from '@errand/ports/log';
import type pg from 'pg';
import type { RunRef } from '../model/transition.ts';
import { Channel } from './channel.ts';
import { payloadsOf } from './payloads.ts';
import { Progress } from './progress.ts';
import { RecentLogs } from './recent-logs.ts';

const NOTIFY_CHANNEL = 'errand_events';
const DUE_CHANNEL = 'errand_due';
const PROGRESS_CHANNEL = 'errand_progress';
/** Notifications are collected for this many ms, and until so many after the last one: a NOTIFY in each commit would take a lock that all writers share. */
const [NOTIFY_WINDOW_MS, BUSY_WINDOW_MS] = [3, 20];
/** Polling interval in ms, in case a notification was lost with its connection. */
const POLL_MS = 5000;
const WANTS_PER_PAYLOAD = 200;
/** Other processes are asked for progress of a run that is followed for this many ms: many runs are over by then. */
const WANT_WINDOW_MS = 50;

/** Called with the runs of a workspace that have changed; with null when changes may have been missed. */
export type ChangeListener = (runIds: readonly string[] | null) => void;

/**
 * Wakes the followers of a run in this process: at once when this process wrote events, through LISTEN when another one did, and by a
 * slow poll if both fail. Streams show only what the log in Postgres has; the hub only says when to read it.
 */
export class Hub {
  readonly #pool: pg.Pool;
  readonly #connect: () => Promise<pg.Client>;
  readonly #log: Log;

  readonly #id = randomUUID();
  /** By id of the run. Until its first read, nobody knows whether a follower's workspace has such a run: each workspace has its own. */
  readonly #channels = new Map<string, readonly Channel[]>();
  readonly recent = new RecentLogs();
  /** By workspace, what other processes are to be notified of. */
  readonly #pending = new Map<string, Set<string>>();
  readonly #changeListeners = new Map<string, Set<ChangeListener>>();
  readonly #writtenListeners = new Set<(runId: string) => void>();
  readonly #dueListeners = new Set<() => void>();
  #dueIsPending = false;
  /** Payloads about progress: `w` and the ids of runs that are followed here, or `p` and what is under way here. */
  readonly #pendingProgress: string[] = [];
  readonly progress = new Progress({
    isFollowed: (runId) => this.#of(runId).some((channel) => channel.showsProgress),
    show: (runId, key, json) => {
      for (const channel of this.#of(runId)) channel.showProgress(key, json);
    },
    hide: (runId, key) => {
      for (const channel of this.#of(runId)) channel.hideProgress(key);
    },
    send: (text) => {
      this.#pendingProgress.push(`p|${text}`);
      this.#scheduleNotify();
    },
  });
  /** Runs for whose progress other processes are to be asked. */
  readonly #wants = new Set<string>();
  #wantTimer: NodeJS.Timeout | undefined;
  #notifyTimer: NodeJS.Timeout | null = null;
  #notifyAt = 0;
  #notifiedAt = Number.NEGATIVE_INFINITY;
  #sending: Promise<void> | null = null;
  #endPolling = async () => {};
  #listening: pg.Client | null = null;
  #stopped = false;
  #warned = false;

  constructor(pool: pg.Pool, connect: () => Promise<pg.Client>, log: Log) {
    this.#pool = pool;
    this.#connect = connect;
    this.#log = log;
  }

  /** Starts to listen for other processes. */
  async start(): Promise<void> {
    await this.#listen();
    this.#endPolling = every(POLL_MS, () => this.#poll());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.progress.stop();
    clearTimeout(this.#wantTimer);
    await this.#endPolling();
    clearTimeout(this.#notifyTimer ?? undefined);
    await this.#notify();
    await this.#listening?.end().catch(() => {});
  }

  /** Calls `listener` with the id of each run that another process wrote. */
  onWrittenElsewhere(listener: (runId: string) => void): void {
    this.#writtenListeners.add(listener);
  }

  /** Calls `listener` whenever another process notifies that runs are due. */
  onDue(listener: () => void): void {
    this.#dueListeners.add(listener);
  }

  /** Notifies other processes that runs are due, because this one cannot claim them. */
  readonly announceDue = (): void => {
    this.#dueIsPending = true;
    this.#scheduleNotify(NOTIFY_WINDOW_MS);
  };

  /** Shows events that this process has committed to their followers here, and notifies other processes. */
  readonly publish = (run: RunRef, rows: readonly EventRow[]): void => {
    this.recent.add(run, rows);
    this.#find(run)?.push(rows);
    this.announceChange(run);
  };

  /** Tells those who watch the workspace, here and in other processes, that a run has changed. */
  readonly announceChange = ({ workspaceId, runId }: RunRef): void => {
    const pending = this.#pending.get(workspaceId);
    if (pending) pending.add(runId);
    else this.#pending.set(workspaceId, new Set([runId]));
    this.#tell(workspaceId, [runId]);
    this.#scheduleNotify();
  };

  /** A run was stored here. @param seq number of its newest event; 0: it has none, and the first one is seen here or announced */
  readonly announceCreated = (run: RunRef, seq: number): void => {
    if (seq === 0) this.recent.begin(run);
    this.announceChange(run);
  };

  /** Calls `listener` with the runs of a workspace that change, in any process. @returns ends it */
  onChange(workspaceId: string, listener: ChangeListener): () => void {
    const listeners = this.#changeListeners.get(workspaceId) ?? new Set();
    this.#changeListeners.set(workspaceId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#changeListeners.delete(workspaceId);
    };
  }

  #tell(workspaceId: string, runIds: readonly string[] | null): void {
    for (const listener of this.#changeListeners.get(workspaceId) ?? []) listener(runIds);
  }

  /** The channel of a run, shared by its followers. Call its `join` at once: the hub forgets the channel when no follower is left. */
  channelOf(scope: RunScope, runId: string): Channel {
    const found = this.#find({ workspaceId: scope.workspaceId, runId });
    if (found) return found;
    const made: Channel = new Channel(scope, runId, () => {
      const others = this.#of(runId).filter((one) => one !== made);
      if (others.length > 0) this.#channels.set(runId, others);
      else this.#channels.delete(runId);
    });
    this.#channels.set(runId, [...this.#of(runId), made]);
    return made;
  }

  #of(runId: string): readonly Channel[] {
    return this.#channels.get(runId) ?? [];
  }

  #find({ workspaceId, runId }: RunRef): Channel | undefined {
    return this.#of(runId).find((channel) => channel.scope.workspaceId === workspaceId);
  }

  #scheduleNotify(ms = Math.max(NOTIFY_WINDOW_MS, this.#notifiedAt + BUSY_WINDOW_MS - performance.now())): void {
    const at = performance.now() + ms;
    if (this.#notifyTimer && at >= this.#notifyAt) return;
    clearTimeout(this.#notifyTimer ?? undefined);
    this.#notifyAt = at;
    this.#notifyTimer = setTimeout(() => void this.#notify(), ms);
  }

  // One notification at a time: what arrives meanwhile is in the next one.
  async #notify(): Promise<void> {
    await this.#sending;
    this.#notifyTimer = null;
    this.#sending = this.#notifyPending();
    await this.#sending;
  }

  async #notifyPending(): Promise<void> {
    const payloads = payloadsOf(this.#id, this.#pending).map((payload) => [NOTIFY_CHANNEL, payload]);
    this.#pending.clear();
    // Before the events, which may say that a call has ended.
    for (const payload of this.#pendingProgress.splice(0))
      payloads.unshift([PROGRESS_CHANNEL, `${this.#id}|${payload}`]);
    if (this.#dueIsPending) payloads.unshift([DUE_CHANNEL, this.#id]);
    this.#dueIsPending = false;
    if (payloads.length === 0) return;
    this.#notifiedAt = performance.now();
    const values = [payloads.map(([channel]) => channel), payloads.map(([, payload]) => payload)];
    const text = 'SELECT pg_notify(n.channel, n.payload) FROM unnest($1::text[], $2::text[]) AS n(channel, payload)';
    await (this.#listening ?? this.#pool).query({ name: 'hub_notify', text, values }).catch((error) => {
      this.#log.warn({ err: error }, 'Other processes were not notified of events; they will find them by polling.');
    });
  }

  async #listen(): Promise<void> {
    if (this.#stopped) return;
    let client: pg.Client | undefined;
    try {
      client = await this.#connect();
      client.on('error', () => {});
      client.on('notification', ({ channel, payload = '' }) => {
        if (channel === NOTIFY_CHANNEL) this.#onNotification(payload);
        else if (channel === PROGRESS_CHANNEL) this.#onProgress(payload);
        else if (payload !== this.#id) for (const listener of this.#dueListeners) listener();
      });
      // Notifications are committed under a lock that all notifiers share: they must not wait for the disk and need not survive a crash.
      await client.query(
        `SET synchronous_commit = off; LISTEN ${NOTIFY_CHANNEL}; LISTEN ${DUE_CHANNEL}; LISTEN ${PROGRESS_CHANNEL}`,
      );
      client.once('end', () => this.#relisten());
      this.#listening = client;
      this.#warned = false;
      this.recent.forgetAll();
      if (this.#stopped) await client.end();
      for (const channels of this.#channels.values()) for (const channel of channels) channel.poke();
      for (const workspaceId of this.#changeListeners.keys()) this.#tell(workspaceId, null);
      for (const listener of this.#dueListeners) listener();
    } catch (error) {
      if (!this.#warned) this.#log.warn({ err: error }, 'Cannot listen for events; trying again.');
      this.#warned = true;
      client?.end().catch(() => {});
      this.#relisten();
    }
  }

  #relisten(): void {
    this.#listening = null;
    if (!this.#stopped) setTimeout(() => void this.#listen(), 500).unref();
  }

  #onNotification(payload: string): void {
    const bar = payload.indexOf('|');
    if (payload.slice(0, bar) === this.#id) return;
    for (const part of payload.slice(bar + 1).split(';')) {
      const [workspaceId = '', ids = ''] = part.split(':');
      const runIds = ids.split(',');
      for (const runId of runIds) {
        this.recent.forget(runId);
        this.#find({ workspaceId, runId })?.poke();
        for (const listener of this.#writtenListeners) listener(runId);
      }
      this.#tell(workspaceId, runIds);
    }
  }

  #onProgress(payload: string): void {
    const [id = '', kind = '', text = ''] = payload.split('|');
    if (id === this.#id) return;
    if (kind === 'w') this.progress.want(text.split(','));
    else this.progress.receive(text);
  }

  /** A follower of a run wants to know which calls are under way. Only the first one is told of those that began before it came. */
  readonly wantProgress = (runId: string): void => {
    if (this.#of(runId).some(({ size }) => size === 1)) this.progress.follow(runId);
    this.#wants.add(runId);
    this.#wantTimer ??= setTimeout(() => {
      this.#wantTimer = undefined;
      this.#askForProgress([...this.#wants].filter((id) => this.#of(id).some((channel) => channel.showsProgress)));
      this.#wants.clear();
    }, WANT_WINDOW_MS).unref();
  };

  // Asks the other processes to tell which calls of runs are under way.
  #askForProgress(runIds: readonly string[]): void {
    for (let at = 0; at < runIds.length; at += WANTS_PER_PAYLOAD)
      this.#pendingProgress.push(`w|${runIds.slice(at, at + WANTS_PER_PAYLOAD).join(',')}`);
    if (runIds.length > 0) this.#scheduleNotify();
  }

  // A hanging connection does not end by itself: it gets a query, and is closed when it does not answer in time.
  async #ping(before: Promise<void> | null): Promise<void> {
    await before;
    const client = this.#listening;
    await client?.query('SELECT 1').catch(() => void client.end().catch(() => {}));
  }

  async #poll(): Promise<void> {
    // In the queue of notifications, because the connection answers one query at a time.
    this.#sending = this.#ping(this.#sending);
    const channels = [...this.#channels.values()].flat();
    const open = channels.map((c) => ({ workspaceId: c.scope.workspaceId, runId: c.runId }));
    if (open.length === 0) return;
    this.#askForProgress(channels.flatMap((c) => (c.showsProgress ? [c.runId] : [])));
    try {
      for (const { runId, seq } of await readHeads(this.#pool, open)) {
        for (const channel of this.#of(runId)) if (channel.head < seq) channel.poke();
      }
    } catch (error) {
      this.#log.warn({ err: error }, 'Cannot poll for events.');
    }
  }
}

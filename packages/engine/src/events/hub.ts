import { randomUUID } from 'node:crypto';
import { type EventRow, type RunScope, readHeads } from '@errand/db';
import type pg from 'pg';
import type { Log } from '../ports.ts';
import { Channel } from './channel.ts';

const NOTIFY_CHANNEL = 'errand_events';
const DUE_CHANNEL = 'errand_due';
/** Notifications are gathered this long: one inside every commit would take a lock that all writers share. */
const GATHER_MS = 3;
/** Backstop for notifications that were lost with a connection. */
const POLL_MS = 5000;
/** A payload holds less than 8,000 bytes: 200 run ids. */
const IDS_APAYLOAD = 200;

type Key = { workspaceId: string; runId: string };

/**
 * Wakes whoever follows a run in this process: by its own writers at once, by other processes' through LISTEN, and by a slow
 * poll when both fail. The log in Postgres stays the only truth; the hub never decides what a stream shows.
 */
export class Hub {
  private readonly id = randomUUID();
  private readonly channels = new Map<string, Channel>();
  private readonly gathered = new Set<string>();
  private readonly listeners = new Set<(runId: string) => void>();
  private readonly dueListeners = new Set<() => void>();
  private due = false;
  private gatherTimer: NodeJS.Timeout | null = null;
  private telling: Promise<void> | null = null;
  private pollTimer: NodeJS.Timeout | null = null;
  private listening: pg.Client | null = null;
  private stopped = false;
  private quiet = false;

  constructor(
    private readonly pool: pg.Pool,
    private readonly connect: () => Promise<pg.Client>,
    private readonly log: Log,
  ) {}

  /** Starts to listen for other processes. */
  async start(): Promise<void> {
    await this.listen();
    this.pollTimer = setInterval(() => void this.poll(), POLL_MS);
    this.pollTimer.unref();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.pollTimer) clearInterval(this.pollTimer);
    if (this.gatherTimer) clearTimeout(this.gatherTimer);
    await this.notify();
    await this.listening?.end().catch(() => {});
  }

  /** Calls `listener` whenever a run was written by another process. */
  onForeign(listener: (runId: string) => void): void {
    this.listeners.add(listener);
  }

  /** Calls `listener` whenever another process says that runs are due. */
  onDue(listener: () => void): void {
    this.dueListeners.add(listener);
  }

  /** Runs are due, and this process cannot take them. */
  readonly announceDue = (): void => {
    this.due = true;
    this.gather();
  };

  /** Events were committed by this process. */
  readonly publish = (_workspaceId: string, runId: string, rows: readonly EventRow[]): void => {
    this.channels.get(runId)?.push(rows);
    this.gathered.add(runId);
    this.gather();
  };

  /** The channel of a run, shared by all who follow it. Join it at once: an empty one is forgotten when its last follower leaves. */
  join(scope: RunScope, runId: string): Channel {
    let channel = this.channels.get(runId);
    if (!channel) {
      const made: Channel = new Channel(scope, runId, () => {
        if (this.channels.get(runId) === made) this.channels.delete(runId);
      });
      channel = made;
      this.channels.set(runId, made);
    }
    return channel;
  }

  private gather(): void {
    this.gatherTimer ??= setTimeout(() => void this.notify(), GATHER_MS);
  }

  // One announcement after another: what comes meanwhile is in the next one.
  private async notify(): Promise<void> {
    await this.telling;
    this.gatherTimer = null;
    this.telling = this.tellAll();
    await this.telling;
  }

  private async tellAll(): Promise<void> {
    const ids = [...this.gathered];
    this.gathered.clear();
    if (this.due) {
      this.due = false;
      await this.tell(DUE_CHANNEL, this.id);
    }
    for (let i = 0; i < ids.length; i += IDS_APAYLOAD) {
      await this.tell(NOTIFY_CHANNEL, `${this.id}|${ids.slice(i, i + IDS_APAYLOAD).join(',')}`);
    }
  }

  private async tell(channel: string, payload: string): Promise<void> {
    await (this.listening ?? this.pool)
      .query({ name: 'hub_notify', text: 'SELECT pg_notify($1, $2)', values: [channel, payload] })
      .catch((error) => {
        this.log.warn({ err: error }, 'Other processes were not told of news; they will find it by polling.');
      });
  }

  private async listen(): Promise<void> {
    if (this.stopped) return;
    let client: pg.Client | undefined;
    try {
      client = await this.connect();
      client.on('error', () => {});
      client.on('notification', ({ channel, payload = '' }) => {
        if (channel === NOTIFY_CHANNEL) this.heard(payload);
        else if (payload !== this.id) for (const listener of this.dueListeners) listener();
      });
      // An announcement is committed under a lock that all who announce share: it must not wait for the disk, and need not last.
      await client.query(`SET synchronous_commit = off; LISTEN ${NOTIFY_CHANNEL}; LISTEN ${DUE_CHANNEL}`);
      client.once('end', () => this.relisten());
      this.listening = client;
      this.quiet = false;
      if (this.stopped) await client.end();
      for (const channel of this.channels.values()) channel.poke();
      for (const listener of this.dueListeners) listener();
    } catch (error) {
      if (!this.quiet) this.log.warn({ err: error }, 'Cannot listen for events; trying again.');
      this.quiet = true;
      client?.end().catch(() => {});
      this.relisten();
    }
  }

  private relisten(): void {
    this.listening = null;
    if (!this.stopped) setTimeout(() => void this.listen(), 500).unref();
  }

  private heard(payload: string): void {
    const bar = payload.indexOf('|');
    if (payload.slice(0, bar) === this.id) return;
    for (const runId of payload.slice(bar + 1).split(',')) {
      this.channels.get(runId)?.poke();
      for (const listener of this.listeners) listener(runId);
    }
  }

  private async ask(before: Promise<void> | null): Promise<void> {
    await before;
    await this.listening?.query('SELECT 1').catch(() => {});
  }

  private async poll(): Promise<void> {
    // A connection that hangs does not end by itself: it must be asked, to be given up when it does not answer.
    this.telling = this.ask(this.telling);
    const open: Key[] = [...this.channels.values()].map((c) => ({ workspaceId: c.scope.workspaceId, runId: c.runId }));
    if (open.length === 0) return;
    try {
      for (const { runId, seq } of await readHeads(this.pool, open)) {
        const channel = this.channels.get(runId);
        if (channel && channel.head < seq) channel.poke();
      }
    } catch (error) {
      this.log.warn({ err: error }, 'Cannot poll for events.');
    }
  }
}

import { randomUUID } from 'node:crypto';
import type { CallPauses } from '@errand/ports/call-pauses';
import type { Log } from '@errand/ports/log';
import type { Siblings } from '@errand/ports/siblings';
import type pg from 'pg';
import type { RunRef } from '../model/transition.ts';

const NOTIFY_CHANNEL = 'errand_events';
const DUE_CHANNEL = 'errand_due';
const PROGRESS_CHANNEL = 'errand_progress';
/** Collects notifications for 3 ms, and until 20 ms after the last one: a NOTIFY in each commit would take a lock that all writers share. */
const [NOTIFY_WINDOW_MS, BUSY_WINDOW_MS] = [3, 20];
/** Processes of a machine that share one rate; more of them notify more often together. */
const MAX_SHARES = 5;
/** Delay before a lost connection is opened again, in ms. */
const RELISTEN_MS = 500;
/** Bytes of a payload; the limit of Postgres is 8,000. */
const PAYLOAD_BYTES = 7900;

export type NotificationHandlers = {
  /** Another process wrote runs of a workspace. */
  onRuns: (workspaceId: string, runIds: readonly string[], isSibling: boolean) => void;
  /** Another process sent a message about progress. */
  onProgress: (message: string) => void;
  /** A process of another machine made runs due. */
  onDue: () => void;
  /** Earlier notifications may have been missed. */
  onListening: () => void;
  /** Receives the pauses of calls that other processes begin. */
  callPauses?: CallPauses | undefined;
  /** The other processes of this machine. */
  siblings?: Siblings | undefined;
};

/** Notifies other processes through Postgres, and receives their notifications on its own connection. */
export class Notifications {
  /** Begins with the machine, so that siblings recognise each other. */
  readonly #id: string;
  readonly #machinePrefix: string | undefined;
  /** Runs that this process wrote, by workspace. */
  readonly #pending = new Map<string, Set<string>>();
  readonly #pendingProgress: string[] = [];
  #dueIsPending = false;
  #timer: NodeJS.Timeout | null = null;
  #sendAt = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  #sending: Promise<void> | null = null;
  #client: pg.Client | null = null;
  #stopped = false;
  #warned = false;

  constructor(
    private readonly pool: pg.Pool,
    private readonly connect: () => Promise<pg.Client>,
    private readonly log: Log,
    private readonly handlers: NotificationHandlers,
  ) {
    const { siblings } = handlers;
    this.#machinePrefix = siblings && `${siblings.machineId}.`;
    this.#id = `${this.#machinePrefix ?? ''}${randomUUID()}`;
  }

  /** Listens, and reconnects whenever the connection is lost. */
  async listen(): Promise<void> {
    if (this.#stopped) return;
    let client: pg.Client | undefined;
    try {
      client = await this.connect();
      client.on('error', () => {});
      client.on('notification', ({ channel, payload = '' }) => this.#receive(channel, payload));
      // Notifications are committed under a lock that all notifiers share: they must not wait for the disk and need not survive a crash.
      const channels = [NOTIFY_CHANNEL, DUE_CHANNEL, PROGRESS_CHANNEL, this.handlers.callPauses?.channel ?? []].flat();
      await client.query(`SET synchronous_commit = off; ${channels.map((name) => `LISTEN ${name}`).join('; ')}`);
      client.once('end', () => this.#relisten());
      this.#client = client;
      this.#warned = false;
      if (this.#stopped) await client.end();
      this.handlers.onListening();
    } catch (error) {
      if (!this.#warned) this.log.warn({ err: error }, 'Cannot listen for events; trying again.');
      this.#warned = true;
      client?.end().catch(() => {});
      this.#relisten();
    }
  }

  #relisten(): void {
    this.#client = null;
    if (!this.#stopped) setTimeout(() => void this.listen(), RELISTEN_MS).unref();
  }

  /** From now on no connection is opened. */
  beginStop(): void {
    this.#stopped = true;
  }

  /** Sends pending notifications, and closes the connection. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer ?? undefined);
    await this.#send();
    await this.#client?.end().catch(() => {});
  }

  announceRun({ workspaceId, runId }: RunRef): void {
    const runIds = this.#pending.get(workspaceId);
    if (runIds) runIds.add(runId);
    else this.#pending.set(workspaceId, new Set([runId]));
    this.#schedule();
  }

  announceDue(): void {
    this.#dueIsPending = true;
    this.#schedule(NOTIFY_WINDOW_MS);
  }

  sendProgress(message: string): void {
    this.#pendingProgress.push(message);
    this.#schedule();
  }

  /** Closes a connection that does not answer a query in time: a hanging connection emits no `end`. */
  ping(): void {
    // Queued with the notifications, because the connection answers one query at a time.
    this.#sending = this.#ping(this.#sending);
  }

  async #ping(before: Promise<void> | null): Promise<void> {
    await before;
    const client = this.#client;
    await client?.query('SELECT 1').catch(() => void client.end().catch(() => {}));
  }

  /** The processes of a machine share one rate, so that the notifications of a run do not grow with their number. */
  get #busyWindowMs(): number {
    return BUSY_WINDOW_MS * Math.min(MAX_SHARES, 1 + (this.handlers.siblings?.ids().length ?? 0));
  }

  #schedule(ms = Math.max(NOTIFY_WINDOW_MS, this.#sentAt + this.#busyWindowMs - performance.now())): void {
    const at = performance.now() + ms;
    if (this.#timer && at >= this.#sendAt) return;
    clearTimeout(this.#timer ?? undefined);
    this.#sendAt = at;
    this.#timer = setTimeout(() => void this.#send(), ms);
  }

  // Later notifications go into the next statement.
  async #send(): Promise<void> {
    await this.#sending;
    this.#timer = null;
    this.#sending = this.#sendPending();
    await this.#sending;
  }

  async #sendPending(): Promise<void> {
    const payloads = payloadsOf(this.#id, this.#pending).map((payload) => [NOTIFY_CHANNEL, payload]);
    this.#pending.clear();
    // Progress goes before the events, which may report the end of a call.
    for (const message of this.#pendingProgress.splice(0))
      payloads.unshift([PROGRESS_CHANNEL, `${this.#id}|${message}`]);
    if (this.#dueIsPending) payloads.unshift([DUE_CHANNEL, this.#id]);
    this.#dueIsPending = false;
    if (payloads.length === 0) return;
    this.#sentAt = performance.now();
    const values = [payloads.map(([channel]) => channel), payloads.map(([, payload]) => payload)];
    const text = 'SELECT pg_notify(n.channel, n.payload) FROM unnest($1::text[], $2::text[]) AS n(channel, payload)';
    await (this.#client ?? this.pool).query({ name: 'hub_notify', text, values }).catch((error) => {
      this.log.warn({ err: error }, 'Other processes were not notified of events; they will find them by polling.');
    });
  }

  #receive(channel: string, payload: string): void {
    if (channel === this.handlers.callPauses?.channel) {
      this.handlers.callPauses.receive(payload);
      return;
    }
    const bar = payload.indexOf('|');
    const sender = bar < 0 ? payload : payload.slice(0, bar);
    const message = payload.slice(bar + 1);
    if (sender === this.#id) return;
    const isSibling = this.#machinePrefix !== undefined && sender.startsWith(this.#machinePrefix);
    // Siblings tell each other in memory that runs are due.
    if (channel === DUE_CHANNEL) {
      if (!isSibling) this.handlers.onDue();
    } else if (channel === PROGRESS_CHANNEL) this.handlers.onProgress(message);
    else
      for (const part of message.split(';')) {
        const [workspaceId = '', runIds = ''] = part.split(':');
        this.handlers.onRuns(workspaceId, runIds.split(','), isSibling);
      }
  }
}

/** `<hub>|<workspace>:<run>,<run>;<workspace>:<run>`, split into payloads. */
function payloadsOf(id: string, pending: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const payloads: string[] = [];
  let text = '';
  for (const [workspaceId, runIds] of pending) {
    let isFirst = true;
    for (const runId of runIds) {
      let more = isFirst ? `${text && ';'}${workspaceId}:${runId}` : `,${runId}`;
      if (text.length + more.length > PAYLOAD_BYTES - id.length) {
        payloads.push(`${id}|${text}`);
        text = '';
        more = `${workspaceId}:${runId}`;
      }
      text += more;
      isFirst = false;
    }
  }
  return text ? [...payloads, `${id}|${text}`] : payloads;
}

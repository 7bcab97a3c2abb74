import { every } from '@errand/basics/every';
import {
  type ClosedEntry,
  type EntryFilter,
  type EntryRow,
  type RunScope,
  readClosed,
  readEntriesOf,
  readOpenIds,
} from '@errand/db';
import type { Hub } from '../../events/hub.ts';

/** Maximum open entries in a stream, newest first. */
export const MAX_OPEN = 1000;
/** Interval of reads without a notification, and minimum time between two reads of a view, in ms. */
const POLL_MS = 5000;
const MIN_GAP_MS = 100;
/** Bytes of the documents of one entry; closed entries and rows that are kept for slower readers. */
const ENTRY_BYTES = 64 * 1024;
const MAX_CLOSED = 2 * MAX_OPEN;
const MAX_ROWS = 50;

/** The open decision requests that match a filter, read again when they may have changed. Streams with the same filter share it. */
export class InboxView {
  readonly #waiting = new Set<() => void>();

  open: ReadonlySet<string> = new Set();
  /** The number of reads so far. */
  version = 0;
  readonly #closed = new Map<string, ClosedEntry>();
  readonly #rows = new Map<string, Promise<EntryRow | null>>();
  #dirty = true;
  #reading: Promise<void> | undefined;
  #lastRead = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(
    private readonly scope: RunScope,
    private readonly filter: EntryFilter,
    private readonly entryBytes: number,
  ) {}

  /** Marks the view as out of date. */
  readonly refresh = (): void => {
    this.#dirty = true;
    this.#reading ??= this.#read();
  };

  close(): void {
    this.#isClosed = true;
    this.#wakeAll();
  }

  /** Resolves when the version differs from `version`. */
  async waitForChange(version: number, signal: AbortSignal): Promise<void> {
    if (this.#dirty) this.#reading ??= this.#read();
    while (this.version === version && !signal.aborted && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        const done = () => {
          this.#waiting.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        this.#waiting.add(done);
        signal.addEventListener('abort', done);
      });
    }
  }

  /** Undefined when the outcome is not known. */
  closedEntry(id: string): ClosedEntry | undefined {
    return this.#closed.get(id);
  }

  /** The rows of entries that are still open. */
  async readRows(ids: readonly string[]): Promise<EntryRow[]> {
    const missing = ids.filter((id) => !this.#rows.has(id));
    if (missing.length > 0) {
      const read = readEntriesOf(this.scope, missing, this.entryBytes);
      for (const id of missing) {
        const row = read.then((rows) => rows.find(({ decisionRequestId }) => decisionRequestId === id) ?? null);
        row.catch(() => this.#rows.delete(id));
        this.#rows.set(id, row);
      }
    }
    const rows = await Promise.all(ids.map((id) => this.#rows.get(id)!));
    for (const [id] of [...this.#rows].slice(0, Math.max(0, this.#rows.size - MAX_ROWS))) this.#rows.delete(id);
    return rows.filter((row): row is EntryRow => row !== null && row.decidedAt === null);
  }

  async #read(): Promise<void> {
    while (this.#dirty && !this.#isClosed) {
      const waitMs = MIN_GAP_MS - (performance.now() - this.#lastRead);
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      this.#dirty = false;
      this.#lastRead = performance.now();
      try {
        const open = new Set(await readOpenIds(this.scope, this.filter, MAX_OPEN + 1));
        const missing = [...this.open].filter((id) => !open.has(id));
        for (const entry of missing.length > 0 ? await readClosed(this.scope, missing) : [])
          this.#closed.set(entry.decisionRequestId, entry);
        for (const [id] of [...this.#closed].slice(0, Math.max(0, this.#closed.size - MAX_CLOSED)))
          this.#closed.delete(id);
        this.open = open;
        this.version++;
      } catch {
        // The database is unavailable. The next poll reads again.
        break;
      }
      this.#wakeAll();
    }
    this.#reading = undefined;
  }

  #wakeAll(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

type SharedView = { view: InboxView; users: number; stop: () => void };

/** The inbox views of this process. */
export class InboxViews {
  readonly #views = new Map<string, SharedView>();

  constructor(private readonly hub: Pick<Hub, 'onChange'>) {}

  /** The shared view of a filter; call `leave` when done. @param heads without documents */
  open(scope: RunScope, filter: EntryFilter, heads: boolean): { view: InboxView; leave: () => void } {
    const { workspaceId } = scope;
    const { kinds, userId, customerIntegrationId, runId, runIds, onlyIntegrations } = filter;
    const key = JSON.stringify([
      workspaceId,
      kinds && [...new Set(kinds)].sort(),
      userId,
      customerIntegrationId,
      runId,
      runIds,
      onlyIntegrations,
      heads,
    ]);
    const shared = this.#views.get(key) ?? this.#make(scope, filter, heads ? 0 : ENTRY_BYTES);
    this.#views.set(key, shared);
    shared.users++;
    let released = false;
    const leave = () => {
      if (released) return;
      released = true;
      if (--shared.users > 0) return;
      shared.stop();
      shared.view.close();
      this.#views.delete(key);
    };
    return { view: shared.view, leave };
  }

  #make(scope: RunScope, filter: EntryFilter, entryBytes: number): SharedView {
    const view = new InboxView(scope, filter, entryBytes);
    // Polls because a notification may be lost with its connection, and requests expire by the clock.
    const endPolling = every(POLL_MS, async () => view.refresh());
    const endListening = this.hub.onChange(scope.workspaceId, view.refresh);
    const stop = () => {
      endListening();
      void endPolling();
    };
    return { view, users: 0, stop };
  }
}

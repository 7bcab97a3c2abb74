import {
  type ClosedEntry,
  type EntryFilter,
  type EntryRow,
  type RunScope,
  readClosed,
  readEntriesOf,
  readOpenIds,
} from '@errand/db';

/** Open entries that a stream shows, newest first. */
export const MAX_OPEN = 1000;
/** A view is read again at most so often. */
const MIN_GAP_MS = 100;
/** Bytes of documents of one entry; closed entries and rows that are kept for readers that are a little behind. */
const ENTRY_BYTES = 64 * 1024;
const MAX_CLOSED = 2 * MAX_OPEN;
const MAX_ROWS = 50;

/**
 * The open decision requests of a workspace that match a filter, read when some may have been made or decided. All streams with the same
 * filter share it.
 */
export class InboxView {
  readonly #scope: RunScope;
  readonly #filter: EntryFilter;
  readonly #waiting = new Set<() => void>();

  /** Open ids, newest first. */
  open: ReadonlySet<string> = new Set();
  /** Counts the times that it was read; 0 before the first. */
  version = 0;
  readonly #closed = new Map<string, ClosedEntry>();
  readonly #rows = new Map<string, Promise<EntryRow | null>>();
  #dirty = true;
  #reading: Promise<void> | undefined;
  #lastRead = Number.NEGATIVE_INFINITY;
  #over = false;

  constructor(scope: RunScope, filter: EntryFilter) {
    this.#scope = scope;
    this.#filter = filter;
  }

  /** It may be out of date. */
  readonly poke = (): void => {
    this.#dirty = true;
    this.#reading ??= this.#read();
  };

  /** Nobody looks at it any more. */
  close(): void {
    this.#over = true;
    this.#wakeAll();
  }

  /** Resolves when it has a version other than `seen`; at once if it has. */
  async after(version: number, signal: AbortSignal): Promise<void> {
    if (this.#dirty) this.#reading ??= this.#read();
    while (this.version === version && !signal.aborted && !this.#over) {
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

  /** How an entry was closed; undefined when that is not known. */
  closing(id: string): ClosedEntry | undefined {
    return this.#closed.get(id);
  }

  /** The rows of some entries; those that are closed by now are left out. */
  async rowsOf(ids: readonly string[]): Promise<EntryRow[]> {
    const missing = ids.filter((id) => !this.#rows.has(id));
    if (missing.length > 0) {
      const read = readEntriesOf(this.#scope, missing, ENTRY_BYTES);
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
    while (this.#dirty && !this.#over) {
      const early = MIN_GAP_MS - (performance.now() - this.#lastRead);
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      this.#dirty = false;
      this.#lastRead = performance.now();
      try {
        const open = new Set(await readOpenIds(this.#scope, this.#filter, MAX_OPEN + 1));
        const missing = [...this.open].filter((id) => !open.has(id));
        for (const entry of missing.length > 0 ? await readClosed(this.#scope, missing) : [])
          this.#closed.set(entry.decisionRequestId, entry);
        for (const [id] of [...this.#closed].slice(0, Math.max(0, this.#closed.size - MAX_CLOSED)))
          this.#closed.delete(id);
        this.open = open;
        this.version++;
      } catch {
        // The database is in trouble. The poll of the hub pokes again.
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

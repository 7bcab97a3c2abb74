import { randomBytes } from 'node:crypto';
import { isTerminal, type ListFrame, MAX_SEQ, type RunStatus } from '@errand/contracts';
import type { ChangedRun, RunFilter } from '@errand/db';
import type { SentEvent } from '../events/events.ts';

/**
 * Watchers read the list soon after a snapshot. A run that they read may stop matching before it is evaluated here. So for this time, in
 * ms, runs that may have matched are reported as gone, too.
 */
const READ_WINDOW_MS = 30_000;
const MAX_REPORTED_GONE = 10_000;
/** Frames that are kept for watchers that are behind or reconnect. */
const MAX_FRAMES = 1000;

type RunChange = Extract<ListFrame, { type: 'run' }>['changed'][number];
type ListedRun = { status: RunStatus; seq: number };

/** The changes of a list with one filter in this process, shared by its watchers. */
export class LiveList {
  readonly #epoch = randomBytes(8).toString('hex');
  readonly #openedAt = new Date();
  /** The open runs of the list. Ended runs do not change any more. */
  readonly #listed = new Map<string, ListedRun>();
  /** Whether the list may have open runs that are missing here. */
  #isPartial = false;
  #snapshotAt = Number.NEGATIVE_INFINITY;
  /** Unknown runs that were reported as gone since the snapshot. */
  readonly #reportedGone = new Set<string>();
  /** Serialised once, and shared by all watchers. */
  readonly #frames: SentEvent[] = [];
  /** The number of the newest frame. */
  head = 0;
  readonly #waiting = new Set<() => void>();
  /** The number of watchers, and the start of the time without any. */
  watchers = 0;
  idleSince = performance.now();

  constructor(readonly filter: RunFilter) {}

  /** Whether a run of the list may stop matching: only its state can change. */
  get mayLoseRuns(): boolean {
    const { status, waiting, hasUncertain } = this.filter;
    return (
      waiting !== undefined ||
      hasUncertain !== undefined ||
      (status?.some((candidate) => !isTerminal(candidate)) ?? false)
    );
  }

  /** The part of the filter about fields that cannot change, for a list that loses runs. */
  get fixedFilter(): RunFilter {
    const { status, waiting, hasUncertain, ...lasting } = this.filter;
    return lasting;
  }

  /** Sets the open runs of a list that loses runs; `all`: whether the list has no others. */
  begin(runs: readonly ({ runId: string } & ListedRun)[], all: boolean): void {
    for (const { runId, status, seq } of runs) this.#listed.set(runId, { status, seq });
    this.#isPartial = !all;
  }

  get openRuns(): Iterable<string> {
    return this.#listed.keys();
  }

  /** Takes the present state of a run. @param mayHaveMatched whether it matches the `fixedFilter` */
  update(run: ChangedRun, matches: boolean, mayHaveMatched: boolean): void {
    const { runId, status, seq } = run;
    const before = this.#listed.get(runId);
    if (before && before.seq > seq) return;
    if (!matches) {
      this.#listed.delete(runId);
      const isNews = mayHaveMatched && this.#mayHaveBeenRead(runId);
      if (before || isNews) this.#append({ type: 'gone', runId, seq });
      return;
    }
    this.#reportedGone.delete(runId);
    if (isTerminal(status)) this.#listed.delete(runId);
    else this.#listed.set(runId, { status, seq });
    const changed = changesOf(before, run, this.#openedAt);
    if (changed.length > 0)
      this.#append({ type: 'run', runId, status, seq, updatedAt: run.updatedAt.toISOString(), changed });
  }

  #mayHaveBeenRead(runId: string): boolean {
    if (this.#isPartial) return true;
    if (performance.now() - this.#snapshotAt > READ_WINDOW_MS) {
      this.#reportedGone.clear();
      return false;
    }
    const isNew = !this.#reportedGone.has(runId);
    if (this.#reportedGone.size >= MAX_REPORTED_GONE) this.#reportedGone.clear();
    this.#reportedGone.add(runId);
    return isNew;
  }

  /** Removes a deleted run. An ended one is not known here, but watchers may show it; no event of it follows. */
  remove(runId: string): void {
    const seq = this.#listed.get(runId)?.seq ?? (this.#hasOnlyOpenRuns ? undefined : MAX_SEQ);
    this.#listed.delete(runId);
    if (seq !== undefined) this.#append({ type: 'gone', runId, seq });
  }

  get #hasOnlyOpenRuns(): boolean {
    const { status, waiting } = this.filter;
    return waiting === true || (status?.every((candidate) => !isTerminal(candidate)) ?? false);
  }

  /** Called when changes may have been missed. */
  restart(): void {
    this.#append(this.#snapshot(false));
  }

  /** The number of the frame with this id; null if later frames are missing. */
  positionOf(id: string | undefined): number | null {
    const [epoch, n] = id?.split('-') ?? [];
    const at = Number(n);
    return epoch === this.#epoch && at <= this.head && at >= this.head - this.#frames.length ? at : null;
  }

  /** The first frame for a watcher. */
  openingFrame(at: number, resumed: boolean): SentEvent {
    return this.#toSent(at, this.#snapshot(resumed));
  }

  /** The frame after `at`; undefined if it does not exist yet, null if it was dropped. */
  nextFrame(at: number): SentEvent | null | undefined {
    if (at >= this.head) return undefined;
    return this.#frames[this.#frames.length - (this.head - at)] ?? null;
  }

  /** Calls `wake` once, with the next frame. @returns unsubscribes */
  onNext(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => void this.#waiting.delete(wake);
  }

  #snapshot(resumed: boolean): ListFrame {
    if (!resumed) this.#snapshotAt = performance.now();
    return { type: 'snapshot', resumed, at: new Date().toISOString() };
  }

  #toSent = (at: number, frame: ListFrame): SentEvent => ({
    id: `${this.#epoch}-${at}`,
    event: frame.type,
    data: JSON.stringify(frame),
  });

  #append(frame: ListFrame): void {
    this.#frames.push(this.#toSent(++this.head, frame));
    if (this.#frames.length > MAX_FRAMES) this.#frames.shift();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}

function changesOf(before: ListedRun | undefined, run: ChangedRun, openedAt: Date): RunChange[] {
  if (!before) return run.createdAt >= openedAt || run.seq === 0 ? ['created'] : ['status', 'events'];
  const changes: RunChange[] = before.status === run.status ? [] : ['status'];
  return before.seq === run.seq ? changes : [...changes, 'events'];
}

/**
 * One watcher of a live list. It reads the frames that the list keeps; a watcher that is too far behind gets a `snapshot` instead. A
 * generator would keep a sent frame in memory while it waits.
 */
export class Watcher implements AsyncIterableIterator<SentEvent, void> {
  readonly #leave: () => void;
  #position: number;
  #opening: SentEvent | undefined;
  #isClosed = false;
  #wake: () => void = () => {};

  /** @param lastId the id of the last frame that it received @param onLeave called once */
  constructor(
    private readonly list: LiveList,
    { lastId, signal }: { lastId: string | undefined; signal: AbortSignal },
    onLeave: () => void,
  ) {
    const position = list.positionOf(lastId);
    this.#position = position ?? list.head;
    this.#opening = list.openingFrame(this.#position, position !== null);
    this.#leave = () => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      signal.removeEventListener('abort', this.#leave);
      this.#wake();
      onLeave();
    };
    if (signal.aborted) this.#leave();
    else signal.addEventListener('abort', this.#leave, { once: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Must not be called before the previous call has resolved. */
  async next(): Promise<IteratorResult<SentEvent, void>> {
    while (!this.#isClosed) {
      const value = this.#take();
      if (value) return { done: false, value };
      await new Promise<void>((resolve) => {
        const forget = this.list.onNext(resolve);
        this.#wake = () => {
          forget();
          resolve();
        };
      });
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<SentEvent, void>> {
    this.#leave();
    return { done: true, value: undefined };
  }

  #take(): SentEvent | undefined {
    const opening = this.#opening;
    this.#opening = undefined;
    if (opening) return opening;
    const frame = this.list.nextFrame(this.#position);
    if (frame === null) this.#position = this.list.head;
    else if (frame) this.#position++;
    return frame === null ? this.list.openingFrame(this.#position, false) : frame;
  }
}

import { randomBytes } from 'node:crypto';
import { isTerminal, type ListFrame, type RunStatus } from '@errand/contracts';
import type { ChangedRun, RunFilter } from '@errand/db';
import type { SentEvent } from '../events/events.ts';

/**
 * Watchers read the list soon after a snapshot. What they read may have ceased to fit before it is evaluated here, so for this time runs
 * that the list may have had are told as gone, too; in ms.
 */
const READING_MS = 30_000;
const MAX_SAID_GONE = 10_000;
/** Frames that are kept for watchers that are behind, or come back. */
const KEPT_FRAMES = 1000;

type ListedRun = { status: RunStatus; seq: number };

/** The changes of a list with one filter in this process, for all who watch it. */
export class LiveList {
  readonly #epoch = randomBytes(8).toString('hex');
  readonly #openedAt = new Date();
  /** Open runs that the list has. Those that have ended do not change any more. */
  readonly #known = new Map<string, ListedRun>();
  /** Whether the list may have open runs that are not known here. */
  #isPartial = false;
  #snapshotAt = Number.NEGATIVE_INFINITY;
  /** Runs that were told as gone since then without being known. */
  readonly #saidGone = new Set<string>();
  /** Serialised once, and shared by all watchers. */
  readonly #frames: SentEvent[] = [];
  /** The number of the newest frame. */
  head = 0;
  readonly #waiting = new Set<() => void>();
  /** How many watch it, and since when nobody does. */
  watchers = 0;
  idleSince = performance.now();

  constructor(readonly filter: RunFilter) {}

  /** Whether a run that the list has may cease to fit: only what is said of its state can change. */
  get losesRuns(): boolean {
    const { status, waiting } = this.filter;
    return waiting !== undefined || (status?.some((candidate) => !isTerminal(candidate)) ?? false);
  }

  /** What the list asks of a run that cannot change, for a list that loses runs. */
  get lasting(): RunFilter {
    const { status, waiting, ...lasting } = this.filter;
    return lasting;
  }

  /** Open runs that the list has, for a list that loses runs; `all` says whether these are all of them. */
  begin(runs: readonly ({ runId: string } & ListedRun)[], all: boolean): void {
    for (const { runId, status, seq } of runs) this.#known.set(runId, { status, seq });
    this.#isPartial = !all;
  }

  /** Ids of open runs that the list has. */
  get openRuns(): Iterable<string> {
    return this.#known.keys();
  }

  /** A run as it is now. @param mayHaveFitted whether it has what cannot change */
  update(run: ChangedRun, fits: boolean, mayHaveFitted: boolean): void {
    const { runId, status, seq } = run;
    const before = this.#known.get(runId);
    if (before && before.seq > seq) return;
    if (!fits) {
      this.#known.delete(runId);
      const isNews = mayHaveFitted && this.#mayHaveBeenRead(runId);
      if (before || isNews) this.#add({ type: 'gone', runId, seq });
      return;
    }
    this.#saidGone.delete(runId);
    if (isTerminal(status)) this.#known.delete(runId);
    else this.#known.set(runId, { status, seq });
    const changed = changesOf(before, run, this.#openedAt);
    if (changed.length > 0)
      this.#add({ type: 'run', runId, status, seq, updatedAt: run.updatedAt.toISOString(), changed });
  }

  #mayHaveBeenRead(runId: string): boolean {
    if (this.#isPartial) return true;
    if (performance.now() - this.#snapshotAt > READING_MS) {
      this.#saidGone.clear();
      return false;
    }
    const isNew = !this.#saidGone.has(runId);
    if (this.#saidGone.size >= MAX_SAID_GONE) this.#saidGone.clear();
    this.#saidGone.add(runId);
    return isNew;
  }

  /** A run that does not exist any more. */
  remove(runId: string): void {
    const before = this.#known.get(runId);
    if (this.#known.delete(runId)) this.#add({ type: 'gone', runId, seq: before!.seq });
  }

  /** Changes may have been missed. */
  restart(): void {
    this.#add(this.#snapshot(false));
  }

  /** The number of the frame with this id; null when what followed it is not known any more. */
  positionOf(id: string | undefined): number | null {
    const [epoch, n] = id?.split('-') ?? [];
    const at = Number(n);
    return epoch === this.#epoch && at <= this.head && at >= this.head - this.#frames.length ? at : null;
  }

  /** The first frame for a watcher. */
  opening(at: number, resumed: boolean): SentEvent {
    return this.#sent(at, this.#snapshot(resumed));
  }

  /** The frame after `at`; undefined when it has not come yet, null when it is not kept any more. */
  after(at: number): SentEvent | null | undefined {
    if (at >= this.head) return undefined;
    return this.#frames[this.#frames.length - (this.head - at)] ?? null;
  }

  /** Calls `wake` once, with the next frame. @returns takes it back */
  onNext(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => void this.#waiting.delete(wake);
  }

  #snapshot(resumed: boolean): ListFrame {
    if (!resumed) this.#snapshotAt = performance.now();
    return { type: 'snapshot', resumed, at: new Date().toISOString() };
  }

  #sent = (at: number, frame: ListFrame): SentEvent => ({
    id: `${this.#epoch}-${at}`,
    event: frame.type,
    data: JSON.stringify(frame),
  });

  #add(frame: ListFrame): void {
    this.#frames.push(this.#sent(++this.head, frame));
    if (this.#frames.length > KEPT_FRAMES) this.#frames.shift();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}

function changesOf(before: ListedRun | undefined, run: ChangedRun, openedAt: Date) {
  if (!before)
    return run.createdAt >= openedAt || run.seq === 0
      ? (['created'] as const).slice()
      : (['status', 'events'] as const).slice();
  return [
    ...(before.status === run.status ? [] : (['status'] as const)),
    ...(before.seq === run.seq ? [] : (['events'] as const)),
  ];
}

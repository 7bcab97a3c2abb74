import {
  type EventLimit,
  type EventPage,
  type EventRow,
  type RunHead,
  type RunScope,
  readEvents,
  readFrom,
} from '@errand/db';
import { type Follower, newFollower, type StreamItem } from './follower.ts';
import { Frame, sizeOf } from './stream-frame.ts';

const sizesOf = (rows: readonly EventRow[]): number => rows.reduce((sum, row) => sum + sizeOf(row), 0);

/** Frames that wait for one follower at most, and their size; a slower follower reads the log again. */
const MAX_QUEUED = 256;
const MAX_QUEUED_BYTES = 1024 * 1024;
/** The limits of one page of the log. */
export const pageOf: EventLimit = { limit: 200, bytes: 1024 * 1024 };

/** The live events of one run in this process, for all its followers. */
export class Channel {
  readonly #onEmpty: () => void;

  /** Number of the newest event seen here; -1 until a follower has read the log to its end. */
  head = -1;
  readonly #followers = new Set<Follower>();
  /** Events written before a follower had read the log to its end; null when they were too many to keep. */
  #early: EventRow[] | null = [];
  #reading = false;
  #poked = false;

  constructor(
    readonly scope: RunScope,
    readonly runId: string,
    onEmpty: () => void,
  ) {
    this.#onEmpty = onEmpty;
  }

  /** Takes new events from the writer. If they are out of order or have a gap, followers read the log instead. */
  push(rows: readonly EventRow[]): void {
    if (this.head < 0) {
      const fits = this.#early && this.#early.length + rows.length <= MAX_QUEUED;
      if (this.#early && fits && sizesOf(this.#early) + sizesOf(rows) <= MAX_QUEUED_BYTES) this.#early.push(...rows);
      else this.#early = null;
    } else if (rows[0]!.seq === this.head + 1) {
      this.#deliver(rows);
    } else if (rows.at(-1)!.seq > this.head) {
      this.poke();
    }
  }

  /** There may be new events: followers read the log. */
  poke(): void {
    this.#poked = true;
    if (this.#reading) return;
    this.#reading = true;
    void this.#read();
  }

  async #read(): Promise<void> {
    while (this.#poked) {
      this.#poked = false;
      // Without a head every follower still replays the log and finds the new events there.
      if (this.head < 0) {
        for (const follower of this.#followers) this.#fallBehind(follower);
        continue;
      }
      try {
        const { rows, more } = await readEvents(this.scope, this.runId, this.head, pageOf);
        this.#deliver(rows.filter((row) => row.seq > this.head));
        if (more) this.#poked = true;
      } catch {
        // The poll of the hub tries again.
        break;
      }
    }
    this.#reading = false;
  }

  #deliver(rows: readonly EventRow[]): void {
    for (const row of rows) {
      if (row.seq !== this.head + 1) continue;
      this.head = row.seq;
      if (row.type === 'step') for (const { progress } of this.#followers) progress?.removeStep(row.data);
      const frame = new Frame(this.scope, this.runId, row);
      for (const follower of this.#followers) {
        const { queue } = follower;
        if (queue.length === 0 || (queue.length < MAX_QUEUED && follower.bytes + frame.size <= MAX_QUEUED_BYTES)) {
          queue.push(frame);
          follower.bytes += frame.size;
        } else this.#fallBehind(follower);
        this.wake(follower);
      }
    }
  }

  #fallBehind(follower: Follower): void {
    follower.behind = true;
    follower.queue = [];
    follower.bytes = 0;
    this.wake(follower);
  }

  /** The number of followers. */
  get size(): number {
    return this.#followers.size;
  }

  /** Whether any follower wants to know which calls are under way. */
  get showsProgress(): boolean {
    for (const { progress } of this.#followers) if (progress) return true;
    return false;
  }

  /** A call is under way. @param key names it within the run @param json the text of its frame */
  showProgress(key: string, json: string): void {
    for (const follower of this.#followers) {
      if (!follower.progress) continue;
      follower.progress.add(key, json);
      this.wake(follower);
    }
  }

  /** The call is not under way any more. */
  hideProgress(key: string): void {
    for (const { progress } of this.#followers) progress?.remove(key);
  }

  /** Wakes a follower that waits. */
  wake(follower: Follower): void {
    follower.wake?.();
    follower.wake = null;
  }

  /** Adds a follower, which misses no event from now on, and is told which calls begin if it wants that. Call `follow` or `leave` afterwards. */
  join(wantsProgress = false): Follower {
    const follower = newFollower(wantsProgress);
    this.#followers.add(follower);
    return follower;
  }

  /** Removes a follower. To remove it twice does nothing. */
  leave(follower: Follower): void {
    if (this.#followers.delete(follower) && this.#followers.size === 0) this.#onEmpty();
  }

  /**
   * The status of the run and the first page of its events after `after`, for a follower that has joined and not followed yet.
   * @param known the same, if it is known without reading
   */
  first(follower: Follower, after: number, known?: FirstPage): Promise<FirstPage | null> {
    follower.behind = false;
    return known ? Promise.resolve(known) : readFrom(this.scope, this.runId, after, pageOf);
  }

  /**
   * Every event after `after`, past then live, in order, each once; ends after `end`.
   * @param first the first page, when it was read after joining
   */
  follow(after: number, signal: AbortSignal, follower = this.join(), first?: EventPage): Following {
    return new Following(this, follower, { after, signal, first });
  }

  /** A follower read events that were never delivered here: the others read the log too. Events that arrived meanwhile are delivered. */
  advance(head: number, seenBy: Follower): void {
    const early = this.head < 0 ? this.#early : [];
    this.#early = null;
    this.head = head;
    for (const follower of this.#followers) if (follower !== seenBy) this.#fallBehind(follower);
    if (early) this.#deliver(early.sort((a, b) => a.seq - b.seq));
    if (!early || (early.at(-1)?.seq ?? 0) > this.head) this.poke();
  }
}

/** The status of a run and a page of its events. */
export type FirstPage = { head: RunHead } & EventPage;

type Start = { after: number; signal: AbortSignal; first: EventPage | undefined };

/**
 * Replays the log page by page, then takes live events from the channel and drops those that it has replayed. A follower that is too
 * slow replays the log again. It is no generator, so that a waiting stream keeps no sent event in memory.
 */
class Following implements AsyncIterableIterator<StreamItem, void> {
  readonly #channel: Channel;
  /** Number of the last event that was returned. */
  #last: number;
  readonly #signal: AbortSignal;
  readonly #follower: Follower;
  #first: EventPage | undefined;

  #page: readonly EventRow[] = [];
  #at = 0;
  #over = false;

  constructor(channel: Channel, follower: Follower, { after, signal, first }: Start) {
    this.#channel = channel;
    this.#last = after;
    this.#signal = signal;
    this.#follower = follower;
    this.#first = first;

    if (signal.aborted) this.#leave();
    else signal.addEventListener('abort', this.#leave);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Call it only after the previous call has resolved. */
  async next(): Promise<IteratorResult<StreamItem, void>> {
    try {
      while (!this.#over) {
        const frame: StreamItem | undefined = this.#replayed() ?? this.#live() ?? this.#progress();
        if (frame) {
          this.#last = frame.seq;
          if (frame.type === 'end') this.#leave();
          return { done: false, value: frame };
        }
        if (this.#first || this.#follower.behind) await this.#read();
        else await this.#news();
      }
    } catch (error) {
      this.#leave();
      throw error;
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<StreamItem, void>> {
    this.#leave();
    return { done: true, value: undefined };
  }

  readonly #leave = (): void => {
    this.#over = true;
    this.#signal.removeEventListener('abort', this.#leave);
    this.#channel.leave(this.#follower);
    this.#channel.wake(this.#follower);
  };

  #replayed(): Frame | undefined {
    while (this.#at < this.#page.length) {
      const row = this.#page[this.#at++]!;
      if (row.seq > this.#last) return new Frame(this.#channel.scope, this.#channel.runId, row);
    }
    this.#page = [];
    return undefined;
  }

  #live(): Frame | undefined {
    const follower = this.#follower;
    while (!this.#first && !follower.behind) {
      const frame = follower.queue.shift();
      if (!frame) return undefined;
      follower.bytes -= frame.size;
      if (frame.seq === this.#last + 1) return frame;
      if (frame.seq > this.#last) follower.behind = true;
    }
    return undefined;
  }

  /** A call under way, once everything else was shown. */
  #progress(): StreamItem | undefined {
    const { progress, behind } = this.#follower;
    if (this.#first || behind) return undefined;
    const json = progress?.take();
    if (json === undefined) return undefined;
    return { seq: this.#last, type: 'progress', runStatus: 'RUNNING', text: () => json, hint: true };
  }

  async #read(): Promise<void> {
    const channel = this.#channel;
    const follower = this.#follower;
    if (!this.#first) follower.behind = false;
    const { rows, more } = this.#first ?? (await readEvents(channel.scope, channel.runId, this.#last, pageOf));
    this.#first = undefined;
    if (more) follower.behind = true;
    const newest = rows.at(-1)?.seq ?? this.#last;
    // A replay that reached the end of the log sets the head, after which live events follow.
    if (!follower.behind && newest > channel.head) channel.advance(newest, follower);
    this.#page = rows;
    this.#at = 0;
  }

  #news(): Promise<void> {
    const follower = this.#follower;
    return new Promise((resolve) => {
      follower.wake = resolve;
      if (this.#over || follower.behind || follower.queue.length > 0 || follower.progress?.size) resolve();
    });
  }
}

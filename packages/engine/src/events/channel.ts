import { type Awaitable, chain } from '@errand/basics/awaitable';
import {
  type EventLimit,
  type EventPage,
  type LogPosition,
  type RunHead,
  type RunScope,
  readEvents,
  readHeadAndEvents,
} from '@errand/db';
import type { PublishedEvent } from '../model/transition.ts';
import { Follower, MAX_QUEUED, MAX_QUEUED_BYTES, type StreamItem } from './follower.ts';
import { ReplayedPage, StreamFrame, sizeOf } from './stream-frame.ts';

const totalSize = (rows: readonly PublishedEvent[]): number => rows.reduce((sum, row) => sum + sizeOf(row), 0);

export const LOG_PAGE: EventLimit = { limit: 200, bytes: 1024 * 1024 };

/** The live events of one run in this process, for all its followers. */
export class Channel {
  /** Number of the newest event seen here; -1 until a follower has read the log to its end. */
  head = -1;
  readonly #followers = new Set<Follower>();
  /** Events written before a follower had read the log to its end; null if there were too many. */
  #beforeHead: PublishedEvent[] | null = [];
  #reading = false;
  #refreshRequested = false;

  constructor(
    readonly scope: RunScope,
    readonly runId: string,
    private readonly deps: {
      /** Reads the events after a number. */
      readNew: (position: LogPosition) => Promise<EventPage>;
      /** Called when the last follower has left. */
      onEmpty: () => void;
    },
  ) {}

  /** Takes new events from the writer. If they are out of order or have a gap, followers read the log instead. */
  push(rows: readonly PublishedEvent[]): void {
    if (this.head < 0) {
      const fits = this.#beforeHead && this.#beforeHead.length + rows.length <= MAX_QUEUED;
      if (this.#beforeHead && fits && totalSize(this.#beforeHead) + totalSize(rows) <= MAX_QUEUED_BYTES)
        this.#beforeHead.push(...rows);
      else this.#beforeHead = null;
    } else if (rows[0]!.seq === this.head + 1) {
      this.#deliver(rows);
    } else if (rows.at(-1)!.seq > this.head) {
      this.refresh();
    }
  }

  /** Lets followers read the log, because there may be new events. */
  refresh(): void {
    this.#refreshRequested = true;
    if (this.#reading) return;
    this.#reading = true;
    void this.#read();
  }

  async #read(): Promise<void> {
    while (this.#refreshRequested) {
      this.#refreshRequested = false;
      // Without a head every follower still replays the log and finds the new events there.
      if (this.head < 0) {
        for (const follower of this.#followers) follower.fallBehind();
        continue;
      }
      try {
        const { workspaceId } = this.scope;
        const { rows, hasMore } = await this.deps.readNew({ workspaceId, runId: this.runId, seq: this.head });
        this.#deliver(rows.filter((row) => row.seq > this.head));
        if (hasMore) this.#refreshRequested = true;
      } catch {
        // The poll of the hub tries again.
        break;
      }
    }
    this.#reading = false;
  }

  #deliver(rows: readonly PublishedEvent[]): void {
    for (const row of rows) {
      if (row.seq !== this.head + 1) continue;
      this.head = row.seq;
      const frame = new StreamFrame(this.scope, this.runId, row);
      for (const follower of this.#followers) {
        if (row.type === 'step') follower.progress?.removeStep(row.data);
        follower.push(frame);
      }
    }
  }

  get size(): number {
    return this.#followers.size;
  }

  /** Whether any follower shows calls in flight. */
  get showsProgress(): boolean {
    return [...this.#followers].some(({ progress }) => progress !== null);
  }

  /** @param key identifies the call within the run @param json the text of its frame */
  showProgress(key: string, json: string): void {
    for (const follower of this.#followers) follower.showProgress(key, json);
  }

  hideProgress(key: string): void {
    for (const { progress } of this.#followers) progress?.remove(key);
  }

  /** Adds a follower, which misses no event from now on. Call `follow` or `leave` afterwards. */
  join(wantsProgress = false): Follower {
    const follower = new Follower(wantsProgress);
    this.#followers.add(follower);
    return follower;
  }

  /** Removes a follower; does nothing if it was removed before. */
  leave(follower: Follower): void {
    follower.leave();
    if (this.#followers.delete(follower) && this.#followers.size === 0) this.deps.onEmpty();
  }

  /**
   * The status of the run and the first page of its events after `after`, for a follower that has joined but not followed yet.
   * @param recent reads the same page from memory, if it is there
   */
  readFirst(
    follower: Follower,
    after: number,
    recent: () => Awaitable<FirstPage | undefined>,
  ): Awaitable<FirstPage | null> {
    follower.state = 'live';
    return chain(recent(), (page) => page ?? readHeadAndEvents(this.scope, this.runId, after, LOG_PAGE));
  }

  /**
   * Every event after `after` exactly once and in order, past then live, until `end`.
   * @param first the first page, if it was read after joining
   */
  follow(after: number, signal: AbortSignal, follower = this.join(), first?: EventPage): Following {
    return new Following(this, follower, signal, { after, first });
  }

  /**
   * Called when a follower has read events that were not delivered here: the others read the log too. Delivers events that arrived in
   * the meantime.
   */
  setHead(head: number, seenBy: Follower): void {
    const early = this.head < 0 ? this.#beforeHead : [];
    this.#beforeHead = null;
    this.head = head;
    for (const follower of this.#followers) if (follower !== seenBy) follower.fallBehind();
    if (early) this.#deliver(early.sort((a, b) => a.seq - b.seq));
    if (!early || (early.at(-1)?.seq ?? 0) > this.head) this.refresh();
  }
}

export type FirstPage = { head: RunHead } & EventPage;

/**
 * Replays the log page by page, then takes live events from the channel and skips those that it has replayed. A slow follower replays
 * the log again.
 * A generator would keep a sent event in memory while it waits.
 */
class Following implements AsyncIterableIterator<StreamItem, void> {
  /** Number of the last returned event. */
  #last: number;
  /** A page of the log, and the number of its replayed events. */
  #page: ReplayedPage | null = null;
  #replayedRows = 0;

  constructor(
    private readonly channel: Channel,
    private readonly follower: Follower,
    private readonly signal: AbortSignal,
    { after, first }: { after: number; first: EventPage | undefined },
  ) {
    this.#last = after;
    signal.addEventListener('abort', this.#leave);
    if (signal.aborted) this.#leave();
    else if (first) this.#replay(first);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Must not be called before the previous call has resolved. */
  async next(): Promise<IteratorResult<StreamItem, void>> {
    try {
      while (this.follower.state !== 'left') {
        const item: StreamItem | undefined = this.#nextOfPage() ?? this.#nextFrame() ?? this.#nextProgress();
        if (item) {
          this.#last = item.seq;
          if (item.type === 'end') this.#leave();
          return { done: false, value: item };
        }
        if (this.follower.state === 'behind') await this.#readPage();
        else await this.follower.waitForItem();
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
    this.signal.removeEventListener('abort', this.#leave);
    this.channel.leave(this.follower);
  };

  #nextOfPage(): StreamFrame | undefined {
    while (this.#page && this.#replayedRows < this.#page.length) {
      const frame = this.#page.frame(this.#replayedRows++);
      if (frame.seq > this.#last) return frame;
    }
    this.#page = null;
    return undefined;
  }

  #nextFrame(): StreamFrame | undefined {
    const follower = this.follower;
    while (follower.state === 'live') {
      const frame = follower.take();
      if (!frame || frame.seq === this.#last + 1) return frame;
      if (frame.seq > this.#last) follower.fallBehind();
    }
    return undefined;
  }

  /** A call in flight, after everything else was shown. */
  #nextProgress(): StreamItem | undefined {
    const { progress, state } = this.follower;
    const json = state === 'live' ? progress?.take() : undefined;
    if (json === undefined) return undefined;
    return { seq: this.#last, type: 'progress', runStatus: 'RUNNING', text: () => json, isTransient: true };
  }

  async #readPage(): Promise<void> {
    const { scope, runId } = this.channel;
    // Events that are written during the read arrive as frames.
    this.follower.state = 'live';
    this.#replay(await readEvents(scope, runId, this.#last, LOG_PAGE));
  }

  #replay({ rows, hasMore }: EventPage): void {
    const follower = this.follower;
    if (hasMore) follower.fallBehind();
    const newest = rows.at(-1)?.seq ?? this.#last;
    // Other followers went on while this page was read, but not further than the page: later events arrive as frames.
    if (follower.state === 'behind' && !hasMore && newest >= this.channel.head) follower.state = 'live';
    // A replay that reached the end of the log sets the head; live events follow.
    if (follower.state === 'live' && newest > this.channel.head) this.channel.setHead(newest, follower);
    this.#page = new ReplayedPage(this.channel.scope, this.channel.runId, rows);
    this.#replayedRows = 0;
  }
}

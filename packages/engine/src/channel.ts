import { type EventRow, type RunHead, type RunScope, readCallTexts, readEvents, readFrom } from '@errand/db';
import { fullText, plainText, referredKeys } from './frame.ts';

/** An event as a stream sends it: its bytes are made once for each view and shared by all who follow the run here. */
export class Frame {
  private plain: string | undefined;
  private full: Promise<string> | undefined;

  constructor(
    private readonly scope: RunScope,
    private readonly runId: string,
    private readonly row: EventRow,
  ) {}

  get seq(): number {
    return this.row.seq;
  }

  get type(): string {
    return this.row.type;
  }

  /** The event's JSON text. */
  text(includeToolCalls: boolean): string | Promise<string> {
    if (!includeToolCalls || this.row.toolCalls === null) {
      this.plain ??= plainText(this.runId, this.row);
      return this.plain;
    }
    this.full ??= readCallTexts(this.scope, this.runId, referredKeys([this.row])).then((texts) =>
      fullText(this.runId, this.row, texts),
    );
    return this.full;
  }
}

/** At most so many frames wait for one follower; a slower one reads them from the log again. */
const maxQueued = 256;
/** Rows read at a time. */
export const page = 200;

/** One who follows a run. */
export type Follower = { queue: Frame[]; behind: boolean; wake: (() => void) | null };

/** One run's live events in this process, for all who follow it. */
export class Channel {
  /** Number of the newest event seen here; -1 until a follower has read the log to its end. */
  head = -1;
  private readonly followers = new Set<Follower>();
  /** What was written while nobody had read the log to its end; null when it was too much to keep. */
  private early: EventRow[] | null = [];
  private reading = false;
  private poked = false;

  constructor(
    readonly scope: RunScope,
    readonly runId: string,
    private readonly onEmpty: () => void,
  ) {}

  /** New events, fresh from the writer. Out of order or with a gap they only cause a look into the log. */
  push(rows: readonly EventRow[]): void {
    if (this.head < 0) {
      if (this.early && this.early.length + rows.length <= maxQueued) this.early.push(...rows);
      else this.early = null;
    } else if (rows[0]!.seq === this.head + 1) {
      this.deliver(rows);
    } else if (rows.at(-1)!.seq > this.head) {
      this.poke();
    }
  }

  /** There may be new events: look. */
  poke(): void {
    this.poked = true;
    if (this.reading) return;
    this.reading = true;
    void this.read();
  }

  private async read(): Promise<void> {
    while (this.poked) {
      this.poked = false;
      // With no head yet every follower is still replaying: it will find the new events by itself when told to look again.
      if (this.head < 0) {
        for (const follower of this.followers) this.fallBehind(follower);
        continue;
      }
      try {
        const rows = await readEvents(this.scope, this.runId, this.head, page);
        this.deliver(rows.filter((row) => row.seq > this.head));
        if (rows.length === page) this.poked = true;
      } catch {
        // The hub's poll looks again.
        break;
      }
    }
    this.reading = false;
  }

  private deliver(rows: readonly EventRow[]): void {
    for (const row of rows) {
      if (row.seq !== this.head + 1) continue;
      this.head = row.seq;
      const frame = new Frame(this.scope, this.runId, row);
      for (const follower of this.followers) {
        if (follower.queue.length < maxQueued) follower.queue.push(frame);
        else this.fallBehind(follower);
        this.wake(follower);
      }
    }
  }

  private fallBehind(follower: Follower): void {
    follower.behind = true;
    follower.queue = [];
    this.wake(follower);
  }

  private wake(follower: Follower): void {
    follower.wake?.();
    follower.wake = null;
  }

  /** Joins those who follow; from now on nothing new is missed. Whoever joins must follow or leave. */
  join(): Follower {
    const follower: Follower = { queue: [], behind: true, wake: null };
    this.followers.add(follower);
    return follower;
  }

  /** Leaves those who follow. Leaving twice does nothing. */
  leave(follower: Follower): void {
    if (this.followers.delete(follower) && this.followers.size === 0) this.onEmpty();
  }

  /** Where the run stands and the first page of its events after `after`, for a follower that has joined and not yet followed. */
  first(follower: Follower, after: number): Promise<{ head: RunHead; rows: EventRow[] } | null> {
    follower.behind = false;
    return readFrom(this.scope, this.runId, after, page);
  }

  /**
   * Every event after `after`, past then live, in order, without gap or repetition; ends after `end`.
   *
   * Join first: from then on nothing new is missed. Replay: read the log page by page to its end (`first` may be the first page,
   * read after joining). Live: take what the channel delivers, dropping what the replay has shown; whoever fell behind goes back
   * to replaying.
   */
  async *follow(
    after: number,
    signal: AbortSignal,
    follower = this.join(),
    first?: EventRow[],
  ): AsyncGenerator<Frame, void> {
    let given = first;
    const onAbort = () => this.wake(follower);
    signal.addEventListener('abort', onAbort);
    let last = after;
    try {
      while (!signal.aborted) {
        if (given || follower.behind) {
          if (!given) follower.behind = false;
          const rows: EventRow[] = given ?? (await readEvents(this.scope, this.runId, last, page));
          given = undefined;
          if (rows.length === page) follower.behind = true;
          const newest = rows.at(-1)?.seq ?? last;
          // A replay that reached the end of the log tells a fresh channel where live events begin.
          if (!follower.behind && newest > this.head) this.advance(newest, follower);
          for (const row of rows) {
            if (signal.aborted) return;
            if (row.seq <= last) continue;
            last = row.seq;
            yield new Frame(this.scope, this.runId, row);
            if (row.type === 'end') return;
          }
          continue;
        }
        const frame = follower.queue.shift();
        if (!frame) {
          await new Promise<void>((resolve) => {
            follower.wake = resolve;
            if (signal.aborted || follower.behind || follower.queue.length > 0) resolve();
          });
        } else if (frame.seq > last) {
          if (frame.seq !== last + 1) {
            follower.behind = true;
            continue;
          }
          last = frame.seq;
          yield frame;
          if (frame.type === 'end') return;
        }
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.leave(follower);
    }
  }

  // One follower saw events that were never delivered here: the others must look for them. What came while it read is delivered.
  private advance(head: number, seenBy: Follower): void {
    const early = this.head < 0 ? this.early : [];
    this.early = null;
    this.head = head;
    for (const follower of this.followers) if (follower !== seenBy) this.fallBehind(follower);
    if (early) this.deliver(early.sort((a, b) => a.seq - b.seq));
    if (!early || (early.at(-1)?.seq ?? 0) > this.head) this.poke();
  }
}

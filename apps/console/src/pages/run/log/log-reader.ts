// Reads a log by pages, and adds the frames of its stream.
import { EMPTY_LOG, foldEvents, foldProgress, type ProgressFrame, type RunEvent, type RunLog } from './log.ts';
import { PendingEvents } from './pending-events.ts';

/** The most that the service gives at once. */
export const PAGE = 1000;
/** Frames that come within this time are folded and drawn together. */
const FLUSH_MS = 100;

type Page = { events: RunEvent[]; eventsTruncated?: boolean | undefined };
export type ListPage = (after: number, signal: AbortSignal) => Promise<Page>;
type ReaderListener = {
  /** @param isLive whether frames have changed it */
  onLog(log: RunLog, isLive: boolean): void;
  /** All events that existed at the first reading are there. */
  onComplete(): void;
  onError(error: unknown): void;
};

/** Holds a log outside of React: frames come between renders. */
export class LogReader {
  readonly #pending = new PendingEvents();
  readonly #abort = new AbortController();
  #log = EMPTY_LOG;
  #reading: Promise<void> | undefined;
  #mustReadAgain = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly listPage: ListPage,
    private readonly listener: ReaderListener,
  ) {}

  stop(): void {
    this.#abort.abort();
    clearTimeout(this.#timer);
  }

  /** Reads everything after the newest known event. A call during a reading makes it read once more. */
  read(): Promise<void> {
    if (this.#reading) this.#mustReadAgain = true;
    this.#reading ??= this.#readAgain().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readAgain(): Promise<void> {
    do {
      this.#mustReadAgain = false;
      await this.#readAll();
    } while (this.#mustReadAgain && !this.#log.end && !this.#abort.signal.aborted);
  }

  async #readAll(): Promise<void> {
    try {
      this.listener.onError(undefined);
      const pages = new Map<number, Promise<Page>>();
      while (!this.#log.end && (await this.#readPage(pages)));
      if (this.#abort.signal.aborted) return;
      this.listener.onComplete();
      this.#flush();
    } catch (error) {
      if (!this.#abort.signal.aborted) this.listener.onError(error);
    }
  }

  /** @param pages those that were asked for, by the event before them. @returns whether more may follow */
  async #readPage(pages: Map<number, Promise<Page>>): Promise<boolean> {
    const { events, eventsTruncated } = await this.#ask(pages, this.#log.lastSeq);
    if (this.#abort.signal.aborted) return false;
    const next = foldEvents(this.#log, events);
    const isFull = events.length === PAGE;
    if (isFull && !next.end) {
      // Numbers have no gaps, so the page after the next one can be asked for at the same time.
      void this.#ask(pages, next.lastSeq);
      void this.#ask(pages, next.lastSeq + PAGE);
    }
    if (next !== this.#log) this.#set(next, false);
    return events.length > 0 && (isFull || eventsTruncated === true);
  }

  #ask(pages: Map<number, Promise<Page>>, after: number): Promise<Page> {
    const known = pages.get(after);
    if (known) return known;
    const page = this.listPage(after, this.#abort.signal);
    // A page that nobody needs may fail.
    page.catch(() => {});
    pages.set(after, page);
    return page;
  }

  /** A frame of the stream. */
  add(frame: RunEvent | ProgressFrame): void {
    this.#pending.add(frame);
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { events, progress, hasGap } = this.#pending.take(this.#log.lastSeq);
    const next = foldProgress(foldEvents(this.#log, events), progress);
    if (next !== this.#log) this.#set(next, events.length > 0);
    if (hasGap && !this.#reading) void this.read();
  }

  #set(log: RunLog, isLive: boolean): void {
    this.#log = log;
    this.listener.onLog(log, isLive);
  }
}

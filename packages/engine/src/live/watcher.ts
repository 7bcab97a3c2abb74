import type { SentEvent } from '../events/events.ts';
import type { LiveList } from './live-list.ts';

/**
 * One watcher of a live list. It keeps no frames: it reads those that the list keeps, and a watcher that is too far behind gets a
 * `snapshot` instead. No generator, so that a waiting stream keeps no sent frame in memory.
 */
export class Watcher implements AsyncIterableIterator<SentEvent, void> {
  readonly #list: LiveList;
  readonly #leave: () => void;
  #at: number;
  #opening: SentEvent | undefined;
  #over = false;
  #wake: () => void = () => {};

  /** @param lastId of the last frame that it has seen @param onLeave called once */
  constructor(
    list: LiveList,
    { lastId, signal }: { lastId: string | undefined; signal: AbortSignal },
    onLeave: () => void,
  ) {
    this.#list = list;
    const position = list.positionOf(lastId);
    this.#at = position ?? list.head;
    this.#opening = list.opening(this.#at, position !== null);
    this.#leave = () => {
      if (this.#over) return;
      this.#over = true;
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

  /** Call it only after the previous call has resolved. */
  async next(): Promise<IteratorResult<SentEvent, void>> {
    while (!this.#over) {
      const value = this.#take();
      if (value) return { done: false, value };
      await new Promise<void>((resolve) => {
        const forget = this.#list.onNext(resolve);
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
    const frame = this.#list.after(this.#at);
    if (frame === null) this.#at = this.#list.head;
    else if (frame) this.#at++;
    return frame === null ? this.#list.opening(this.#at, false) : frame;
  }
}

import { setImmediate as nextTurn } from 'node:timers/promises';

/** Bytes of an answer that is parsed at once, whatever else came with it. */
const SMALL = 16 * 1024;

/**
 * Lets large answers be parsed one a turn of the event loop: parsed, 256 KiB can be 87,000 objects, and several of these at once hold the
 * loop for as long as all of them take, and keep all of them from the garbage collector.
 */
export class OneATurn {
  #last: Promise<void> = Promise.resolve();

  /** Waits until an answer of so many bytes may be parsed, in the order in which they came. */
  async wait(bytes: number): Promise<void> {
    if (bytes <= SMALL) return;
    this.#last = this.#last.then(() => nextTurn());
    await this.#last;
  }
}

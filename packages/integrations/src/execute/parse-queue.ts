import { setImmediate as nextTurn } from 'node:timers/promises';

/** Answers up to this size, in bytes, are parsed without waiting. */
const SMALL = 16 * 1024;

/**
 * Lets one large answer be parsed in each turn of the event loop. 256 KiB can become 87,000 objects: several of these in one turn would
 * block the loop for the sum of their times, and none could be collected as garbage.
 */
export class ParseQueue {
  #last: Promise<void> = Promise.resolve();

  /** Waits until an answer of `bytes` bytes may be parsed. First in, first out. */
  async wait(bytes: number): Promise<void> {
    if (bytes <= SMALL) return;
    this.#last = this.#last.then(() => nextTurn());
    await this.#last;
  }
}

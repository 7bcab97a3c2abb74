import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** Answers up to this size, in bytes, are parsed without waiting. */
const SMALL = 16 * 1024;
/** A pause is at least so long, in ms, else it is left out, and at most so long. */
const SHORTEST_MS = 2;
const LONGEST_MS = 100;

/**
 * Lets one large answer be parsed in each turn of the event loop. 256 KiB can become 87,000 objects: several of these in one turn would
 * block the loop for the sum of their times, and none could be collected as garbage. Between two of them is a pause as long as the turn
 * of the first took, so that large answers have half of the process and other requests the other half.
 */
export class ParseQueue {
  #last: Promise<void> = Promise.resolve();
  /** No large answer is parsed before this time, of a clock that never goes back. */
  #restsUntil = 0;

  /** Waits until an answer of `bytes` bytes may be parsed. First in, first out. */
  async wait(bytes: number): Promise<void> {
    if (bytes <= SMALL) return;
    this.#last = this.#last.then(() => this.#turn());
    await this.#last;
  }

  async #turn(): Promise<void> {
    await nextTurn();
    const restMs = this.#restsUntil - performance.now();
    if (restMs > 0) await sleep(restMs);
    const from = performance.now();
    // The answer is parsed now; this runs once the turn is over.
    setImmediate(() => {
      const now = performance.now();
      if (now - from >= SHORTEST_MS) this.#restsUntil = now + Math.min(now - from, LONGEST_MS);
    });
  }
}

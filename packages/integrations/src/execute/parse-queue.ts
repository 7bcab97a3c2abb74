import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** Answers up to this size, in bytes, do not wait. */
const SMALL = 16 * 1024;
/** Shorter pauses are left out, longer ones shortened, in ms. */
const SHORTEST_MS = 2;
const LONGEST_MS = 100;

/**
 * Parses one large answer in each turn of the event loop. 256 KiB can become 87,000 objects: several in one turn would block the loop for
 * the sum of their times, without garbage collection. The pause after each is as long as its turn, which leaves other requests half of
 * the process.
 */
export class ParseQueue {
  #last: Promise<void> = Promise.resolve();
  /** No large answer is parsed before this time, of a monotonic clock. */
  #restsUntil = 0;

  /** Waits until an answer of `bytes` bytes may be parsed, in order of arrival. */
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
    // Runs after the turn in which the answer is parsed.
    setImmediate(() => {
      const now = performance.now();
      if (now - from >= SHORTEST_MS) this.#restsUntil = now + Math.min(now - from, LONGEST_MS);
    });
  }
}

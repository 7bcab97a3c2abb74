import { Turns } from '@errand/basics/turns';
import { problem } from '@errand/contracts';

export type ImportQueueOptions = {
  /** Most documents that are converted at once. */
  atOnce: number;
  /** Most that wait, of all workspaces and of one. */
  waiting: number;
  waitingOfOne: number;
  /** No conversion begins while this much of what others made is held. */
  heldBytes: number;
};

/** Waits for the time of a thread. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>;

/** A place in the line. */
export type ImportSlot = {
  turn: Turn;
  /** Says what is held until the place is given up. */
  hold(bytes: number): void;
};

const RETRY_AFTER_S = 10;

/**
 * Where imports wait for each other: a thread that converts a document may take half a gigabyte for 20 s. Each has its place from
 * before its document is fetched until it is stored, so that this also bounds how many documents are held. Workspaces that wait take
 * turns, and none may take all places.
 */
export class ImportQueue {
  readonly #options: ImportQueueOptions;

  readonly #inside = new Map<string, number>();
  readonly #turns = new Turns<() => void>();
  #converting = 0;
  #heldBytes = 0;

  constructor(options: ImportQueueOptions) {
    this.#options = options;
  }

  /**
   * Gives `work` a place in the line.
   * @param signal a caller who leaves gives up the turn that it waits for
   * @throws ProblemError too_many_imports when there is no place
   */
  async enter<T>(
    workspaceId: string,
    signal: AbortSignal | undefined,
    work: (slot: ImportSlot) => Promise<T>,
  ): Promise<T> {
    const { atOnce, waiting, waitingOfOne } = this.#options;
    const own = this.#inside.get(workspaceId) ?? 0;
    const all = [...this.#inside.values()].reduce((sum, count) => sum + count, 0);
    if (own >= atOnce + waitingOfOne || all >= atOnce + waiting) {
      const whose = own >= atOnce + waitingOfOne ? 'of this workspace ' : '';
      throw problem('too_many_imports', `Too many imports ${whose}wait already. Try again in ${RETRY_AFTER_S} s.`, {
        headers: { 'retry-after': String(RETRY_AFTER_S) },
      });
    }
    this.#inside.set(workspaceId, own + 1);
    let held = 0;
    try {
      return await work({
        turn: (convert) => this.#inTurn(workspaceId, signal, convert),
        hold: (bytes) => {
          held += bytes;
          this.#heldBytes += bytes;
        },
      });
    } finally {
      const left = this.#inside.get(workspaceId)! - 1;
      if (left > 0) this.#inside.set(workspaceId, left);
      else this.#inside.delete(workspaceId);
      this.#heldBytes -= held;
      this.#next();
    }
  }

  async #inTurn<T>(workspaceId: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    await this.#begin(workspaceId, signal);
    try {
      return await work();
    } finally {
      this.#converting--;
      // What came of it is held first: whoever is next is told of it.
      queueMicrotask(() => this.#next());
    }
  }

  #begin(workspaceId: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const leave = () => {
        this.#turns.remove(workspaceId, begin);
        reject(signal?.reason);
      };
      const begin = () => {
        signal?.removeEventListener('abort', leave);
        this.#converting++;
        resolve();
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#turns.add(workspaceId, begin);
      this.#next();
    });
  }

  #next(): void {
    const { atOnce, heldBytes } = this.#options;
    while (this.#converting < atOnce && this.#heldBytes <= heldBytes) {
      const begin = this.#turns.take();
      if (begin === undefined) return;
      begin();
    }
  }
}

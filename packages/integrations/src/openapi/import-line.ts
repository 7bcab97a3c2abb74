import { problem } from '@errand/contracts';

export type ImportLineOptions = {
  /** Most documents that are converted at once. */
  atOnce: number;
  /** Most that wait, of all workspaces and of one. */
  waiting: number;
  waitingOfOne: number;
};

/** A place in the line. */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>;

type Waiting = { begin: () => void };

const RETRY_AFTER_S = 10;

/**
 * Where imports wait for each other: a thread that converts a document may take half a gigabyte for 20 s. Each has its place from
 * before its document is fetched until it is stored, so that this also bounds how many documents are held. Workspaces that wait take
 * turns, and none may take all places.
 */
export class ImportLine {
  readonly #inside = new Map<string, number>();
  /** Those that wait for their turn, by workspace; the one whose turn is next comes first. */
  readonly #waiting = new Map<string, Waiting[]>();
  #converting = 0;

  constructor(private readonly options: ImportLineOptions) {}

  /**
   * Gives `work` a place in the line; it asks by `turn` for a thread's time.
   * @param signal a caller who leaves gives up the turn that it waits for
   * @throws ProblemError too_many_imports when there is no place
   */
  async enter<T>(workspaceId: string, signal: AbortSignal | undefined, work: (turn: Turn) => Promise<T>): Promise<T> {
    const { atOnce, waiting, waitingOfOne } = this.options;
    const own = this.#inside.get(workspaceId) ?? 0;
    const all = [...this.#inside.values()].reduce((sum, count) => sum + count, 0);
    if (own >= atOnce + waitingOfOne || all >= atOnce + waiting) {
      const whose = own >= atOnce + waitingOfOne ? 'of this workspace ' : '';
      throw problem('too_many_imports', `Too many imports ${whose}wait already. Try again in ${RETRY_AFTER_S} s.`, {
        headers: { 'retry-after': String(RETRY_AFTER_S) },
      });
    }
    this.#inside.set(workspaceId, own + 1);
    try {
      return await work((convert) => this.#inTurn(workspaceId, signal, convert));
    } finally {
      const left = this.#inside.get(workspaceId)! - 1;
      if (left > 0) this.#inside.set(workspaceId, left);
      else this.#inside.delete(workspaceId);
    }
  }

  async #inTurn<T>(workspaceId: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    await this.#begin(workspaceId, signal);
    try {
      return await work();
    } finally {
      this.#converting--;
      this.#next();
    }
  }

  #begin(workspaceId: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const leave = () => {
        this.#remove(workspaceId, one);
        reject(signal?.reason);
      };
      const one: Waiting = {
        begin: () => {
          signal?.removeEventListener('abort', leave);
          this.#converting++;
          resolve();
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      const own = this.#waiting.get(workspaceId);
      if (own) own.push(one);
      else this.#waiting.set(workspaceId, [one]);
      this.#next();
    });
  }

  #remove(workspaceId: string, one: Waiting): void {
    const left = this.#waiting.get(workspaceId)?.filter((other) => other !== one) ?? [];
    if (left.length > 0) this.#waiting.set(workspaceId, left);
    else this.#waiting.delete(workspaceId);
  }

  #next(): void {
    while (this.#converting < this.options.atOnce) {
      const first = this.#waiting.entries().next().value;
      if (first === undefined) return;
      const [workspaceId, [one, ...others]] = first;
      this.#waiting.delete(workspaceId);
      if (others.length > 0) this.#waiting.set(workspaceId, others);
      one?.begin();
    }
  }
}

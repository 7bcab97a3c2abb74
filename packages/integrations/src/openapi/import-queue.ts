import { Turns } from '@errand/basics/turns';
import { problem } from '@errand/contracts';

type LimitName = 'maxConverting' | 'maxWaiting' | 'maxWaitingPerWorkspace' | 'maxHeldBytes';
export type ImportLimits = Readonly<Record<LimitName, number>>;

export type ImportSlot = {
  /** Runs `work` when a thread is free. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Counts bytes that the import keeps in memory until it ends. */
  hold(bytes: number): void;
};

const RETRY_AFTER_S = 10;

/**
 * Limits imports: a thread that converts a document may use half a gigabyte for 20 s. An import occupies a slot from before its document is
 * fetched until it is stored, so the queue also limits the documents in memory. Workspaces take turns, and none can occupy all slots.
 */
export class ImportQueue {
  readonly #slots = new Map<string, number>();
  readonly #turns = new Turns<() => void>();
  #converting = 0;
  #heldBytes = 0;

  constructor(private readonly limits: ImportLimits) {}

  /** @param signal ends the wait for a turn @throws ProblemError too_many_imports if no slot is free */
  async run<T>(
    workspaceId: string,
    signal: AbortSignal | undefined,
    work: (slot: ImportSlot) => Promise<T>,
  ): Promise<T> {
    const { maxConverting, maxWaiting, maxWaitingPerWorkspace } = this.limits;
    const workspaceSlots = this.#slots.get(workspaceId) ?? 0;
    const slotCount = [...this.#slots.values()].reduce((sum, count) => sum + count, 0);
    const isWorkspaceFull = workspaceSlots >= maxConverting + maxWaitingPerWorkspace;
    if (isWorkspaceFull || slotCount >= maxConverting + maxWaiting) {
      const ofWorkspace = isWorkspaceFull ? 'of this workspace ' : '';
      const detail = `Too many imports ${ofWorkspace}wait already. Try again in ${RETRY_AFTER_S} s.`;
      throw problem('too_many_imports', detail, { headers: { 'retry-after': String(RETRY_AFTER_S) } });
    }
    this.#slots.set(workspaceId, workspaceSlots + 1);
    let heldBytes = 0;
    try {
      return await work({
        inTurn: (convert) => this.#inTurn(workspaceId, signal, convert),
        hold: (bytes) => {
          heldBytes += bytes;
          this.#heldBytes += bytes;
        },
      });
    } finally {
      const remaining = this.#slots.get(workspaceId)! - 1;
      if (remaining > 0) this.#slots.set(workspaceId, remaining);
      else this.#slots.delete(workspaceId);
      this.#heldBytes -= heldBytes;
      this.#next();
    }
  }

  async #inTurn<T>(workspaceId: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    await this.#begin(workspaceId, signal);
    try {
      return await work();
    } finally {
      this.#converting--;
      // The caller of `hold` runs first, so that the next import sees its bytes.
      queueMicrotask(() => this.#next());
    }
  }

  #begin(workspaceId: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#turns.remove(workspaceId, begin);
        reject(signal?.reason);
      };
      const begin = () => {
        signal?.removeEventListener('abort', onAbort);
        this.#converting++;
        resolve();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#turns.add(workspaceId, begin);
      this.#next();
    });
  }

  #next(): void {
    const { maxConverting, maxHeldBytes } = this.limits;
    while (this.#converting < maxConverting && this.#heldBytes <= maxHeldBytes) {
      const begin = this.#turns.take();
      if (begin === undefined) return;
      begin();
    }
  }
}

import { problem } from '@errand/contracts';
import { FairSlots } from './fair-slots.ts';

type LimitName = 'maxConverting' | 'maxLarge' | 'maxWaiting' | 'maxWaitingPerWorkspace' | 'maxHeldBytes';
export type ImportLimits = Readonly<Record<LimitName, number>>;

export type ImportSlot = {
  /** Runs `work` when a process may read a document. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Runs `work`, which may have a large document or the tools of several ones in memory, when few imports do. */
  large<T>(work: () => Promise<T>): Promise<T>;
  /** Counts bytes that the import keeps in memory until it ends. */
  hold(bytes: number): void;
};

const RETRY_AFTER_S = 10;

/**
 * Limits imports: a process that reads a document may use much memory and processor time. An import occupies a slot from before its document
 * is fetched until it is stored, so the queue also limits the documents in memory. Workspaces take turns, and none can occupy all slots.
 */
export class ImportQueue {
  readonly #slots = new Map<string, number>();
  readonly #converting: FairSlots;
  readonly #large: FairSlots;
  #heldBytes = 0;

  constructor(private readonly limits: ImportLimits) {
    const { maxConverting, maxLarge, maxHeldBytes } = limits;
    this.#converting = new FairSlots((used) => used < maxConverting && this.#heldBytes <= maxHeldBytes);
    this.#large = new FairSlots((used) => used < maxLarge);
  }

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
      throw problem('too_many_imports', detail, {
        headers: { 'retry-after': String(RETRY_AFTER_S) },
        values: { retryAfterSeconds: RETRY_AFTER_S },
      });
    }
    this.#slots.set(workspaceId, workspaceSlots + 1);
    let heldBytes = 0;
    try {
      return await work({
        inTurn: (convert) => this.#converting.run(workspaceId, signal, convert),
        large: (read) => this.#large.run(workspaceId, signal, read),
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
      this.#converting.next();
    }
  }
}

import { RecentUse } from '@errand/basics/recent-use';
import { problem } from '@errand/contracts';
import { FairSlots, type Turn } from './fair-slots.ts';

type LimitName = 'maxConverting' | 'maxLarge' | 'maxWaiting' | 'maxWaitingPerWorkspace' | 'maxHeldBytes';
export type ImportLimits = Readonly<Record<LimitName, number>>;

export type ImportSlot = {
  /** Runs `work` when a process may read a document. Work that is stopped for another workspace runs again later. */
  inTurn<T>(work: (turn: Turn) => Promise<T>): Promise<T>;
  /** Runs `work`, which may have a large document or the tools of several ones in memory, when few imports do. */
  large<T>(work: () => Promise<T>): Promise<T>;
  /** Counts bytes that the import keeps in memory until it ends. */
  hold(bytes: number): void;
};

const RETRY_AFTER_S = 10;
/** A workspace that used more processor time recently keeps only one process when another waits. */
const STOP_FROM_MS = 1000;

/**
 * Limits imports: a process that reads a document may use much memory and processor time. An import occupies a slot from before its document
 * is fetched until it is stored, so the queue also limits the documents in memory. The workspace that used the least processor time recently is
 * next, and none can occupy all slots.
 */
export class ImportQueue {
  readonly #slots = new Map<string, number>();
  readonly #converting: FairSlots;
  readonly #large: FairSlots;
  #heldBytes = 0;

  constructor(
    private readonly limits: ImportLimits,
    recentUse = new RecentUse(),
  ) {
    const isPaused = () => this.#heldBytes > limits.maxHeldBytes;
    this.#converting = new FairSlots({ max: limits.maxConverting, isPaused, stopFromMs: STOP_FROM_MS }, recentUse);
    this.#large = new FairSlots({ max: limits.maxLarge, maxOfTenant: Math.ceil(limits.maxLarge / 2) }, recentUse);
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

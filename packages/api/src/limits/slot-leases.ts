import { randomUUID } from 'node:crypto';
import type { ApiKeyRef, Db } from '@errand/db';

/** Time during which this process refuses slots without a query, after Postgres refused a lease. */
const REFUSE_MS = 1000;

type Holder = ApiKeyRef & {
  /** Slots in use. */
  open: number;
  /** Slots that this process has leased. */
  leased: number;
  /** The limit of the lease, and its slots per lease. */
  limit: number;
  batch: number;
  /** The lease that is in progress. */
  leasing: Promise<boolean> | undefined;
  refusedUntil: number;
};

export type SlotLimit = { limit: number; batch: number };

/** Slots of keys and workspaces over all processes: each process leases some from Postgres, so that most streams need no write. */
export class SlotLeases {
  readonly #processId = randomUUID();
  readonly #holders = new Map<string, Holder>();
  #renewing: Promise<void> = Promise.resolve();

  constructor(private readonly leases: Db['apiKeys']['streams']) {}

  /** @returns a function that frees the slot, where a second call does nothing; null if the limit is reached */
  async acquire(ref: ApiKeyRef, limit: SlotLimit): Promise<(() => void) | null> {
    for (;;) {
      const holder = this.#holderOf(ref, limit);
      if (hasFreeSlot(holder)) return use(holder);
      if (Date.now() < holder.refusedUntil) return null;
      holder.leasing ??= this.#lease(holder);
      if (!(await holder.leasing)) return null;
    }
  }

  /** Renews the leases, and returns slots that are not needed. */
  renew(): Promise<void> {
    this.#renewing = this.#renewAll();
    return this.#renewing;
  }

  async #renewAll(): Promise<void> {
    const all = [...this.#holders.values()];
    const idle = all.filter(({ open, leasing }) => open === 0 && !leasing);
    // A lease in progress renews itself.
    const busy = all.filter(({ open, leasing }) => open > 0 && !leasing);
    for (const { apiKeyId } of idle) this.#holders.delete(apiKeyId);
    if (idle.length > 0) await this.leases.drop(this.#processId, idle);
    if (busy.length === 0) return;
    for (const holder of busy) {
      const { open, batch } = holder;
      // Frees slots far beyond the open streams.
      holder.leased = Math.min(holder.leased, (Math.floor(open / batch) + 2) * batch);
    }
    await this.leases.renew(
      this.#processId,
      busy.map(({ workspaceId, apiKeyId, leased }) => ({ workspaceId, apiKeyId, streams: leased })),
    );
  }

  /** Frees all slots. Those that cannot be freed expire. */
  async close(): Promise<void> {
    const all = [...this.#holders.values()];
    this.#holders.clear();
    if (all.length > 0) await this.leases.drop(this.#processId, all).catch(() => {});
  }

  #holderOf({ workspaceId, apiKeyId }: ApiKeyRef, limit: SlotLimit): Holder {
    let holder = this.#holders.get(apiKeyId);
    if (!holder) {
      holder = { workspaceId, apiKeyId, ...limit, open: 0, leased: 0, leasing: undefined, refusedUntil: 0 };
      this.#holders.set(apiKeyId, holder);
    }
    // Slots that were leased under another limit count no more, unless they are in use.
    if (holder.limit !== limit.limit) Object.assign(holder, limit, { leased: holder.open, refusedUntil: 0 });
    return holder;
  }

  /** Leases more slots. @returns false if none are available */
  async #lease(holder: Holder): Promise<boolean> {
    try {
      // A renewal that is executed later would undo the lease.
      await this.#renewing.catch(() => {});
      holder.leased = await this.leases.take(this.#processId, holder, {
        open: holder.open,
        requested: holder.leased + holder.batch,
        limit: holder.limit,
      });
      const isFree = hasFreeSlot(holder);
      if (!isFree) holder.refusedUntil = Date.now() + REFUSE_MS;
      return isFree;
    } finally {
      holder.leasing = undefined;
    }
  }
}

/** After a limit is lowered, more slots can be in use, and so be leased, than it allows. */
const hasFreeSlot = ({ open, leased, limit }: Holder): boolean => open < Math.min(leased, limit);

function use(holder: Holder): () => void {
  holder.open++;
  let isFree = false;
  return () => {
    if (isFree) return;
    isFree = true;
    holder.open--;
  };
}

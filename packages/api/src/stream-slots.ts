import { randomUUID } from 'node:crypto';
import { type CallerPrincipal, includesScope, problem } from '@errand/contracts';
import type { ApiKeyRef, Db } from '@errand/db';
import { SessionStreams } from './console/session-streams.ts';
import { insufficientScope, unauthenticated } from './problems.ts';

const defaults = {
  /** Streams of one key, over all processes. */
  maxPerKey: 1000,
  /** Streams of one process, of all keys. */
  maxPerProcess: 10_000,
  /** Slots per lease from Postgres, so that most streams need no write. */
  batch: 50,
  /** Interval at which leases are renewed and keys are checked; a lease lasts 15 s. */
  renewMs: 5000,
};
export type SlotLimits = Partial<typeof defaults>;

/** Time during which this process refuses streams without a query, after Postgres refused a lease. */
const REFUSE_MS = 1000;

type Stream = { scopes: readonly (string | null)[]; revoke: (reason: Error) => void };
type KeySlots = ApiKeyRef & {
  open: Set<Stream>;
  /** Slots that this process has leased. */
  leased: number;
  /** The lease that is in progress. */
  leasing: Promise<boolean> | undefined;
  refusedUntil: number;
};

/**
 * Limits open streams: of each key over all processes, by slots leased from Postgres, and of this process. Revokes the
 * streams of keys that are revoked, have expired or lost the scope.
 */
export class StreamSlots {
  readonly #processId = randomUUID();
  readonly #keys = new Map<string, KeySlots>();
  readonly #limits: typeof defaults;
  readonly #sessionStreams: SessionStreams;
  #openStreams = 0;
  #timer: NodeJS.Timeout | undefined;
  #renewing: Promise<void> = Promise.resolve();

  constructor(
    private readonly apiKeys: Pick<Db['apiKeys'], 'streams' | 'validity'>,
    sessions: Pick<Db['sessions'], 'roles'>,
    limits: SlotLimits = {},
  ) {
    this.#limits = { ...defaults, ...limits };
    this.#sessionStreams = new SessionStreams(sessions);
  }

  /**
   * Acquires a slot for one stream.
   * @param scopes the key must keep them while the stream is open
   * @param revoke called at most once, when the key loses its right to the stream; the slot is already free then
   * @returns a function that frees the slot; a second call does nothing
   * @throws ProblemError too_many_streams, unavailable
   */
  async acquire(principal: CallerPrincipal, scopes: Stream['scopes'], revoke: Stream['revoke']): Promise<() => void> {
    if (principal.kind === 'person') return this.#sessionStreams.acquire(principal, scopes, revoke);
    if (principal.kind !== 'api_key') throw problem('not_supported', 'Streams need an API key or a session.');
    for (;;) {
      if (this.#openStreams >= this.#limits.maxPerProcess)
        throw problem('unavailable', 'Too many streams are open.', later);
      const keySlots = this.#slotsOf(principal);
      if (keySlots.open.size < keySlots.leased) {
        const stream = { scopes, revoke };
        keySlots.open.add(stream);
        this.#openStreams++;
        return () => this.#free(keySlots, stream);
      }
      if (Date.now() < keySlots.refusedUntil) throw this.#limitReached();
      keySlots.leasing ??= this.#lease(keySlots);
      if (!(await keySlots.leasing)) throw this.#limitReached();
    }
  }

  /** Frees all slots. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#sessionStreams.close();
    await this.#renewing;
    const keys = [...this.#keys.values()];
    this.#keys.clear();
    // Slots that cannot be freed expire.
    if (keys.length > 0) await this.apiKeys.streams.drop(this.#processId, keys).catch(() => {});
  }

  #slotsOf({ workspaceId, apiKeyId }: ApiKeyRef): KeySlots {
    let keySlots = this.#keys.get(apiKeyId);
    if (!keySlots) {
      keySlots = { workspaceId, apiKeyId, open: new Set(), leased: 0, leasing: undefined, refusedUntil: 0 };
      this.#keys.set(apiKeyId, keySlots);
      this.#timer ??= setInterval(() => this.#tick(), this.#limits.renewMs).unref();
    }
    return keySlots;
  }

  #free(keySlots: KeySlots, stream: Stream): void {
    if (keySlots.open.delete(stream)) this.#openStreams--;
  }

  /** Leases more slots for a key. @returns false if none are available */
  async #lease(keySlots: KeySlots): Promise<boolean> {
    const { maxPerKey, batch } = this.#limits;
    try {
      keySlots.leased = await this.apiKeys.streams.take(this.#processId, keySlots, {
        open: keySlots.open.size,
        requested: keySlots.leased + batch,
        limit: maxPerKey,
      });
      const hasFreeSlot = keySlots.leased > keySlots.open.size;
      if (!hasFreeSlot) keySlots.refusedUntil = Date.now() + REFUSE_MS;
      return hasFreeSlot;
    } finally {
      keySlots.leasing = undefined;
    }
  }

  #tick(): void {
    // While Postgres does not answer, requests fail anyway; the next tick tries again.
    this.#renewing = this.#renewing.then(() => this.#renew()).catch(() => {});
  }

  async #renew(): Promise<void> {
    const { batch } = this.#limits;
    const allSlots = [...this.#keys.values()];
    const idle = allSlots.filter(({ open, leasing }) => open.size === 0 && !leasing);
    const busy = allSlots.filter((keySlots) => !idle.includes(keySlots));
    for (const { apiKeyId } of idle) this.#keys.delete(apiKeyId);
    if (idle.length > 0) await this.apiKeys.streams.drop(this.#processId, idle);
    if (busy.length === 0) return;
    for (const keySlots of busy) {
      // Frees slots far beyond the open streams, unless a lease is in progress.
      if (!keySlots.leasing)
        keySlots.leased = Math.min(keySlots.leased, (Math.floor(keySlots.open.size / batch) + 2) * batch);
    }
    await this.apiKeys.streams.renew(
      this.#processId,
      busy.map(({ workspaceId, apiKeyId, leased }) => ({ workspaceId, apiKeyId, streams: leased })),
    );
    await this.#revokeStreams(busy);
  }

  /** Revokes the streams of keys that lost their rights. */
  async #revokeStreams(busy: readonly KeySlots[]): Promise<void> {
    const validity = await this.apiKeys.validity(busy);
    for (const keySlots of busy) {
      const keyScopes = validity.get(keySlots.apiKeyId);
      for (const stream of [...keySlots.open]) {
        const lostScope = keyScopes && stream.scopes.find((scope) => !includesScope(keyScopes, scope));
        if (keyScopes && lostScope === undefined) continue;
        this.#free(keySlots, stream);
        stream.revoke(
          keyScopes
            ? insufficientScope(keyScopes, lostScope ?? null)
            : unauthenticated('The API key is no longer valid.'),
        );
      }
    }
  }

  #limitReached() {
    return problem('too_many_streams', `The key has its maximum of ${this.#limits.maxPerKey} open streams.`, later);
  }
}

const later = { headers: { 'retry-after': '5' } };

import { randomUUID } from 'node:crypto';
import { type CallerPrincipal, grants, problem } from '@errand/contracts';
import type { ApiKeyRef, Db } from '@errand/db';
import { unauthenticated } from './read-key.ts';
import { insufficientScope } from './scope.ts';

const defaults = {
  /** Streams of one key, over all processes. */
  maxPerKey: 1000,
  /** Streams of one process, of all keys. */
  maxPerProcess: 10_000,
  /** Slots that are leased from Postgres together, so that most streams cost no write. */
  batch: 50,
  /** Interval at which leases are renewed and keys are checked; a lease lasts 15 s. */
  renewMs: 5000,
};
export type SlotLimits = Partial<typeof defaults>;

/** How long this process refuses without asking Postgres, after Postgres has refused. */
const REFUSE_MS = 1000;

type Stream = { needs: readonly (string | null)[]; cut: (why: Error) => void };
type Held = ApiKeyRef & {
  open: Set<Stream>;
  /** Slots that this process has leased. */
  leased: number;
  asking: Promise<boolean> | undefined;
  refusedUntil: number;
};

/**
 * Limits open streams: of a key over all processes, by slots leased from Postgres, and of this process. Cuts the streams of keys that
 * are revoked, expired or without the scope.
 */
export class StreamSlots {
  readonly #apiKeys: Pick<Db['apiKeys'], 'streams' | 'validity'>;

  readonly #holder = randomUUID();
  readonly #keys = new Map<string, Held>();
  readonly #limits: typeof defaults;
  #all = 0;
  #timer: NodeJS.Timeout | undefined;
  #renewing: Promise<void> = Promise.resolve();

  constructor(apiKeys: Pick<Db['apiKeys'], 'streams' | 'validity'>, limits: SlotLimits = {}) {
    this.#apiKeys = apiKeys;

    this.#limits = { ...defaults, ...limits };
  }

  /**
   * Takes a slot for one stream.
   * @param needs scopes that the key must hold as long as the stream is open
   * @param cut called at most once, when the key may not have the stream any more; the slot is already free then
   * @returns frees the slot; a second call does nothing
   * @throws ProblemError too_many_streams, unavailable
   */
  async take(principal: CallerPrincipal, needs: Stream['needs'], cut: Stream['cut']): Promise<() => void> {
    if (principal.kind !== 'api_key') throw problem('not_supported', 'Streams need an API key.');
    for (;;) {
      if (this.#all >= this.#limits.maxPerProcess)
        throw problem('unavailable', 'Too many streams are open. Try again.', later);
      const held = this.#of(principal);
      if (held.open.size < held.leased) {
        const stream = { needs, cut };
        held.open.add(stream);
        this.#all++;
        return () => this.#free(held, stream);
      }
      if (Date.now() < held.refusedUntil) throw this.#tooMany();
      held.asking ??= this.#lease(held);
      if (!(await held.asking)) throw this.#tooMany();
    }
  }

  /** Frees all slots. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
    const keys = [...this.#keys.values()];
    this.#keys.clear();
    // Slots that cannot be freed expire.
    if (keys.length > 0) await this.#apiKeys.streams.drop(this.#holder, keys).catch(() => {});
  }

  #of({ workspaceId, apiKeyId }: ApiKeyRef): Held {
    let held = this.#keys.get(apiKeyId);
    if (!held) {
      held = { workspaceId, apiKeyId, open: new Set(), leased: 0, asking: undefined, refusedUntil: 0 };
      this.#keys.set(apiKeyId, held);
      this.#timer ??= setInterval(() => this.#tick(), this.#limits.renewMs).unref();
    }
    return held;
  }

  #free(held: Held, stream: Stream): void {
    if (held.open.delete(stream)) this.#all--;
  }

  /** Leases more slots for a key; false when there are none. */
  async #lease(held: Held): Promise<boolean> {
    const { maxPerKey, batch } = this.#limits;
    try {
      const wanted = held.leased + batch;
      held.leased = await this.#apiKeys.streams.take(this.#holder, held, {
        open: held.open.size,
        wanted,
        limit: maxPerKey,
      });
      const some = held.leased > held.open.size;
      if (!some) held.refusedUntil = Date.now() + REFUSE_MS;
      return some;
    } finally {
      held.asking = undefined;
    }
  }

  #tick(): void {
    // When Postgres does not answer, every request says so; the next tick tries again.
    this.#renewing = this.#renewing.then(() => this.#renew()).catch(() => {});
  }

  async #renew(): Promise<void> {
    const { batch } = this.#limits;
    const held = [...this.#keys.values()];
    const idle = held.filter(({ open, asking }) => open.size === 0 && !asking);
    const busy = held.filter((one) => !idle.includes(one));
    for (const { apiKeyId } of idle) this.#keys.delete(apiKeyId);
    if (idle.length > 0) await this.#apiKeys.streams.drop(this.#holder, idle);
    if (busy.length === 0) return;
    for (const one of busy) {
      // Slots far beyond the open streams are freed, unless a lease is under way.
      if (!one.asking) one.leased = Math.min(one.leased, (Math.floor(one.open.size / batch) + 2) * batch);
    }
    await this.#apiKeys.streams.renew(
      this.#holder,
      busy.map(({ workspaceId, apiKeyId, leased }) => ({ workspaceId, apiKeyId, streams: leased })),
    );
    await this.#cut(busy);
  }

  /** Cuts the streams that their keys may not have any more. */
  async #cut(busy: readonly Held[]): Promise<void> {
    const validity = await this.#apiKeys.validity(busy);
    for (const held of busy) {
      const scopes = validity.get(held.apiKeyId);
      for (const stream of [...held.open]) {
        const lost = scopes && stream.needs.find((scope) => !grants(scopes, scope));
        if (scopes && lost === undefined) continue;
        this.#free(held, stream);
        stream.cut(
          scopes ? insufficientScope(scopes, lost ?? null) : unauthenticated('The API key is not valid any more.'),
        );
      }
    }
  }

  #tooMany() {
    return problem(
      'too_many_streams',
      `The key has ${this.#limits.maxPerKey} open streams. Close some, then try again.`,
      later,
    );
  }
}

const later = { headers: { 'retry-after': '5' } };

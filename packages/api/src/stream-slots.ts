import { randomUUID } from 'node:crypto';
import { grants, type KeyPrincipal, problem } from '@errand/contracts';
import type { Db, KeyId } from '@errand/db';
import { unauthenticated } from './read-key.ts';
import { lacks } from './scope.ts';

const defaults = {
  /** Of one key, over all processes. */
  ofOneKey: 1000,
  /** Of one process: what it can serve, whoever asks. */
  inAll: 10_000,
  /** Places of a key are taken from Postgres so many at a time, so that most streams cost no write. */
  batch: 50,
  /** How often leases are renewed and keys looked at; a lease lives for 15 s. */
  beatMs: 5000,
};
export type SlotLimits = Partial<typeof defaults>;

/** After a refusal by Postgres, how long this process refuses by itself. */
const REFUSE_MS = 1000;

type Stream = { needs: readonly (string | null)[]; cut: (why: Error) => void };
type Held = KeyId & {
  open: Set<Stream>;
  /** Places that Postgres gave this process. */
  leased: number;
  asking: Promise<boolean> | undefined;
  refusedUntil: number;
};

/**
 * Counts open streams and refuses those beyond the limits: of a key over all processes, by places leased from Postgres, and of
 * this process in all. Cuts the streams of keys that are revoked or expired or have lost the scope.
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
   * Takes a place for one stream.
   * @param needs scopes by which the stream shows what it shows; the key must go on holding them
   * @param cut is called, at most once, when the key may not have the stream any more; the place is given back by then
   * @returns gives the place back; calling it again does nothing
   * @throws ProblemError too_many_streams, unavailable
   */
  async take(principal: KeyPrincipal, needs: Stream['needs'], cut: Stream['cut']): Promise<() => void> {
    for (;;) {
      if (this.#all >= this.#limits.inAll) throw problem('unavailable', 'Too many streams are open. Try again.', later);
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

  /** Gives all places back. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
    const keys = [...this.#keys.values()];
    this.#keys.clear();
    // what cannot be given back ends by itself
    if (keys.length > 0) await this.#apiKeys.streams.drop(this.#holder, keys).catch(() => {});
  }

  #of({ workspaceId, apiKeyId }: KeyId): Held {
    let held = this.#keys.get(apiKeyId);
    if (!held) {
      held = { workspaceId, apiKeyId, open: new Set(), leased: 0, asking: undefined, refusedUntil: 0 };
      this.#keys.set(apiKeyId, held);
      this.#timer ??= setInterval(() => this.#tick(), this.#limits.beatMs).unref();
    }
    return held;
  }

  #free(held: Held, stream: Stream): void {
    if (held.open.delete(stream)) this.#all--;
  }

  /** More places of a key; false when there are none. */
  async #lease(held: Held): Promise<boolean> {
    const { ofOneKey, batch } = this.#limits;
    try {
      const wanted = held.leased + batch;
      held.leased = await this.#apiKeys.streams.take(this.#holder, held, {
        open: held.open.size,
        wanted,
        limit: ofOneKey,
      });
      const some = held.leased > held.open.size;
      if (!some) held.refusedUntil = Date.now() + REFUSE_MS;
      return some;
    } finally {
      held.asking = undefined;
    }
  }

  #tick(): void {
    // When Postgres does not answer, every request tells so; the next turn tries again.
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
      // Slots far beyond what is open go back; a lease under way decides for itself.
      if (!one.asking) one.leased = Math.min(one.leased, (Math.floor(one.open.size / batch) + 2) * batch);
    }
    await this.#apiKeys.streams.renew(
      this.#holder,
      busy.map(({ workspaceId, apiKeyId, leased }) => ({ workspaceId, apiKeyId, streams: leased })),
    );
    await this.#cut(busy);
  }

  /** Ends what keys may not have any more. */
  async #cut(busy: readonly Held[]): Promise<void> {
    const validity = await this.#apiKeys.validity(busy);
    for (const held of busy) {
      const scopes = validity.get(held.apiKeyId);
      for (const stream of [...held.open]) {
        const lost = scopes && stream.needs.find((scope) => !grants(scopes, scope));
        if (scopes && lost === undefined) continue;
        this.#free(held, stream);
        stream.cut(scopes ? lacks(scopes, lost ?? null) : unauthenticated('The API key is not valid any more.'));
      }
    }
  }

  #tooMany() {
    return problem(
      'too_many_streams',
      `The key has ${this.#limits.ofOneKey} open streams. Close some, then try again.`,
      later,
    );
  }
}

const later = { headers: { 'retry-after': '5' } };

import {
  type CallerPrincipal,
  includesScope,
  type KeyPrincipal,
  type PersonPrincipal,
  problem,
  type UserTokenPrincipal,
} from '@errand/contracts';
import type { ApiKeyRef, Db } from '@errand/db';
import { SessionStreams } from './console/session-streams.ts';
import { Shares } from './limits/shares.ts';
import { SlotLeases } from './limits/slot-leases.ts';
import { streamHolder } from './limits/user-holders.ts';
import { insufficientScope, unauthenticated } from './problems.ts';
import { streamOfToken, userStreams } from './user-tokens/user-streams.ts';

const defaults = {
  /** Streams of one key, over all processes. */
  maxPerKey: 1000,
  /** Streams of one process, of all callers. A workspace gets a share of them. */
  maxPerProcess: 10_000,
  /** Slots per lease from Postgres, so that most streams need no write. */
  batch: 50,
  /** Interval at which leases are renewed and keys are checked; a lease lasts 15 s. */
  renewMs: 5000,
};
export type SlotLimits = Partial<typeof defaults>;

type Stream = ApiKeyRef & { scopes: readonly (string | null)[]; free: () => void; revoke: (reason: Error) => void };
type StreamDeps = {
  apiKeys: Pick<Db['apiKeys'], 'streams' | 'validity'>;
  sessions: Pick<Db['sessions'], 'roles'>;
  userTokens: Pick<Db['userTokens'], 'valid'>;
  workspaceSettings: { of(workspaceId: string): { streams: number | null } | undefined };
};

/**
 * Limits open streams: of each key and workspace over all processes, by slots leased from Postgres, and of each workspace by its share of
 * this process. Revokes the streams of keys that are revoked, have expired or lost the scope.
 */
export class StreamSlots {
  readonly #streams = new Set<Stream>();
  readonly #leases: SlotLeases;
  readonly #limits: typeof defaults;
  readonly #sessionStreams: SessionStreams;
  readonly #userStreams: ReturnType<typeof userStreams>;
  readonly #shares: Shares;
  #timer: NodeJS.Timeout | undefined;
  #renewing: Promise<void> = Promise.resolve();

  constructor(
    private readonly deps: StreamDeps,
    limits: SlotLimits = {},
  ) {
    this.#limits = { ...defaults, ...limits };
    this.#leases = new SlotLeases(deps.apiKeys.streams);
    this.#sessionStreams = new SessionStreams(deps.sessions);
    this.#userStreams = userStreams(deps.userTokens);
    this.#shares = new Shares(this.#limits.maxPerProcess);
  }

  /**
   * Acquires a slot for one stream.
   * @param scopes the key must keep them while the stream is open
   * @param revoke called at most once, when the key loses its right to the stream; the slot is already free then
   * @returns a function that frees the slot; a second call does nothing
   * @throws ProblemError too_many_streams
   */
  async acquire(principal: CallerPrincipal, scopes: Stream['scopes'], revoke: Stream['revoke']): Promise<() => void> {
    const freeWorkspace = await this.#acquireOfWorkspace(principal);
    const revokeBoth = (reason: Error) => {
      freeWorkspace();
      revoke(reason);
    };
    try {
      const free = await this.#acquireOfCaller(principal, scopes, revokeBoth);
      return () => {
        free();
        freeWorkspace();
      };
    } catch (error) {
      freeWorkspace();
      throw error;
    }
  }

  /** Frees all slots. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#sessionStreams.close();
    this.#userStreams.close();
    await this.#renewing;
    await this.#leases.close();
  }

  /** Takes a slot of the workspace's share of this process and, if the workspace has a limit over all processes, one of those. */
  async #acquireOfWorkspace({ workspaceId }: CallerPrincipal): Promise<() => void> {
    const freeShare = this.#shares.take(workspaceId);
    if (!freeShare) throw shareUsed(this.#shares.maxOf(workspaceId));
    const limit = this.deps.workspaceSettings.of(workspaceId)?.streams ?? null;
    if (limit === null) return freeShare;
    this.#startTimer();
    const batch = Math.min(this.#limits.batch, Math.ceil(limit / 100));
    try {
      const free = await this.#leases.acquire({ workspaceId, apiKeyId: workspaceId }, { limit, batch });
      if (!free) throw tooManyStreams('workspace', limit);
      return () => {
        free();
        freeShare();
      };
    } catch (error) {
      freeShare();
      throw error;
    }
  }

  #acquireOfCaller(principal: CallerPrincipal, scopes: Stream['scopes'], revoke: Stream['revoke']) {
    if (principal.kind === 'person') return this.#sessionStreams.acquire(principal, scopes, revoke);
    if (principal.kind === 'user_token') return this.#acquireOfUser(principal, revoke);
    return this.#acquireOfKey(principal, scopes, revoke);
  }

  /** A token keeps its abilities, so there are no scopes to check. */
  async #acquireOfUser(principal: UserTokenPrincipal, revoke: Stream['revoke']): Promise<() => void> {
    this.#startTimer();
    const limit = principal.limits.streams;
    const free = await this.#leases.acquire(streamHolder(principal), { limit, batch: 1 });
    if (!free) throw tooManyStreams('user', limit);
    const remove = this.#userStreams.add(streamOfToken(principal, free, revoke));
    return () => {
      remove();
      free();
    };
  }

  async #acquireOfKey(
    principal: Exclude<CallerPrincipal, PersonPrincipal | UserTokenPrincipal>,
    scopes: Stream['scopes'],
    revoke: Stream['revoke'],
  ): Promise<() => void> {
    if (principal.kind !== 'api_key') throw problem('not_supported', 'Streams need an API key or a session.');
    const { maxPerKey, batch } = this.#limits;
    this.#startTimer();
    const free = await this.#leases.acquire(principal, { limit: maxPerKey, batch });
    if (!free) throw tooManyStreams('key', maxPerKey);
    return this.#add(principal, { scopes, free, revoke });
  }

  #add({ workspaceId, apiKeyId }: KeyPrincipal, stream: Omit<Stream, keyof ApiKeyRef>): () => void {
    const added = { workspaceId, apiKeyId, ...stream };
    this.#streams.add(added);
    return () => this.#free(added);
  }

  #free(stream: Stream): void {
    this.#streams.delete(stream);
    stream.free();
  }

  #startTimer(): void {
    this.#timer ??= setInterval(() => this.#tick(), this.#limits.renewMs).unref();
  }

  #tick(): void {
    // While Postgres does not answer, requests fail anyway; the next tick tries again.
    this.#renewing = this.#renewing
      .then(() => this.#leases.renew())
      .then(() => this.#revokeStreams())
      .catch(() => {});
  }

  /** Revokes the streams of keys that lost their rights. */
  async #revokeStreams(): Promise<void> {
    if (this.#streams.size === 0) return;
    const open = [...this.#streams];
    const keys = new Map(open.map(({ workspaceId, apiKeyId }) => [apiKeyId, { workspaceId, apiKeyId }]));
    const validity = await this.deps.apiKeys.validity([...keys.values()]);
    for (const stream of open) {
      const keyScopes = validity.get(stream.apiKeyId);
      const lostScope = keyScopes && stream.scopes.find((scope) => !includesScope(keyScopes, scope));
      if (keyScopes && lostScope === undefined) continue;
      if (!this.#streams.has(stream)) continue;
      this.#free(stream);
      stream.revoke(
        keyScopes
          ? insufficientScope(keyScopes, lostScope ?? null)
          : unauthenticated('The API key is no longer valid.'),
      );
    }
  }
}

const later = { headers: { 'retry-after': '5' }, values: { retryAfterSeconds: 5 } };

const tooManyStreams = (holder: 'key' | 'user' | 'workspace', max: number) =>
  problem('too_many_streams', `The ${holder} has its maximum of ${max} open streams.`, { ...later, values: { max } });

const shareUsed = (max: number) =>
  problem('too_many_streams', `The workspace has its share of ${max} open streams of this process.`, {
    ...later,
    values: { max },
  });

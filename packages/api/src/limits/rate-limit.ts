import { type CallerPrincipal, type PlatformPrincipal, problem, type SessionPrincipal } from '@errand/contracts';
import type { ApiKeyRef, RequestQuota } from '@errand/db';
import { requestHolder } from './user-holders.ts';

/** Default maximum requests of a key per minute, over all processes. */
const LIMIT = 300_000;
const WINDOW_MS = 60_000;
/** Maximum number of keys in memory; the oldest is dropped first. */
const MAX_KEYS = 10_000;

type Budget = ApiKeyRef & {
  /** Requests in a minute. */
  limit: number;
  /** Requests that this process may accept without a query. */
  leased: number;
  leasedAt: number;
  /** Requests left over all processes at the last lease, and the time at which the quota is full again. */
  remaining: number;
  fullAt: number;
  /** The lease that is in progress. */
  leasing: Promise<void> | undefined;
  refusedUntil: number;
};

/** Fields of draft-ietf-httpapi-ratelimit-headers: requests left (`r`), seconds until the quota is full again (`t`). */
export type RateFields = { 'ratelimit-policy': string; ratelimit: string };

/**
 * The request quota of each key, or of each workspace, over all processes. Each process leases a hundredth of it from Postgres in advance, so that a request
 * needs neither a write nor a wait.
 */
export class RateLimit {
  readonly #keys = new Map<string, Budget>();

  /** @param limit requests in a minute; 0: no limit @param holder of a quota, as answers name it */
  constructor(
    private readonly quota: RequestQuota,
    private readonly limit: number = LIMIT,
    private readonly holder: 'key' | 'user' | 'workspace' = 'key',
  ) {}

  /**
   * Counts a request.
   * @param limit of this key; that of all keys by default
   * @returns the header fields of the answer; a promise only if a lease from Postgres is needed
   * @throws ProblemError rate_limited
   */
  spend(key: ApiKeyRef, limit = this.limit): RateFields | undefined | Promise<RateFields> {
    if (limit === 0) return undefined;
    const budget = this.#budgetOf(key, limit);
    const now = Date.now();
    // Postgres counted an unused lease as spent; after this window the quota is full again.
    if (now - budget.leasedAt > WINDOW_MS) budget.leased = 0;
    if (budget.leased === 0) return this.#wait(budget);
    if (budget.leased <= batchOf(budget) / 2 && now >= budget.refusedUntil) budget.leasing ??= this.#lease(budget);
    return this.#take(budget, now);
  }

  #budgetOf({ workspaceId, apiKeyId }: ApiKeyRef, limit: number): Budget {
    let budget = this.#keys.get(apiKeyId);
    // A changed limit ends the lease: its size was that of the old one.
    if (budget?.limit !== limit) {
      const none = { leased: 0, leasedAt: 0, remaining: 0, fullAt: 0, leasing: undefined, refusedUntil: 0 };
      budget = { workspaceId, apiKeyId, limit, ...none };
      this.#keys.delete(apiKeyId);
      this.#keys.set(apiKeyId, budget);
      if (this.#keys.size > MAX_KEYS) this.#keys.delete(this.#keys.keys().next().value!);
    }
    return budget;
  }

  #take(budget: Budget, now: number): RateFields {
    budget.leased--;
    return this.#fields(budget, now);
  }

  async #wait(budget: Budget): Promise<RateFields> {
    for (;;) {
      const now = Date.now();
      if (budget.leased > 0) return this.#take(budget, now);
      if (now < budget.refusedUntil) throw this.#refusal(budget, now);
      budget.leasing ??= this.#lease(budget);
      await budget.leasing;
    }
  }

  async #lease(budget: Budget): Promise<void> {
    try {
      const grant = await this.quota.take(budget, batchOf(budget), budget.limit, WINDOW_MS);
      const { granted, remaining, nextMs, fullMs } = grant;
      const now = Date.now();
      budget.leased += granted;
      budget.leasedAt = now;
      budget.remaining = remaining;
      budget.fullAt = now + fullMs;
      if (granted === 0) budget.refusedUntil = now + Math.max(nextMs, 1);
    } catch {
      // Without Postgres requests are not counted; those that need it fail anyway.
      budget.leased += batchOf(budget);
      budget.leasedAt = Date.now();
    } finally {
      budget.leasing = undefined;
    }
  }

  #fields({ limit, leased, remaining, fullAt }: Budget, now: number): RateFields {
    const left = Math.min(leased + remaining, limit);
    return {
      'ratelimit-policy': `"${this.holder}";q=${limit};w=${WINDOW_MS / 1000}`,
      ratelimit: `"${this.holder}";r=${left};t=${Math.max(1, Math.ceil((fullAt - now) / 1000))}`,
    };
  }

  #refusal(budget: Budget, now: number) {
    const seconds = Math.max(1, Math.ceil((budget.refusedUntil - now) / 1000));
    return problem('rate_limited', `The ${this.holder} has used its ${budget.limit} requests per minute.`, {
      remedy: `Wait ${seconds} s.`,
      values: { retryAfterSeconds: seconds },
      headers: { 'retry-after': String(seconds), ...this.#fields({ ...budget, leased: 0, remaining: 0 }, now) },
    });
  }
}

const batchOf = ({ limit }: Budget): number => Math.ceil(limit / 100);

/** The quota of each caller: for keys over all processes, for subjects of access tokens in each process. */
type Caller = CallerPrincipal | SessionPrincipal | PlatformPrincipal;
export type CallerRateLimit = { spend(principal: Caller): ReturnType<RateLimit['spend']> };

type Quotas = {
  keys: RateLimit;
  /** Of the users of user tokens, each with the limit of its token. */
  users: RateLimit;
  /** Of callers that are not in the database. */
  subjects: RateLimit;
  /** Of all callers of a workspace that has such a limit. */
  workspaces: RateLimit;
  settings: { of(workspaceId: string): { requestsPerMinute: number | null } | undefined };
};

export const createCallerRate = ({ keys, users, subjects, workspaces, settings }: Quotas): CallerRateLimit => {
  const spendOwn = (principal: Caller, workspaceId: string) => {
    if (principal.kind === 'api_key') return keys.spend(principal);
    if (principal.kind === 'user_token')
      return users.spend(requestHolder(principal), principal.limits.requestsPerMinute);
    return subjects.spend({ workspaceId, apiKeyId: principal.id });
  };
  return {
    spend: (principal) => {
      const workspaceId = 'workspaceId' in principal ? principal.workspaceId : '';
      const ofCaller = spendOwn(principal, workspaceId);
      const limit = settings.of(workspaceId)?.requestsPerMinute ?? null;
      if (limit === null) return ofCaller;
      // A request that the limit of the key refuses does not count for the workspace.
      return Promise.resolve(ofCaller).then(async (fields) => {
        const ofWorkspace = await workspaces.spend({ workspaceId, apiKeyId: workspaceId }, limit);
        return joined(fields, ofWorkspace!);
      });
    },
  };
};

const joined = (first: RateFields | undefined, second: RateFields): RateFields =>
  first
    ? {
        'ratelimit-policy': `${first['ratelimit-policy']}, ${second['ratelimit-policy']}`,
        ratelimit: `${first.ratelimit}, ${second.ratelimit}`,
      }
    : second;

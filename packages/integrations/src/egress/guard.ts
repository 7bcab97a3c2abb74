import { setTimeout as sleep } from 'node:timers/promises';
import { type Awaitable, chain, isPromise } from '@errand/basics/awaitable';
import { EgressError, withRequestedOrigin } from './error.ts';
import type { PrivateAddresses } from './private-addresses.ts';
import { checkTarget, literalAddress, NO_ORIGINS, publicAddresses, type Resolver, type Target } from './target.ts';

/** Origins that administrators allow for a workspace. */
export type OriginsOf = (workspaceId: string) => Awaitable<ReadonlySet<string>>;

type GuardOptions = {
  /** Origins that the operator allows. */
  trusted: ReadonlySet<string>;
  resolver: Resolver;
  /** Origins of workspaces, and the addresses that they may reach there; absent if only the operator allows origins. */
  workspaces: { originsOf: OriginsOf; addresses: PrivateAddresses } | undefined;
  /** Longest lookup of a name before a proxy is called, in ms; absent without a proxy: the connector checks addresses. */
  lookupMs: number | undefined;
};

/** Checks the targets of calls. Without a workspace only the operator's exceptions apply. */
export class Guard {
  readonly #checkEarly: ((target: Target) => Promise<void>) | undefined;

  constructor(private readonly options: GuardOptions) {
    const { lookupMs } = options;
    this.#checkEarly =
      lookupMs === undefined ? undefined : withTimeLimit((target) => this.#checkName(target), lookupMs);
  }

  /** @throws EgressError url_not_allowed; upstream_unreachable if the origins of the workspace cannot be read */
  check(input: string | URL, workspaceId: string | undefined): Awaitable<Target> {
    return chain(this.#originsOf(workspaceId), (origins) => {
      const target = checkTarget(input, this.options.trusted, origins);
      return this.#checkEarly ? this.#checkEarly(target).then(() => target) : target;
    });
  }

  /** The same in advance, with the addresses of the name. @throws EgressError url_not_allowed, upstream_unreachable */
  async checkUrl(text: string, workspaceId: string | undefined): Promise<URL> {
    const target = checkTarget(text, this.options.trusted, await this.#originsOf(workspaceId));
    await this.#checkName(target);
    return target.url;
  }

  /** The origins that the operator or the workspace allows. @throws EgressError upstream_unreachable */
  async allowedOrigins(workspaceId: string | undefined): Promise<readonly string[]> {
    return [...this.options.trusted, ...(await this.#originsOf(workspaceId))];
  }

  #originsOf(workspaceId: string | undefined): Awaitable<ReadonlySet<string>> {
    const { workspaces } = this.options;
    if (workspaceId === undefined || !workspaces) return NO_ORIGINS;
    const origins = workspaces.originsOf(workspaceId);
    if (!isPromise(origins)) return origins;
    return origins.catch((cause) => {
      throw new EgressError('upstream_unreachable', { cause, isOurs: true });
    });
  }

  /** Refuses names with addresses that may not be called; names that cannot be resolved now pass. */
  async #checkName({ url, allowedBy }: Target): Promise<void> {
    if (allowedBy === 'workspace') return this.options.workspaces?.addresses.checkOrigin(url.origin);
    if (allowedBy || literalAddress(url.hostname)) return;
    await publicAddresses(url.hostname, this.options.resolver).catch((error) => {
      if (error instanceof EgressError) throw withRequestedOrigin(url, error);
    });
  }
}

/** A check with the time limit `maxMs`. After a timeout, lookups pause for a minute: perhaps only the proxy can resolve names. */
function withTimeLimit(checkName: (target: Target) => Promise<void>, maxMs: number) {
  let pausedUntil = 0;
  return async (target: Target): Promise<void> => {
    if (target.allowedBy || Date.now() < pausedUntil) return;
    const timeout = sleep(maxMs, true, { ref: false });
    if (await Promise.race([checkName(target), timeout])) pausedUntil = Date.now() + 60_000;
  };
}

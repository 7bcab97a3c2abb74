import { type Awaitable, isPromise } from '@errand/basics/awaitable';
import { guardedBy } from '@errand/basics/guarded';
import { Agent } from 'undici';
import { type AgentLimits, Agents, agentOptions, connectionsOf, guardedConnector, privateConnector } from './agents.ts';
import { EgressError, findEgressError, withRequestedOrigin } from './error.ts';
import { type FetchBounds, guardedFetch } from './fetch.ts';
import { Guard, type OriginsOf } from './guard.ts';
import { outgoingHeaders } from './headers.ts';
import { OriginRefused, PrivateAddresses, type PrivateLimits } from './private-addresses.ts';
import { PrivatePools } from './private-pools.ts';
import { type EgressResponse, Receiver } from './receive.ts';
import { NO_ORIGINS, type Resolver, systemResolver, type Target } from './target.ts';

const defaults = {
  connectMs: 10_000,
  /** Longest local lookup of a name before the proxy is called. */
  lookupMs: 1_000,
  /** Longest wait for the first header, and between two pieces of a body. */
  headersMs: 15_000,
  bodyMs: 15_000,
  /** Whole call with its redirects: by default, and at most. */
  totalMs: 30_000,
  maxTotalMs: 300_000,
  maxBytes: 1024 * 1024,
  fetchIdleMs: 120_000,
};

export type EgressOptions = {
  /** Exact origins that the operator trusts, such as `http://127.0.0.1:4101`. */
  allowOrigins?: readonly string[];
  resolver?: Resolver;
  limits?: Partial<typeof defaults>;
  /**
   * An HTTP proxy (CONNECT) for all but the trusted origins, possibly with user and password. The text of a URL is checked here, and its
   * name as far as it resolves here. The proxy resolves it again, and must reject private addresses itself.
   */
  proxyUrl?: string;
  /** Origins that administrators allow for their workspace; absent: only the operator allows origins. They are called without the proxy. */
  workspaces?: { originsOf: OriginsOf; limits: PrivateLimits };
  /** A further certificate authority (PEM) for servers behind the proxy, for tests. */
  ca?: string;
  /** Called for every failed call, with details that are not for users. */
  log?: (event: { code: EgressError['code']; origin: string; detail: string }) => void;
  /** Called for every URL that the guard refuses. */
  onRefused?: () => void;
  /** Called with the first exception of `log` and `onRefused`. They change no outcome. */
  onFault?: (error: unknown) => void;
};

export type EgressRequest = {
  method: string;
  url: string | URL;
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
  signal?: AbortSignal;
  /** Called just before the request is written; with false nothing is sent. */
  maySend?: (() => boolean) | undefined;
  timeoutMs?: number;
  maxBytes?: number;
  /** With a larger body: `fail` (default), or `cut`, which returns its beginning. */
  whenTooLarge?: 'fail' | 'cut';
  /** Further headers of the answer to keep, in lower case. */
  keepHeaders?: readonly string[] | undefined;
  /** Redirects to follow; with credentials always none. */
  redirects?: 0 | 3;
  /** Whether the request contains credentials, in the URL, a header or the body. */
  credentials: boolean;
  /** Connections stay open for the next call of the same tenant; without a tenant they are closed. */
  tenant?: string;
};

export interface Egress {
  /** @throws EgressError */
  request(request: EgressRequest): Promise<EgressResponse>;
  /** A fetch with the same guard and the connections of one tenant. It follows no redirects, since requests may contain credentials. */
  fetchFor(options: { tenant: string } & FetchBounds): typeof globalThis.fetch;
  /** Checks a URL in advance. Names that cannot be resolved now pass: each connection checks again. @throws EgressError url_not_allowed */
  checkUrl(url: string): Promise<URL>;
  /** The origins that the operator or the workspace allows. */
  allowedOrigins(): Promise<readonly string[]>;
  /** Closes the connections of all callers of the process. */
  close(): Promise<void>;
}

/** The egress of a process. Its own calls have only the operator's exceptions. */
export interface InstanceEgress extends Egress {
  /** The egress for calls of a workspace: also the origins that its administrators allow may be called. */
  forWorkspace(workspaceId: string): Egress;
  /** Refuses an origin that no administrator may allow. @throws OriginRefused */
  checkOrigin(origin: string): Promise<void>;
}

const redirectStatus = new Set([301, 302, 303, 307, 308]);

/** @throws TypeError unless the text is exactly an http(s) origin */
function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || (text !== url.origin && text !== `${url.origin}/`)) {
    throw new TypeError(`An allowed origin must be a scheme, a host and a port, as in http://127.0.0.1:4101: ${text}`);
  }
  return url.origin;
}

/** Creates an egress with its guard, which cannot be turned off: `allowOrigins` and `workspaces` name single exceptions. */
export function createEgress(options: EgressOptions = {}): InstanceEgress {
  const limits = { ...defaults, ...options.limits };
  const resolver = options.resolver ?? systemResolver;
  const trusted = new Set((options.allowOrigins ?? []).map(originOf));
  const originsOf = options.workspaces?.originsOf ?? (() => NO_ORIGINS);
  const addresses = options.workspaces && new PrivateAddresses(options.workspaces.limits, resolver);
  const guard = new Guard({
    trusted,
    resolver,
    workspaces: addresses && { originsOf, addresses },
    lookupMs: options.proxyUrl === undefined ? undefined : limits.lookupMs,
  });
  const proxy = options.proxyUrl === undefined ? undefined : { url: options.proxyUrl, ca: options.ca };
  const connect = guardedConnector({ trusted, resolver, connectMs: limits.connectMs });
  const openPrivate = (agentLimits: AgentLimits) => (origin: string) => {
    if (!addresses) throw new Error('No workspace may allow origins.');
    const toPrivate = privateConnector(new URL(origin), { addresses, resolver, connectMs: limits.connectMs });
    return connectionsOf(new Agent(agentOptions(toPrivate, agentLimits)));
  };
  const open = (agentLimits: AgentLimits): Pools => ({
    agents: new Agents(connect, agentLimits, proxy),
    privatePools: new PrivatePools(openPrivate(agentLimits), async (workspaceId) => originsOf(workspaceId)),
  });
  const pools = open(limits);
  const fetchPools = open({ ...limits, headersMs: limits.fetchIdleMs, bodyMs: limits.fetchIdleMs });
  const close = async () => {
    const all = [pools, fetchPools].flatMap(({ agents, privatePools }) => [agents, privatePools]);
    await Promise.all(all.map((each) => each.close()));
  };
  const parts = { guard, limits, pools, fetchPools, watch: watchOf(options), close };
  return {
    ...egressFor(parts, undefined),
    forWorkspace: (workspaceId) => egressFor(parts, workspaceId),
    checkOrigin: async (origin) => {
      const refusal = await addresses?.refusalOfOrigin(originOf(origin));
      if (refusal) throw new OriginRefused(refusal);
    },
  };
}

type Pools = { agents: Agents; privatePools: PrivatePools };
type Parts = {
  guard: Guard;
  limits: typeof defaults;
  pools: Pools;
  fetchPools: Pools;
  watch: Watch;
  close: () => Promise<void>;
};

/** Reports a failed call, and a refused URL. */
type Watch = { failed: NonNullable<EgressOptions['log']>; refused: () => void };

function watchOf({ log, onRefused, onFault = () => {} }: EgressOptions): Watch {
  const guarded = guardedBy(onFault);
  return {
    failed: (event) => guarded(() => log?.(event)),
    refused: () => guarded(() => onRefused?.()),
  };
}

function egressFor(parts: Parts, workspaceId: string | undefined): Egress {
  const { guard, limits, pools, fetchPools, watch, close } = parts;
  const noteRefusal = (error: unknown): never => {
    if (findEgressError(error)?.code === 'url_not_allowed') watch.refused();
    throw error;
  };
  const check = (input: string | URL) => guard.check(input, workspaceId);
  const sendBefore = (endsAt: number) => (request: EgressRequest, target: Target) =>
    sendOnce(request, target.url, pick(pools, target, { workspaceId, tenant: request.tenant }), {
      maxBytes: request.maxBytes ?? limits.maxBytes,
      endsAt,
    });
  return {
    request(request) {
      const endsAt = Date.now() + Math.min(request.timeoutMs ?? limits.totalMs, limits.maxTotalMs);
      return followRedirects(request, { check, send: sendBefore(endsAt) }).catch((error) => {
        const failure = asEgressError(error);
        watch.failed({ code: failure.code, origin: originForLog(request.url), detail: String(failure.cause ?? '') });
        return noteRefusal(failure);
      });
    },
    fetchFor: ({ tenant, ...bounds }) => {
      const agentFor = (target: Target) => pick(fetchPools, target, { workspaceId, tenant }).dispatcher;
      const fetch = guardedFetch({ check, agentFor, ...bounds });
      return (input, init) => fetch(input, init).catch(noteRefusal);
    },
    checkUrl: (text) => guard.checkUrl(text, workspaceId).catch(noteRefusal),
    allowedOrigins: () => guard.allowedOrigins(workspaceId),
    close,
  };
}

type Caller = { workspaceId: string | undefined; tenant: string | undefined };

/** The connections for a call. `reuse`: they may stay open for the next call. */
function pick(pools: Pools, { url, allowedBy }: Target, { workspaceId, tenant }: Caller): ReturnType<Agents['pick']> {
  if (allowedBy !== 'workspace' || workspaceId === undefined)
    return pools.agents.pick(allowedBy === 'operator', tenant);
  const dispatcher = pools.privatePools.pick(url.origin, { workspaceId, tenant });
  return { dispatcher, reuse: tenant !== undefined };
}

function sendOnce(
  request: EgressRequest,
  url: URL,
  { dispatcher, reuse }: ReturnType<Agents['pick']>,
  { maxBytes, endsAt }: { maxBytes: number; endsAt: number },
): Promise<EgressResponse> {
  const headers = outgoingHeaders(request.headers ?? {});
  headers['accept-encoding'] = 'gzip, deflate, br';
  const { signal, method, body = null } = request;
  return new Promise<EgressResponse>((resolve, reject) => {
    const fail = (error: EgressError) => reject(withRequestedOrigin(url, error));
    const settled =
      <T>(settle: (value: T) => void) =>
      (value: T) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        settle(value);
      };
    const { whenTooLarge = 'fail', maySend, keepHeaders } = request;
    const receiver = new Receiver({ maxBytes, whenTooLarge, maySend, keepHeaders }, settled(resolve), settled(fail));
    const onAbort = () => receiver.fail('canceled', signal?.reason);
    const onTimeout = () => receiver.fail('upstream_timeout', new Error('the whole call took too long'));
    const timer = setTimeout(onTimeout, Math.max(0, endsAt - Date.now()));
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const path = url.pathname + url.search;
    dispatcher.dispatch({ origin: url.origin, path, method, headers, body, reset: !reuse }, receiver);
  });
}

type RedirectSteps = {
  check: (url: string | URL) => Awaitable<Target>;
  send: (request: EgressRequest, target: Target) => Promise<EgressResponse>;
};

async function followRedirects(request: EgressRequest, { check, send }: RedirectSteps): Promise<EgressResponse> {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const maxHops = request.credentials || !isRead ? 0 : (request.redirects ?? 0);
  const checked = check(request.url);
  let target = isPromise(checked) ? await checked : checked;
  let nextRequest = request;
  for (let hop = 0; ; hop++) {
    const from = target;
    const response = await send(nextRequest, from);
    if (!redirectStatus.has(response.status)) return response;
    const location = redirectOf(response, from.url, { hop, maxHops });
    try {
      target = await check(location);
    } catch (error) {
      // The text of a refusal must not reveal an internal address that an allowed service named.
      throw from.allowedBy ? new EgressError('url_not_allowed', { cause: error, sent: true }) : error;
    }
    if (target.url.origin !== from.url.origin) nextRequest = { ...request, headers: {} };
  }
}

/** The target of a redirect. @throws EgressError if it may not be followed */
function redirectOf(
  { status, headers: { location } }: EgressResponse,
  from: URL,
  { hop, maxHops }: { hop: number; maxHops: number },
): URL {
  if (hop >= maxHops || location === undefined) {
    const cause = new Error(`to ${location ?? 'nowhere'} after ${hop} hops`);
    throw new EgressError('upstream_redirect', { cause, sent: true, status });
  }
  if (URL.canParse(location, from.href)) return new URL(location, from);
  throw new EgressError('url_not_allowed', { cause: new Error(`redirect to ${location}`), sent: true });
}

const asEgressError = (error: unknown): EgressError =>
  error instanceof EgressError ? error : new EgressError('upstream_unreachable', { cause: error, isOurs: true });

const originForLog = (url: string | URL): string => (URL.canParse(String(url)) ? new URL(url).origin : '');

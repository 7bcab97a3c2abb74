import { setTimeout as sleep } from 'node:timers/promises';
import { type Awaitable, isPromise } from '@errand/basics/awaitable';
import { Agents, guardedConnector } from './agents.ts';
import { EgressError, findEgressError } from './error.ts';
import { type FetchBounds, guardedFetch } from './fetch.ts';
import { outgoingHeaders } from './headers.ts';
import { type EgressResponse, Receiver } from './receive.ts';
import { checkTarget, literalAddress, publicAddresses, type Resolver, systemResolver, type Target } from './target.ts';

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
  /** A further certificate authority (PEM) for servers behind the proxy, for tests. */
  ca?: string;
  /** Called for every failed call, with details that are not for users. */
  log?: (event: { code: EgressError['code']; origin: string; detail: string }) => void;
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
  close(): Promise<void>;
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

/** Creates an egress with its guard, which cannot be turned off: `allowOrigins` names single exceptions. */
export function createEgress(options: EgressOptions = {}): Egress {
  const limits = { ...defaults, ...options.limits };
  const resolver = options.resolver ?? systemResolver;
  const trusted = new Set((options.allowOrigins ?? []).map(originOf));
  const connect = guardedConnector({ trusted, resolver, connectMs: limits.connectMs });
  const proxy = options.proxyUrl === undefined ? undefined : { url: options.proxyUrl, ca: options.ca };
  const agents = new Agents(connect, limits, proxy);
  const fetchLimits = { ...limits, headersMs: limits.fetchIdleMs, bodyMs: limits.fetchIdleMs };
  const fetchAgents = new Agents(connect, fetchLimits, proxy);
  const checkName = createNameCheck(resolver);
  // Without a proxy the connector checks the addresses to which it connects.
  const checkEarly = proxy && withTimeLimit(checkName, limits.lookupMs);
  const check = (input: string | URL): Awaitable<Target> => {
    const target = checkTarget(input, trusted);
    return checkEarly ? checkEarly(target).then(() => target) : target;
  };
  const sendBefore = (endsAt: number) => (request: EgressRequest, target: Target) =>
    sendOnce(request, target.url, agents.pick(target.trusted, request.tenant), {
      maxBytes: request.maxBytes ?? limits.maxBytes,
      endsAt,
    });
  return {
    request(request) {
      const endsAt = Date.now() + Math.min(request.timeoutMs ?? limits.totalMs, limits.maxTotalMs);
      return followRedirects(request, { check, send: sendBefore(endsAt) }).catch((error) => {
        const failure = asEgressError(error);
        options.log?.({ code: failure.code, origin: originForLog(request.url), detail: String(failure.cause ?? '') });
        throw failure;
      });
    },
    fetchFor: ({ tenant, ...bounds }) =>
      guardedFetch({ check, agentFor: (target) => fetchAgents.pick(target.trusted, tenant).dispatcher, ...bounds }),
    async checkUrl(text) {
      const target = checkTarget(text, trusted);
      await checkName(target);
      return target.url;
    },
    async close() {
      await Promise.all([agents.close(), fetchAgents.close()]);
    },
  };
}

/** Rejects names with private addresses; names that cannot be resolved now pass. */
const createNameCheck =
  (resolver: Resolver) =>
  async ({ url, trusted }: Target): Promise<void> => {
    if (trusted || literalAddress(url.hostname)) return;
    await publicAddresses(url.hostname, resolver).catch((error) => {
      if (error instanceof EgressError) throw withRequestedOrigin(url, error);
    });
  };

/** A check with the time limit `maxMs`. After a timeout, lookups pause for a minute: perhaps only the proxy can resolve names. */
function withTimeLimit(checkName: (target: Target) => Promise<void>, maxMs: number) {
  let pausedUntil = 0;
  return async (target: Target): Promise<void> => {
    if (Date.now() < pausedUntil) return;
    const timeout = sleep(maxMs, true, { ref: false });
    if (await Promise.race([checkName(target), timeout])) pausedUntil = Date.now() + 60_000;
  };
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
    const { whenTooLarge = 'fail', maySend } = request;
    const receiver = new Receiver({ maxBytes, whenTooLarge, maySend }, settled(resolve), settled(fail));
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
      // The text of a refusal must not reveal an internal address that a trusted service named.
      throw from.trusted ? new EgressError('url_not_allowed', { cause: error, sent: true }) : error;
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

/** A refusal because of a resolved address names the requested origin, and no address. */
function withRequestedOrigin({ origin }: URL, error: unknown): unknown {
  const refusal = findEgressError(error);
  if (refusal?.code !== 'url_not_allowed' || refusal.remedy !== undefined) return error;
  return new EgressError('url_not_allowed', { cause: refusal.cause, origin });
}

const asEgressError = (error: unknown): EgressError =>
  error instanceof EgressError ? error : new EgressError('upstream_unreachable', { cause: error });

const originForLog = (url: string | URL): string => (URL.canParse(String(url)) ? new URL(url).origin : '');

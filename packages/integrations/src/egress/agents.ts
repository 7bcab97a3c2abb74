import type { LookupFunction } from 'node:net';
import { Agent, buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { EgressError, markOwnFault } from './error.ts';
import type { PrivateAddresses } from './private-addresses.ts';
import { checkTarget, isPublicAddress, literalAddress, publicAddresses, type Resolver } from './target.ts';

const MAX_TENANTS = 200;
/** Limit of interim answers (1xx). Each restarts the wait for headers, and none counts towards the bytes of the answer. */
const MAX_INTERIM = 20;

export type AgentLimits = { headersMs: number; bodyMs: number; connectMs: number };

const limitInterimAnswers: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  let count = 0;
  return dispatch(options, {
    onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
    onRequestUpgrade: (controller, status, headers, socket) =>
      handler.onRequestUpgrade?.(controller, status, headers, socket),
    onResponseStart(controller, status, headers, message) {
      if (status < 200 && ++count > MAX_INTERIM) {
        const cause = new Error(`more than ${MAX_INTERIM} interim answers`);
        controller.abort(new EgressError('upstream_unreachable', { sent: true, cause }));
      } else handler.onResponseStart?.(controller, status, headers, message);
    },
    onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
    onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
    onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
  });
};

/** An agent, and its dispatcher with a limit on interim answers, for requests. */
export type Connections = { agent: Dispatcher; dispatcher: Dispatcher };

export const connectionsOf = (agent: Dispatcher): Connections => ({
  agent,
  dispatcher: agent.compose(limitInterimAnswers),
});

type Proxy = { url: string; ca: string | undefined };

/**
 * Separates connections: origins that the operator trusts share one pool, each tenant has its own pool, and the connection of a call
 * without a tenant is closed after it. All but trusted origins are reached through the proxy, if there is one.
 */
export class Agents {
  readonly #trusted: Connections;
  readonly #tenants = new Map<string, Connections>();
  #isClosed = false;

  constructor(
    private readonly connect: buildConnector.connector,
    private readonly limits: AgentLimits,
    private readonly proxy: Proxy | undefined,
  ) {
    this.#trusted = connectionsOf(new Agent(agentOptions(this.connect, this.limits)));
  }

  /** The connections for a call. `reuse`: they may stay open for the next call. */
  pick(trusted: boolean, tenant: string | undefined): { dispatcher: Dispatcher; reuse: boolean } {
    if (trusted) return { dispatcher: this.#trusted.dispatcher, reuse: true };
    const key = tenant ?? '';
    let agent = this.#tenants.get(key);
    // Deleted and set again, so that the map is in the order of last use.
    if (agent) this.#tenants.delete(key);
    agent ??= connectionsOf(
      this.proxy ? this.#proxyAgent(this.proxy) : new Agent(agentOptions(this.connect, this.limits)),
    );
    this.#tenants.set(key, agent);
    if (this.#tenants.size > MAX_TENANTS) this.#dropOldest();
    return { dispatcher: agent.dispatcher, reuse: tenant !== undefined };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all([this.#trusted, ...this.#tenants.values()].map(({ agent }) => agent.destroy()));
  }

  #dropOldest(): void {
    for (const [key, { agent }] of this.#tenants) {
      this.#tenants.delete(key);
      // `close` waits for the calls in flight.
      void agent.close();
      return;
    }
  }

  #proxyAgent({ url, ca }: Proxy): ProxyAgent {
    const timeout = this.limits.connectMs;
    return new ProxyAgent({
      ...agentOptions(this.connect, this.limits),
      connect: undefined,
      uri: url,
      clientFactory: (origin, options) => {
        const { connect } = options as { connect: buildConnector.connector };
        return new Pool(origin, { ...options, connect: ofProxy(connect) });
      },
      proxyTunnel: true,
      proxyTls: { timeout },
      requestTls: { timeout, ca },
    });
  }
}

/** Connects to the proxy: its failures say nothing about the service. */
const ofProxy =
  (connect: buildConnector.connector): buildConnector.connector =>
  (options, callback) =>
    connect(options, (...[error, socket]) => (error ? callback(markOwnFault(error), null) : callback(null, socket)));

export const agentOptions = (connect: buildConnector.connector, limits: AgentLimits): Agent.Options => ({
  connect,
  pipelining: 1,
  connections: 128,
  maxHeaderSize: 16 * 1024,
  headersTimeout: limits.headersMs,
  bodyTimeout: limits.bodyMs,
  keepAliveTimeout: 10_000,
  keepAliveMaxTimeout: 60_000,
});

/**
 * Opens sockets to allowed addresses only. The socket uses the checked addresses of a single lookup, so DNS rebinding has no effect.
 * Literal addresses skip the lookup, so they are checked before. The address of the connected peer is checked as well.
 */
export function guardedConnector(options: {
  trusted: ReadonlySet<string>;
  resolver: Resolver;
  connectMs: number;
}): buildConnector.connector {
  const { trusted, resolver, connectMs } = options;
  const lookup: LookupFunction = (hostname, _options, callback) => {
    publicAddresses(hostname, resolver).then(
      (addresses) => callback(null, addresses),
      (error) => callback(error, []),
    );
  };
  const connectTrusted = buildConnector({ timeout: connectMs });
  // The connector requests all addresses, and tries the checked ones in turn.
  const connectGuarded = buildConnector({ timeout: connectMs, lookup, autoSelectFamily: true });

  return (request, callback) => {
    const host = request.hostname.includes(':') ? `[${request.hostname}]` : request.hostname;
    try {
      const { allowedBy } = checkTarget(`${request.protocol}//${host}:${request.port}`, trusted);
      if (allowedBy === 'operator') return connectTrusted(request, callback);
    } catch (error) {
      return callback(error as Error, null);
    }
    connectGuarded(request, (...[error, socket]) => {
      if (error) return callback(error, null);
      const peer = socket.remoteAddress;
      if (peer === undefined || !isPublicAddress(peer)) {
        socket.destroy();
        const cause = new Error(`connected to ${peer ?? literalAddress(host)}`);
        return callback(new EgressError('url_not_allowed', { cause }), null);
      }
      callback(null, socket);
    });
  };
}

/**
 * Opens sockets to an origin that a workspace allows, at addresses that workspaces may reach. As with the guarded connector, the socket
 * uses the checked addresses of a single lookup, and the address of the connected peer is checked as well.
 */
export function privateConnector(
  origin: URL,
  { addresses, resolver, connectMs }: { addresses: PrivateAddresses; resolver: Resolver; connectMs: number },
): buildConnector.connector {
  const port = Number(origin.port) || (origin.protocol === 'https:' ? 443 : 80);
  const checkedAddresses = async (hostname: string) => {
    const resolved = await resolver(hostname);
    for (const { address } of resolved) await addresses.checkBefore(address, port);
    return resolved;
  };
  const lookup: LookupFunction = (hostname, _options, callback) => {
    checkedAddresses(hostname).then(
      (checked) => callback(null, checked),
      (error) => callback(error, []),
    );
  };
  const literal = literalAddress(origin.hostname);
  const checkedLiteral = async () => literal !== undefined && addresses.checkBefore(literal, port);
  const connect = buildConnector({ timeout: connectMs, lookup, autoSelectFamily: true });
  return (request, callback) => {
    const fail = (error: Error) => callback(error, null);
    checkedLiteral().then(() => {
      connect(request, (...[error, socket]) => {
        if (error) return fail(error);
        try {
          addresses.check(socket.remoteAddress ?? '', port);
        } catch (refusal) {
          socket.destroy();
          return fail(refusal as Error);
        }
        callback(null, socket);
      });
    }, fail);
  };
}

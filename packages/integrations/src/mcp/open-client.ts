import { randomInt } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { CallBudget } from '@errand/basics/call-budget';
import {
  Client,
  type DiscoverResult,
  type ReconnectionScheduler,
  SdkHttpError,
  SSEClientTransport,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { LRUCache } from 'lru-cache';
import { errorChain } from '../egress/error.ts';
import { type Exchange, type FetchHooks, type McpServer, serverFetch } from './server-fetch.ts';

/** The protocol that a server spoke last, kept in memory to skip the negotiation. It may be outdated. */
type RememberedProtocol = {
  transport: 'streamable' | 'sse';
  discovered?: DiscoverResult;
  /** It has no stream for questions outside of calls. */
  hasNoStream?: boolean;
};

const protocols = new LRUCache<string, RememberedProtocol>({ max: 1000, ttl: 3_600_000 });

const CONNECT_MS = 10_000;
/** Longest waits for the stream on which a server may ask, and for the notification that a call is canceled, in ms. */
const SIDE_MS = { streamRequest: 50, cancelRequest: 250 };
/** Growing pause before a broken stream is resumed, in ms. A server may request a longer one, up to `max`. */
const RECONNECT_MS = { first: 1000, growth: 1.5, max: 30_000 };
/** Answers of servers with the older transport to a POST. */
export const NOT_STREAMABLE: ReadonlySet<number> = new Set([400, 404, 405]);

/**
 * Connects to a server for the time of `work`. Negotiates the revision: 2026-07-28 by discovery, earlier ones by handshake, at last the
 * transport of 2024.
 * @throws errors of the SDK and EgressError
 */
export async function withClient<T>(
  server: McpServer,
  exchange: Exchange,
  { signal, ...hooks }: FetchHooks & { signal?: AbortSignal | undefined },
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const key = `${server.tenant} ${server.url.href}`;
  const remembered = protocols.get(key);
  exchange.remembered = remembered !== undefined;
  const client = await connect(server, exchange, { ...hooks, signal }, remembered);
  try {
    const discovered = client.getDiscoverResult();
    if (hooks.mayAsk && !discovered) await waitForRequest(exchange, 'streamRequest');
    const protocol = remembered ?? { transport: transportOf(client), ...(discovered && { discovered }) };
    if (!remembered || exchange.hasNoStream)
      protocols.set(key, exchange.hasNoStream ? { ...protocol, hasNoStream: true } : protocol);
    return await work(client);
  } catch (error) {
    protocols.delete(key);
    throw error;
  } finally {
    if (hooks.mayAsk) await waitForRequest(exchange, 'cancelRequest');
    // Errors of closing are ignored: they change nothing about the outcome.
    await Promise.race([client.close().catch(() => {}), sleep(1000, undefined, { ref: false })]);
  }
}

/** Waits for a request that the SDK sends by itself and does not wait for. */
async function waitForRequest(exchange: Exchange, request: keyof typeof SIDE_MS): Promise<void> {
  await nextTurn();
  if (exchange[request]) await Promise.race([exchange[request], sleep(SIDE_MS[request], undefined, { ref: false })]);
}

const transportOf = ({ transport }: Client): RememberedProtocol['transport'] =>
  transport instanceof SSEClientTransport ? 'sse' : 'streamable';

type ConnectOptions = FetchHooks & { signal?: AbortSignal | undefined };

async function connect(
  server: McpServer,
  exchange: Exchange,
  hooks: ConnectOptions,
  remembered: RememberedProtocol | undefined,
): Promise<Client> {
  const options = { timeout: CONNECT_MS, ...(hooks.signal && { signal: hooks.signal }) };
  if (remembered?.transport !== 'sse') {
    const mayAsk = hooks.mayAsk && !remembered?.hasNoStream;
    const fetch = serverFetch(server, exchange, { ...hooks, mayAsk });
    const open = async (discover: DiscoverResult | undefined): Promise<Client> => {
      // In earlier revisions a server asks within the call: it is offered only for calls that can be repeated.
      const client = createClient(discover !== undefined || hooks.mayAsk);
      const transport = new StreamableHTTPClientTransport(server.url, {
        fetch,
        onInsufficientScope: 'throw',
        reconnectionScheduler: reconnectWithin(server.budget),
      });
      transport.onmessage = countMessages(server.budget);
      try {
        await client.connect(transport, { ...options, ...(discover && { prior: { kind: 'modern', discover } }) });
        return client;
      } catch (error) {
        await client.close().catch(() => {});
        throw error;
      }
    };
    try {
      const client = await open(remembered?.discovered);
      const discovered = remembered?.discovered ? undefined : client.getDiscoverResult();
      if (!discovered || hooks.mayAsk) return client;
      await client.close();
      return await open(discovered);
    } catch (error) {
      if (!mayBeOlderTransport(error)) throw error;
    }
  }
  const client = createClient();
  const fetch = serverFetch(server, exchange, { ...hooks, separateStream: true });
  const transport = new SSEClientTransport(server.url, { fetch });
  transport.onmessage = countMessages(server.budget);
  await client.connect(transport, options);
  return client;
}

const countMessages = (budget: CallBudget) => () => void budget.spend('messages');

/** Bounds reconnects for a whole call: the SDK counts per stream, and pauses as briefly as the server says. */
const reconnectWithin =
  (budget: CallBudget): ReconnectionScheduler =>
  (reconnect, delayMs) => {
    const { first, growth, max } = RECONNECT_MS;
    const pauseMs = first * growth ** budget.spent('reconnects');
    if (!budget.spend('reconnects')) return;
    const timer = setTimeout(reconnect, Math.min(Math.max(delayMs, pauseMs), max));
    return () => clearTimeout(timer);
  };

function mayBeOlderTransport(error: unknown): boolean {
  const response = errorChain(error).find((cause) => cause instanceof SdkHttpError);
  return response !== undefined && NOT_STREAMABLE.has(response.status);
}

// Untrusted schemas are checked in the sandbox, never by the SDK: a pattern could block this thread.
const acceptAll = { getValidator: () => (value: unknown) => ({ valid: true, data: value, errorMessage: undefined }) };

function createClient(mayAsk = false): Client {
  const client = new Client(
    { name: 'errand', version: '1' },
    {
      capabilities: mayAsk ? { elicitation: { form: {}, url: {} } } : {},
      versionNegotiation: { mode: 'auto', probe: { timeoutMs: CONNECT_MS } },
      inputRequired: { autoFulfill: false },
      jsonSchemaValidator: acceptAll as never,
    },
  );
  // A call that continues after an answer needs a new id, and clients count from 0: the SDK has no option for it.
  return Object.assign(client, { _requestMessageId: randomInt(2 ** 40) });
}

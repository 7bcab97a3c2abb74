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
import { type Exchange, type FetchHooks, type McpServer, serverFetch } from './server-fetch.ts';

/** How a server is spoken to. Kept in memory, so that a call need not find it out again: a hint, which may be wrong. */
type Manner = {
  transport: 'streamable' | 'sse';
  discovered?: DiscoverResult;
  /** It asks nothing outside of calls. */
  silent?: boolean;
};

const manners = new LRUCache<string, Manner>({ max: 1000, ttl: 3_600_000 });

/** Longest wait for a server to say hello, in ms. */
const CONNECT_MS = 10_000;
/** Longest waits for the stream on which a server may ask something, and for it to hear that a call is given up, in ms. */
const ASIDE_MS = { listening: 50, cancelling: 250 };
/** Pause before a stream that broke off is asked for again, in ms; it grows. A server may ask for a longer one, up to `max`. */
const RECONNECT_MS = { first: 1000, growth: 1.5, max: 30_000 };
/** A server of the older transport answers a POST to its address so. */
export const NOT_STREAMABLE: ReadonlySet<number> = new Set([400, 404, 405]);

/**
 * Connects to a server, gives the client to `use`, and closes it. The revision is found out: 2026-07-28 by discovery, earlier ones by
 * handshake, and the transport of 2024 if the server knows no other.
 * @throws errors of the SDK and EgressError
 */
export async function withClient<T>(
  server: McpServer,
  exchange: Exchange,
  { signal, ...hooks }: FetchHooks & { signal?: AbortSignal | undefined },
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const key = `${server.tenant} ${server.url.href}`;
  const remembered = manners.get(key);
  exchange.remembered = remembered !== undefined;
  const client = await connect(server, exchange, { ...hooks, signal }, remembered);
  try {
    const discovered = client.getDiscoverResult();
    if (hooks.asks && !discovered) await settled(exchange, 'listening');
    const manner = remembered ?? { transport: transportOf(client), ...(discovered && { discovered }) };
    if (!remembered || exchange.silent) manners.set(key, exchange.silent ? { ...manner, silent: true } : manner);
    return await use(client);
  } catch (error) {
    manners.delete(key);
    throw error;
  } finally {
    if (hooks.asks) await settled(exchange, 'cancelling');
    // What was done stays done, however the connection ends.
    await Promise.race([client.close().catch(() => {}), sleep(1000, undefined, { ref: false })]);
  }
}

/** Waits for a request that the SDK has begun of its own accord, and does not wait for. */
async function settled(exchange: Exchange, request: keyof typeof ASIDE_MS): Promise<void> {
  await nextTurn();
  if (exchange[request]) await Promise.race([exchange[request], sleep(ASIDE_MS[request], undefined, { ref: false })]);
}

const transportOf = ({ transport }: Client): Manner['transport'] =>
  transport instanceof SSEClientTransport ? 'sse' : 'streamable';

type Connecting = FetchHooks & { signal?: AbortSignal | undefined };

async function connect(
  server: McpServer,
  exchange: Exchange,
  hooks: Connecting,
  remembered: Manner | undefined,
): Promise<Client> {
  const options = { timeout: CONNECT_MS, ...(hooks.signal && { signal: hooks.signal }) };
  if (remembered?.transport !== 'sse') {
    const fetch = serverFetch(server, exchange, { ...hooks, asks: hooks.asks === true && remembered?.silent !== true });
    const open = async (discover: DiscoverResult | undefined): Promise<Client> => {
      // In earlier revisions a server asks within the call: it must not be told that it may when the call cannot be made again.
      const client = newClient(discover !== undefined || hooks.asks);
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
      if (!discovered || hooks.asks) return client;
      await client.close();
      return await open(discovered);
    } catch (error) {
      if (!isOther(error)) throw error;
    }
  }
  const client = newClient();
  const fetch = serverFetch(server, exchange, { ...hooks, ownStream: true });
  const transport = new SSEClientTransport(server.url, { fetch });
  transport.onmessage = countMessages(server.budget);
  await client.connect(transport, options);
  return client;
}

const countMessages = (budget: CallBudget) => () => void budget.spend('messages');

/** The SDK begins to count again with each stream that opens, and waits as briefly as the server says. */
const reconnectWithin =
  (budget: CallBudget): ReconnectionScheduler =>
  (reconnect, delayMs) => {
    const { first, growth, max } = RECONNECT_MS;
    const pauseMs = first * growth ** budget.spent('reconnects');
    if (!budget.spend('reconnects')) return;
    const timer = setTimeout(reconnect, Math.min(Math.max(delayMs, pauseMs), max));
    return () => clearTimeout(timer);
  };

/** Whether the server may speak the older transport. */
function isOther(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++)
    if (at instanceof SdkHttpError) return NOT_STREAMABLE.has(at.status);
  return false;
}

// Schemas of strangers are judged in the sandbox, never by the SDK on this thread: a pattern could block it.
const acceptAll = { getValidator: () => (value: unknown) => ({ valid: true, data: value, errorMessage: undefined }) };

function newClient(asks = false): Client {
  const client = new Client(
    { name: 'errand', version: '1' },
    {
      capabilities: asks ? { elicitation: { form: {}, url: {} } } : {},
      versionNegotiation: { mode: 'auto', probe: { timeoutMs: CONNECT_MS } },
      inputRequired: { autoFulfill: false },
      jsonSchemaValidator: acceptAll as never,
    },
  );
  // A call that goes on after an answer must have another id than before, and a client counts from 0: there is no option for it.
  return Object.assign(client, { _requestMessageId: randomInt(2 ** 40) });
}

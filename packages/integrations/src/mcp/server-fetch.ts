import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CallBudget } from '@errand/basics/call-budget';
import type { Egress } from '../egress/egress.ts';
import { withinBudget } from '../egress/within-budget.ts';
import { attach, type CallAuth } from '../execute/credential.ts';
import type { PassThrough } from '../execute/pass-through.ts';

/** An MCP server, and how a caller is known there. */
export type McpServer = {
  url: URL;
  egress: Egress;
  auth: CallAuth;
  passThrough?: PassThrough;
  /** Whose connections are used. */
  tenant: string;
  /** Of the call or list for which it is asked. */
  budget: CallBudget;
  /** Bytes of one answer. */
  maxBytes: number;
};

/** What was seen of the requests to a server; the SDK's errors tell less. */
export type Exchange = {
  /** Whether a request that may have an effect was sent. */
  sent: boolean;
  /** Status and Retry-After of the last answer that was no success. */
  status?: number;
  retryAfter?: string;
  /** Its WWW-Authenticate: what it wants of a credential. */
  challenge?: string;
  /** The stream without a call, once it was asked for: settles when the server has answered. */
  listening?: Promise<unknown>;
  /** It has said that it has no such stream. */
  silent?: boolean;
  /** Likewise, when it was told that a call is given up. */
  cancelling?: Promise<unknown>;
  /** How it is spoken to was known from before: it may have changed. */
  remembered?: boolean;
  /** The secrets that were sent, to be redacted in answers. */
  secrets: string[];
};

/** What of a stream is looked at once more with what follows: a mark of the answer may be cut in two. */
const LOOKED_AT_AGAIN = 64;
/** The SDK reads each message of a piece at once; others have their turn between two pieces. */
const PIECE_BYTES = 4096;
const PIECES_A_TURN = 50;
/** Longest wait for the whole answer to a request that is neither a call nor a list, in ms: handshakes and notifications are short. */
const ASIDE_MS = 10_000;

export type FetchHooks = {
  /** Called when the stream of a call has ended without its answer. */
  onLost: () => void;
  /** Rewrites the JSON answer of a request for tools before the SDK reads it. */
  onTools?: (message: unknown) => unknown;
  /** The server speaks the older transport, whose answers come over one stream of their own. */
  ownStream?: boolean;
  /** A server of an earlier revision may ask the user within its session: some do so on a stream without a call. */
  asks?: boolean;
};

/**
 * The fetch that the SDK uses for one server. It adds the credential to requests to the server's own origin, never to another one. It
 * refuses the SDK a stream without a call, unless the server may ask something on it, and notices when the stream of a call ends without
 * the answer, for which the SDK would wait until its timeout.
 */
export function serverFetch(server: McpServer, exchange: Exchange, hooks: FetchHooks): typeof globalThis.fetch {
  const requests = new ServerRequests(server, exchange, hooks);
  return async (input, { method = 'GET', body, ...rest } = {}) => {
    const url = new URL(input instanceof Request ? input.url : String(input));
    const init = { ...rest, method, body, headers: new Headers(rest.headers) };
    if (method === 'GET') return requests.get(url, init);
    return method === 'POST' && typeof body === 'string' ? requests.post(url, body, init) : requests.send(url, init);
  };
}

type Init = RequestInit & { method: string; headers: Headers };

class ServerRequests {
  readonly #server: McpServer;
  readonly #exchange: Exchange;
  readonly #hooks: FetchHooks;
  readonly #fetch: typeof globalThis.fetch;
  readonly #fetchAside: typeof globalThis.fetch;
  #streams = 0;

  constructor(server: McpServer, exchange: Exchange, hooks: FetchHooks) {
    this.#server = server;
    this.#exchange = exchange;
    this.#hooks = hooks;
    const { tenant, budget, maxBytes } = server;
    const { fetchFor } = withinBudget(server.egress, budget);
    this.#fetch = fetchFor({ tenant, totalMs: budget.remainingMs, maxBytes });
    this.#fetchAside = fetchFor({ tenant, totalMs: ASIDE_MS, maxBytes });
  }

  /** Opens a stream: that of the older transport, one that is resumed, or one without a call. */
  async get(url: URL, init: Init): Promise<Response> {
    const { ownStream, asks, onLost } = this.#hooks;
    // A server of the older transport begins a new session on the next stream: the answer will not come.
    if (ownStream && this.#streams++ > 0) {
      onLost();
      return new Response(null, { status: 204 });
    }
    if (ownStream || init.headers.has('last-event-id')) return this.send(url, init);
    if (!asks || !init.headers.has('mcp-session-id')) return new Response(null, { status: 405 });
    const opening = this.#listen(url, init);
    this.#exchange.listening = opening.catch(() => {});
    return opening;
  }

  async post(url: URL, body: string, init: Init): Promise<Response> {
    const calls = body.includes('"tools/call"');
    const lists = body.includes('"tools/list"');
    const sending = this.send(url, init, { calls, fetch: calls || lists ? this.#fetch : this.#fetchAside });
    if (body.includes('"notifications/cancelled"')) this.#exchange.cancelling = sending.catch(() => {});
    const response = await sending;
    const type = response.headers.get('content-type') ?? '';
    const { onTools, onLost } = this.#hooks;
    if (lists && onTools && response.ok && type.startsWith('application/json'))
      return Response.json(onTools(await response.json()));
    if (!calls || !type.startsWith('text/event-stream') || !response.body) return response;
    // A call that the SDK has given up, for its time, has lost nothing.
    return watched(response, response.body, () => init.signal?.aborted || onLost());
  }

  async send(url: URL, init: Init, { calls = false, fetch = this.#fetch } = {}): Promise<Response> {
    const exchange = this.#exchange;
    const signedUrl = await this.#signed(url, init);
    if (calls) exchange.sent = true;
    exchange.status = undefined;
    exchange.retryAfter = undefined;
    exchange.challenge = undefined;
    const response = await fetch(signedUrl, init);
    if (!response.ok) {
      exchange.status = response.status;
      exchange.retryAfter = response.headers.get('retry-after') ?? undefined;
      exchange.challenge = response.headers.get('www-authenticate') ?? undefined;
    }
    return response;
  }

  // The answer says nothing about the call.
  async #listen(url: URL, init: Init): Promise<Response> {
    const response = await this.#fetch(await this.#signed(url, init), init);
    this.#exchange.silent = response.status === 405;
    return response.ok && response.body ? watched(response, response.body, () => {}) : response;
  }

  /** Adds the credential to the headers and the query of a request to the server's own origin. */
  async #signed(url: URL, { method, headers }: Init): Promise<URL> {
    const request = { url, headers: {} as Record<string, string> };
    const { auth, passThrough } = this.#server;
    if (url.origin === this.#server.url.origin)
      await attach(request, { method, auth, args: {}, passThrough }, this.#exchange.secrets);
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, value);
    return request.url;
  }
}

/** The answer; tells when its stream ends without a message that is an answer, and without an id by which it could be resumed. */
function watched({ status, headers }: Response, body: ReadableStream<Uint8Array>, onLost: () => void): Response {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let tail = '\n';
  let settled = false;
  const look = (chunk: Uint8Array) => {
    if (settled) return;
    const text = tail + decoder.decode(chunk, { stream: true });
    settled = /"(?:result|error)"\s*:/.test(text) || /[\r\n]id:\s*\S/.test(text);
    tail = text.slice(-LOOKED_AT_AGAIN);
  };
  let waiting: Uint8Array = new Uint8Array();
  let pieces = 0;
  const ended = () => {
    if (!settled) onLost();
  };
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        if (waiting.length > 0 || ++pieces % PIECES_A_TURN === 0) await nextTurn();
        if (waiting.length === 0) {
          const { done, value } = await reader.read();
          if (done) {
            ended();
            return controller.close();
          }
          look(value);
          waiting = value;
        }
        controller.enqueue(waiting.subarray(0, PIECE_BYTES));
        waiting = waiting.subarray(PIECE_BYTES);
      } catch (error) {
        ended();
        controller.error(error);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(stream, { status, headers });
}

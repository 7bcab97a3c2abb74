import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CallBudget } from '@errand/basics/call-budget';
import type { Egress } from '../egress/egress.ts';
import { withinBudget } from '../egress/within-budget.ts';
import { attachCredential, type CallAuth } from '../execute/credential.ts';
import { attachFixed, type FixedRequest } from '../execute/fixed-request.ts';
import type { PassThrough } from '../execute/pass-through.ts';

export type McpServer = {
  url: URL;
  egress: Egress;
  auth: CallAuth;
  passThrough?: PassThrough;
  /** Headers and parameters of every request. */
  fixed?: FixedRequest | undefined;
  /** Connections are shared within a tenant. */
  tenant: string;
  budget: CallBudget;
  maxBytes: number;
};

/** A record of the requests to a server, which the SDK's errors lack. */
export type Exchange = {
  /** Whether a request that may have an effect was sent. */
  isSent: boolean;
  /** The last answer, if it was other than success. */
  refusal?: { status: number; headers: Readonly<Record<string, string>>; challenge: string | null };
  /** The request for a stream without a call: settles when the server has answered. */
  streamRequest?: Promise<unknown>;
  /** The server has no such stream. */
  hasNoStream?: boolean;
  /** The notification that a call is canceled: settles when the server has answered. */
  cancelRequest?: Promise<unknown>;
  /** The protocol was remembered from an earlier call, so it may have changed. */
  remembered?: boolean;
  /** The secrets that were sent; they are redacted in answers. */
  secrets: string[];
};

/** Characters of a stream that are scanned again with the next chunk, because it may split the mark of an answer. */
const OVERLAP = 64;
/** The SDK reads all messages of a piece in one turn of the event loop; a new turn starts after some pieces. */
const PIECE_BYTES = 4096;
const PIECES_A_TURN = 50;
/** Timeout of requests other than calls and lists, such as handshakes and notifications, in ms. */
const SIDE_MS = 10_000;

export type FetchHooks = {
  /** Called when the stream of a call ends without its answer. */
  onLost: () => void;
  onTools?: (message: unknown) => unknown;
  /** The server speaks the older transport, which sends all answers over one separate stream. */
  separateStream?: boolean;
  /** A server of an earlier revision may ask the user within its session, also on a stream without a call. */
  mayAsk?: boolean;
};

/**
 * The fetch that the SDK uses for one server. It adds the credential to requests to the server's origin only. It denies the SDK a stream
 * without a call, unless the server may ask on it. It detects when the stream of a call ends without the answer: the SDK would wait until
 * its timeout.
 */
export function serverFetch(server: McpServer, exchange: Exchange, hooks: FetchHooks): typeof globalThis.fetch {
  const requests = new ServerRequests(server, exchange, hooks);
  return async (input, { method = 'GET', body, ...options } = {}) => {
    const url = new URL(input instanceof Request ? input.url : String(input));
    const init = { ...options, method, body, headers: new Headers(options.headers) };
    if (method === 'GET') return requests.get(url, init);
    return method === 'POST' && typeof body === 'string' ? requests.post(url, body, init) : requests.send(url, init);
  };
}

type FetchInit = RequestInit & { method: string; headers: Headers };

/** Of an answer to a request other than a call and a list: the SDK checks each of its members. */
const MAX_SIDE_BYTES = 64 * 1024;

class ServerRequests {
  readonly #fetch: typeof globalThis.fetch;
  readonly #fetchSide: typeof globalThis.fetch;
  #streamCount = 0;

  constructor(
    private readonly server: McpServer,
    private readonly exchange: Exchange,
    private readonly hooks: FetchHooks,
  ) {
    const { tenant, budget, maxBytes } = server;
    const { fetchFor } = withinBudget(server.egress, budget);
    this.#fetch = fetchFor({ tenant, totalMs: budget.remainingMs, maxBytes });
    this.#fetchSide = fetchFor({ tenant, totalMs: SIDE_MS, maxBytes: Math.min(maxBytes, MAX_SIDE_BYTES) });
  }

  /** Opens a stream: that of the older transport, one that is resumed, or one without a call. */
  async get(url: URL, init: FetchInit): Promise<Response> {
    const { separateStream, mayAsk, onLost } = this.hooks;
    // A server of the older transport starts a new session on the next stream, so the answer is lost.
    if (separateStream && this.#streamCount++ > 0) {
      onLost();
      return new Response(null, { status: 204 });
    }
    if (separateStream || init.headers.has('last-event-id')) return this.send(url, init);
    if (!mayAsk || !init.headers.has('mcp-session-id')) return new Response(null, { status: 405 });
    const opening = this.#listen(url, init);
    this.exchange.streamRequest = opening.catch(() => {});
    return opening;
  }

  async post(url: URL, body: string, init: FetchInit): Promise<Response> {
    const isCall = body.includes('"tools/call"');
    const isList = body.includes('"tools/list"');
    const reply = this.send(url, init, { isCall, fetch: isCall || isList ? this.#fetch : this.#fetchSide });
    if (body.includes('"notifications/cancelled"')) this.exchange.cancelRequest = reply.catch(() => {});
    const response = await reply;
    const type = response.headers.get('content-type') ?? '';
    const { onTools, onLost } = this.hooks;
    if (isList && onTools && response.ok && type.startsWith('application/json'))
      return Response.json(onTools(await response.json()));
    if (!isCall || !type.startsWith('text/event-stream') || !response.body) return response;
    // A call that the SDK aborted at its timeout is not lost.
    return watchForAnswer(response, response.body, () => init.signal?.aborted || onLost());
  }

  async send(url: URL, init: FetchInit, { isCall = false, fetch = this.#fetch } = {}): Promise<Response> {
    const exchange = this.exchange;
    const signedUrl = await this.#signed(url, init);
    if (isCall) exchange.isSent = true;
    exchange.refusal = undefined;
    const response = await fetch(signedUrl, init);
    const { ok, status, headers } = response;
    const challenge = headers.get('www-authenticate');
    if (!ok) exchange.refusal = { status, headers: Object.fromEntries(headers), challenge };
    return response;
  }

  /** Opens the stream without a call; its answer is not recorded as that of the call. */
  async #listen(url: URL, init: FetchInit): Promise<Response> {
    const response = await this.#fetch(await this.#signed(url, init), init);
    this.exchange.hasNoStream = response.status === 405;
    return response.ok && response.body ? watchForAnswer(response, response.body, () => {}) : response;
  }

  /** Adds the credential to the headers and the query of a request to the server's own origin. */
  async #signed(url: URL, { method, headers }: FetchInit): Promise<URL> {
    const request = { url, headers: {} as Record<string, string> };
    const { auth, passThrough, fixed } = this.server;
    if (url.origin === this.server.url.origin) {
      if (fixed) attachFixed(request, fixed, true);
      this.exchange.secrets.push(...(fixed?.secrets ?? []));
      await attachCredential(request, { method, auth, args: {}, passThrough }, this.exchange.secrets);
    }
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, value);
    return request.url;
  }
}

/** The response. Calls `onLost` if its stream ends without an answer and without an id by which it could be resumed. */
function watchForAnswer({ status, headers }: Response, body: ReadableStream<Uint8Array>, onLost: () => void): Response {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let tail = '\n';
  let isAnswered = false;
  const scan = (chunk: Uint8Array) => {
    if (isAnswered) return;
    const text = tail + decoder.decode(chunk, { stream: true });
    isAnswered = /"(?:result|error)"\s*:/.test(text) || /[\r\n]id:\s*\S/.test(text);
    tail = text.slice(-OVERLAP);
  };
  let pending: Uint8Array = new Uint8Array();
  let pieceCount = 0;
  const onEnd = () => {
    if (!isAnswered) onLost();
  };
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        if (pending.length > 0 || ++pieceCount % PIECES_A_TURN === 0) await nextTurn();
        if (pending.length === 0) {
          const { done, value } = await reader.read();
          if (done) {
            onEnd();
            return controller.close();
          }
          scan(value);
          pending = value;
        }
        controller.enqueue(pending.subarray(0, PIECE_BYTES));
        pending = pending.subarray(PIECE_BYTES);
      } catch (error) {
        onEnd();
        controller.error(error);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(stream, { status, headers });
}

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
export type Seen = {
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
export function serverFetch(
  server: McpServer,
  seen: Seen,
  { onLost, onTools, ownStream = false, asks = false }: FetchHooks,
): typeof globalThis.fetch {
  const { url: own, tenant, budget, maxBytes } = server;
  const { fetchFor } = withinBudget(server.egress, budget);
  const send = fetchFor({ tenant, totalMs: budget.remainingMs, maxBytes });
  const sendAside = fetchFor({ tenant, totalMs: ASIDE_MS, maxBytes });
  let streams = 0;
  const signed = async (url: URL, method: string, headers: Headers) => {
    const request = { url, headers: {} as Record<string, string> };
    if (url.origin === own.origin) {
      const { auth, passThrough } = server;
      await attach(request, { method, auth, args: {}, ...(passThrough && { passThrough }) }, seen.secrets);
    }
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, value);
    return request;
  };
  // What comes of it says nothing about the call.
  const listen = async (url: URL, init: RequestInit, headers: Headers) => {
    const response = await send((await signed(url, 'GET', headers)).url, { ...init, headers });
    seen.silent = response.status === 405;
    return response.ok && response.body ? watched(response, response.body, () => {}) : response;
  };
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : String(input));
    const headers = new Headers(init.headers);
    const { method = 'GET', body } = init;
    // A server of the older transport begins a new session on the next stream: the answer will not come.
    if (method === 'GET' && ownStream && streams++ > 0) {
      onLost();
      return new Response(null, { status: 204 });
    }
    const listens = method === 'GET' && !ownStream && !headers.has('last-event-id');
    if (listens && !(asks && headers.has('mcp-session-id'))) return new Response(null, { status: 405 });
    if (listens) {
      const opening = listen(url, init, headers);
      seen.listening = opening.catch(() => {});
      return opening;
    }
    const isPost = method === 'POST' && typeof body === 'string';
    const calls = isPost && body.includes('"tools/call"');
    const lists = isPost && body.includes('"tools/list"');
    const request = await signed(url, method, headers);
    if (calls) seen.sent = true;
    delete seen.status;
    delete seen.retryAfter;
    delete seen.challenge;
    const sending = (isPost && !calls && !lists ? sendAside : send)(request.url, { ...init, headers });
    if (isPost && body.includes('"notifications/cancelled"')) seen.cancelling = sending.catch(() => {});
    const response = await sending;
    if (!response.ok) {
      seen.status = response.status;
      const after = response.headers.get('retry-after');
      if (after !== null) seen.retryAfter = after;
      const challenge = response.headers.get('www-authenticate');
      if (challenge !== null) seen.challenge = challenge;
    }
    if (lists && onTools && response.ok && response.headers.get('content-type')?.startsWith('application/json'))
      return Response.json(onTools(await response.json()));
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
    if (!calls || !isStream || !response.body) return response;
    // A call that the SDK has given up, for its time, has lost nothing.
    return watched(response, response.body, () => init.signal?.aborted || onLost());
  };
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
  const seen = new ReadableStream<Uint8Array>({
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
  return new Response(seen, { status, headers });
}

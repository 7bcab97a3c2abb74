import type { Egress } from '../egress/egress.ts';
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
  /** Time for all requests of one call or list, in ms, and bytes of one answer. */
  totalMs: number;
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
  /** The secrets that were sent, to be redacted in answers. */
  secrets: string[];
};

/** Text of a stream that is looked at for the answer: enough for the head of each message. */
const LOOKED_AT = 64 * 1024;

export type FetchHooks = {
  /** Called when the stream of a call has ended without its answer. */
  onLost: () => void;
  /** Rewrites the JSON answer of a request for tools before the SDK reads it. */
  onTools?: (message: unknown) => unknown;
  /** The server speaks the older transport, whose answers come over one stream of their own. */
  ownStream?: boolean;
};

/**
 * The fetch that the SDK uses for one server. It adds the credential to requests to the server's own origin, never to another one. It
 * refuses the SDK a stream without a call, from which nothing is wanted, and notices when the stream of a call ends without the answer,
 * for which the SDK would wait until its timeout.
 */
export function serverFetch(
  server: McpServer,
  seen: Seen,
  { onLost, onTools, ownStream = false }: FetchHooks,
): Egress['fetch'] {
  const { url: own, egress, tenant, totalMs, maxBytes } = server;
  const send = egress.fetchFor({ tenant, totalMs, maxBytes });
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : String(input));
    const headers = new Headers(init.headers);
    const { method = 'GET', body } = init;
    if (method === 'GET' && !ownStream && !headers.has('last-event-id')) return new Response(null, { status: 405 });
    const calls = method === 'POST' && typeof body === 'string' && body.includes('"tools/call"');
    const request = { url, headers: {} as Record<string, string> };
    if (url.origin === own.origin) {
      const { auth, passThrough } = server;
      await attach(request, { method, auth, args: {}, ...(passThrough && { passThrough }) }, seen.secrets);
    }
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, value);
    if (calls) seen.sent = true;
    delete seen.status;
    delete seen.retryAfter;
    delete seen.challenge;
    const response = await send(request.url, { ...init, headers });
    if (!response.ok) {
      seen.status = response.status;
      const after = response.headers.get('retry-after');
      if (after !== null) seen.retryAfter = after;
      const challenge = response.headers.get('www-authenticate');
      if (challenge !== null) seen.challenge = challenge;
    }
    const lists = onTools && typeof body === 'string' && body.includes('"tools/list"');
    if (lists && response.ok && response.headers.get('content-type')?.startsWith('application/json'))
      return Response.json(onTools(await response.json()));
    const streams = response.headers.get('content-type')?.startsWith('text/event-stream');
    return calls && streams && response.body ? watched(response, response.body, onLost) : response;
  };
}

/** The answer; tells when its stream ends without a message that is an answer, and without an id by which it could be resumed. */
function watched({ status, headers }: Response, body: ReadableStream<Uint8Array>, onLost: () => void): Response {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let settled = false;
  const look = (chunk: Uint8Array) => {
    if (settled) return;
    text = (text + decoder.decode(chunk, { stream: true })).slice(-LOOKED_AT);
    settled = /"(?:result|error)"\s*:/.test(text) || /^id:\s*\S/m.test(text);
  };
  const ended = () => {
    if (!settled) onLost();
  };
  const seen = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) {
          look(value);
          return controller.enqueue(value);
        }
        ended();
        controller.close();
      } catch (error) {
        ended();
        controller.error(error);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(seen, { status, headers });
}

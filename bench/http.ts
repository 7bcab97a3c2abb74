// The callers' side: node's own client with kept-alive connections. A heavier client would measure itself.
import { Agent, type IncomingMessage, request } from 'node:http';

export type HttpClient = {
  /** The body of an answer. @throws Error when the status is not 2xx */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<string>;
  /** Follows an event stream and passes the text so far to `onFrame`. Ends with the stream, or when `onFrame` returns true. */
  follow(path: string, seen: (text: string) => boolean | undefined): Promise<void>;
  close(): void;
};

/** @param sockets the maximum of concurrent connections */
export function createHttp(url: string, apiKey: string, sockets: number): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets, scheduling: 'fifo' });
  const { hostname, port } = new URL(url);

  function ask(method: string, path: string, body?: unknown, extraHeaders = {}): Promise<IncomingMessage> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      'x-api-key': apiKey,
      ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      ...extraHeaders,
    };
    return new Promise((resolve, reject) => {
      request({ agent, hostname, port, method, path, headers }, resolve).on('error', reject).end(text);
    });
  }

  return {
    async send(method, path, body, headers) {
      const response = await ask(method, path, body, headers);
      const text = await textOf(response);
      const status = response.statusCode ?? 0;
      if (status < 200 || status > 299) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 500)}`);
      return text;
    },
    async follow(path, onFrame) {
      const response = await ask('GET', path);
      if (response.statusCode !== 200) throw new Error(`GET ${path}: ${response.statusCode}`);
      let text = '';
      response.setEncoding('utf8');
      await new Promise<void>((resolve, reject) => {
        response.on('data', (part: string) => {
          text += part;
          if (onFrame(text)) {
            response.destroy();
            resolve();
          }
        });
        response.on('end', resolve).on('error', reject);
      });
    },
    close: () => agent.destroy(),
  };
}

function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  response.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    response.on('data', (part: string) => {
      text += part;
    });
    response.on('end', () => resolve(text)).on('error', reject);
  });
}

/**
 * Calls `work` from `clients` concurrent callers until `ms` have passed or it was called `times` times.
 * @returns the duration of each call in ms, and the number of calls that ended per second
 */
export async function loop(
  clients: number,
  ms: number,
  work: (client: number) => Promise<unknown>,
  times = 1_000_000,
): Promise<{ tookMs: number[]; perSecond: number }> {
  const tookMs: number[] = [];
  const begun = performance.now();
  let remaining = times;
  const client = async (n: number) => {
    while (remaining-- > 0 && performance.now() - begun < ms) {
      const from = performance.now();
      await work(n);
      tookMs.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, n) => client(n)));
  return { tookMs, perSecond: (tookMs.length * 1000) / (performance.now() - begun) };
}

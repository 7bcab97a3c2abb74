import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy in front of several servers, which get requests in turn. */
export type RoundRobin = {
  url: string;
  /** The servers, once they are listening. */
  to: (urls: readonly string[]) => void;
  /** Number of requests by server. */
  served: () => number[];
  close: () => void;
};

/**
 * Starts a proxy without sticky sessions. Host and Origin pass unchanged.
 * @param headers added to each request, because the suites' programs send none
 * @param port where it listens; any free one by default
 */
export async function roundRobin(headers: Readonly<Record<string, string>>, port = 0): Promise<RoundRobin> {
  let targets: { url: string; count: number }[] = [];
  let turn = 0;
  const server = http.createServer((request, response) => {
    const target = targets[turn++ % targets.length]!;
    target.count++;
    const options = { method: request.method, headers: { ...request.headers, ...headers }, agent: false as const };
    const sent = http.request(new URL(request.url ?? '/', target.url), options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    sent.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    response.on('close', () => sent.destroy());
    request.pipe(sent);
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    to: (urls) => {
      targets = urls.map((url) => ({ url, count: 0 }));
    },
    served: () => targets.map(({ count }) => count),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type StubService = {
  origin: string;
  /** Requests that arrived, oldest first. */
  hits: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
  /** TCP connections that were opened. */
  connections: () => number;
  close(): Promise<void>;
};

/** A service of the outside world on a free port of 127.0.0.1. */
export async function startStubService(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<StubService> {
  const hits: StubService['hits'] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      hits.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      answer(request, response, body);
    });
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hits,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

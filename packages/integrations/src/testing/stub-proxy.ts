import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { certificateFor } from './certificate.ts';

export type StubProxy = {
  url: string;
  /** The requested connections, oldest first; `answered` is the status of the answer. */
  asked: { target: string; headers: IncomingHttpHeaders; answered: number }[];
  close(): Promise<void>;
};

/**
 * A proxy (CONNECT) on 127.0.0.1 that knows a few names.
 * @param targets `host:port` and the port of 127.0.0.1 that it leads to; those that start with `down.` are answered with 502, all others with 403
 * @param authorization the expected `Proxy-Authorization`; others get 407
 */
export async function startStubProxy(
  targets: Readonly<Record<string, number>>,
  authorization?: string,
): Promise<StubProxy> {
  const asked: StubProxy['asked'] = [];
  const open = new Set<Socket>();
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('connect', ({ url: target = '', headers }, socket: Socket) => {
    const port = targets[target];
    const isAuthorized = authorization === undefined || headers['proxy-authorization'] === authorization;
    const answered = !isAuthorized ? 407 : target.startsWith('down.') ? 502 : port === undefined ? 403 : 200;
    asked.push({ target, headers, answered });
    socket.on('error', () => socket.destroy());
    if (port === undefined || !isAuthorized) return socket.end(`HTTP/1.1 ${answered} No\r\n\r\n`);
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    onward.once('close', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

export type SecureStub = {
  port: number;
  /** PEM; who trusts it may call the stub by its name. */
  cert: string;
  hits: { method: string; url: string; headers: IncomingHttpHeaders; body: string }[];
  close(): Promise<void>;
};

/** A service of the outside world that speaks TLS under a public name, on a free port of 127.0.0.1. */
export async function startSecureStub(
  host: string,
  answer: (url: string) => { status?: number; headers?: Record<string, string>; body: string },
): Promise<SecureStub> {
  const hits: SecureStub['hits'] = [];
  const { key, cert } = certificateFor(host);
  const server: TlsServer = createTlsServer({ key, cert }, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url = '', headers } = request;
    hits.push({ method, url, headers, body });
    const { status = 200, headers: answerHeaders = {}, body: text } = answer(url);
    response.writeHead(status, answerHeaders).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cert,
    hits,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

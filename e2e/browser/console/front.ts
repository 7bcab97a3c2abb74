// An HTTP proxy between a browser and the service: it counts requests and open streams, and can be away.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export type Front = {
  url: string;
  /** Sets the service behind it. */
  lead(url: string): void;
  /** Paths of the requests so far that were no streams. */
  requests: string[];
  /** Streams that are open now, and the most that were open at once. */
  streams: { open: number; most: number };
  /** Cuts all connections and refuses new ones, or stops doing so. */
  setAway(isAway: boolean): void;
  close(): Promise<void>;
};

export async function startFront(): Promise<Front> {
  const requests: string[] = [];
  const streams = { open: 0, most: 0 };
  const sockets = new Set<Socket>();
  let target: URL;
  let isAway = false;
  const server = createServer((from, to) => forward(from, to));
  server.on('connection', (socket) => {
    if (isAway) return void socket.destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  function forward(from: IncomingMessage, to: ServerResponse): void {
    const { method, url: path = '', headers } = from;
    const options = { host: target.hostname, port: target.port, method, path, headers };
    const sent = request(options, (answer) => {
      if (answer.headers['content-type']?.includes('text/event-stream')) countStream(to);
      else requests.push(`${method} ${path}`);
      to.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(to);
    });
    sent.on('error', () => to.destroy());
    to.once('close', () => sent.destroy());
    from.pipe(sent);
  }

  function countStream(to: ServerResponse): void {
    streams.open++;
    streams.most = Math.max(streams.most, streams.open);
    to.once('close', () => streams.open--);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lead: (url) => {
      target = new URL(url);
    },
    requests,
    streams,
    setAway: (away) => {
      isAway = away;
      if (away) cut();
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

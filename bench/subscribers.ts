// Many open streams over bare sockets. A client that parsed them would use processor time that the server needs.
import { connect, type Socket } from 'node:net';

export type Subscriber = {
  /** When the latest bytes arrived (performance.now), and the number of whole frames. */
  at: number;
  frames: number;
  socket: Socket;
};

const OPENING = 100;

/**
 * Opens streams, one for each path, and waits for the first frame of each.
 * @param keys API keys, each for a thousand streams
 */
export async function subscribe(url: string, keys: readonly string[], paths: readonly string[]): Promise<Subscriber[]> {
  const { hostname, port } = new URL(url);
  const open: Subscriber[] = [];
  for (let from = 0; from < paths.length; from += OPENING) {
    const batch = paths.slice(from, from + OPENING).map((path, i) => {
      const key = keys[Math.floor((from + i) / 1000)]!;
      return openStream(hostname, Number(port), key, path);
    });
    open.push(...(await Promise.all(batch)));
  }
  return open;
}

function openStream(host: string, port: number, key: string, path: string): Promise<Subscriber> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const subscriber: Subscriber = { at: 0, frames: 0, socket };
    const fail = (why: string) => reject(new Error(`A stream was not opened: ${why}`));
    socket.on('error', (error) => fail(error.message));
    socket.on('close', () => fail('closed'));
    socket.on('data', (bytes) => {
      subscriber.at = performance.now();
      if (subscriber.frames === 0 && bytes.subarray(0, 12).toString() !== 'HTTP/1.1 200') {
        if (bytes.subarray(0, 8).toString() === 'HTTP/1.1') fail(bytes.toString('latin1', 0, 300));
      }
      for (let i = bytes.indexOf('\nevent: '); i >= 0; i = bytes.indexOf('\nevent: ', i + 1)) subscriber.frames++;
      if (subscriber.frames > 0) resolve(subscriber);
    });
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nx-api-key: ${key}\r\nAccept: text/event-stream\r\n\r\n`);
  });
}

/** Waits until each subscriber has received `frames` frames. @returns the time of the last one, by performance.now */
export async function allSeen(subscribers: readonly Subscriber[], frames: number, withinMs = 10_000): Promise<number> {
  const until = performance.now() + withinMs;
  while (subscribers.some((subscriber) => subscriber.frames < frames)) {
    if (performance.now() > until) throw new Error('Not every subscriber has seen the event.');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return Math.max(...subscribers.map((subscriber) => subscriber.at));
}

export async function unsubscribe(subscribers: readonly Subscriber[]): Promise<void> {
  await Promise.all(
    subscribers.map(
      ({ socket }) => new Promise((resolve) => socket.removeAllListeners('close').once('close', resolve).destroy()),
    ),
  );
}

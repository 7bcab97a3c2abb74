import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * An address in front of several servers, like a router in front of a primary and its standby. Connections stay with their server.
 * @param port of the server for new connections at first
 */
export async function aRouter(port: number) {
  let target = port;
  const open = new Map<Socket, number>();
  const taken = new Map<number, number>();
  const listener = createServer({ noDelay: true }, (client) => {
    const to = target;
    taken.set(to, (taken.get(to) ?? 0) + 1);
    open.set(client, to);
    const server = connect({ port: to, host: '127.0.0.1', noDelay: true });
    client
      .on('error', () => {})
      .on('close', () => {
        open.delete(client);
        server.destroy();
      });
    server.on('error', () => {}).on('close', () => client.destroy());
    client.pipe(server).pipe(client);
  });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const cut = (to: number) => {
    for (const [client, at] of open) if (at === to) client.resetAndDestroy();
  };
  onTestFinished(() => {
    listener.close();
    for (const client of open.keys()) client.destroy();
  });
  return {
    /** The URL with the router's port. */
    through: (url: string) =>
      Object.assign(new URL(url), { hostname: '127.0.0.1', port: String((listener.address() as AddressInfo).port) })
        .href,
    /** From now on new connections go to the server of this port. */
    leadTo: (to: number) => {
      target = to;
    },
    /** Resets the connections to a server. */
    cut,
    /** Connections that are open to a server. */
    openTo: (to: number) => [...open.values()].filter((at) => at === to).length,
    /** Connections to a server so far. */
    takenBy: (to: number) => taken.get(to) ?? 0,
  };
}

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { Stack } from '../stack.ts';
import { type RoundRobin, roundRobin } from './round-robin.ts';

type Options = {
  /** What starts the processes, when that is not the service's own program. */
  program?: URL;
  /** What each request gets on its way. */
  headers?: Readonly<Record<string, string>>;
};

/** What a request to `/mcp` needs. */
export const credentials = ({ apiKey }: Stack) => ({ 'x-api-key': apiKey, 'x-user-id': 'ada' });

export type TwoProcesses = Pick<RoundRobin, 'url' | 'served'> & { close: () => Promise<void> };

/** Two processes of the built service behind a proxy that gives each of them every other request. */
export async function twoProcesses(stack: Stack, { program, headers = {} }: Options = {}): Promise<TwoProcesses> {
  const proxy = await roundRobin(headers);
  // With PUBLIC_URL a process tells where callers reach it, not where it listens.
  const ports = [await freePort(), await freePort()];
  const serve = (port: number) => stack.serve({ PUBLIC_URL: proxy.url, PORT: String(port) }, [], program);
  const servers = [await serve(ports[0]!), await serve(ports[1]!)];
  proxy.to(ports.map((port) => `http://127.0.0.1:${port}`));
  return {
    url: proxy.url,
    served: proxy.served,
    close: async () => {
      proxy.close();
      for (const server of servers) await server.stop();
    },
  };
}

/** A port of this machine at which nothing listens. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

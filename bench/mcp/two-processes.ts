import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { Stack } from '../stack.ts';
import { type RoundRobin, roundRobin } from './round-robin.ts';

type Options = {
  /** The program that starts the processes; by default the service's own. */
  program?: URL;
  /** Headers that the proxy adds to each request. */
  headers?: Readonly<Record<string, string>>;
};

/** The headers that a request to `/mcp` needs. */
export const credentials = ({ apiKey }: Stack) => ({ 'x-api-key': apiKey, 'x-user-id': 'ada' });

export type TwoProcesses = Pick<RoundRobin, 'url' | 'served'> & { close: () => Promise<void> };

/** Two processes of the built service behind a round-robin proxy. */
export async function twoProcesses(stack: Stack, { program, headers = {} }: Options = {}): Promise<TwoProcesses> {
  const proxy = await roundRobin(headers);
  // With PUBLIC_URL a process reports the address for callers, not the one on which it listens.
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

/** A free port of this machine. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

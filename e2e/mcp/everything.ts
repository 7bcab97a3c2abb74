import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { vi } from 'vitest';

/** The server's address by transport. */
const PATHS = { streamableHttp: '/mcp', sse: '/sse' } as const;
export type McpTransport = keyof typeof PATHS;
export const mcpTransports = Object.keys(PATHS) as McpTransport[];

/** The reference server of the protocol, as a process of its own. */
export async function startEverything(
  transport: McpTransport,
): Promise<{ url: string; origin: string; close(): Promise<void> }> {
  const port = await freePort();
  const program = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js');
  const child: ChildProcess = spawn(process.execPath, [program, transport], {
    env: { PATH: process.env.PATH, PORT: String(port) },
    stdio: 'ignore',
  });
  const origin = `http://127.0.0.1:${port}`;
  await vi.waitFor(() => fetch(origin), { timeout: 60_000, interval: 50 });
  return {
    url: origin + PATHS[transport],
    origin,
    async close() {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

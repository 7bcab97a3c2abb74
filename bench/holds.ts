import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server, Stack } from './stack.ts';

export type Holds = { longestMs: number; p99Ms: number };

const watch = new URL('./loop-watch.js', import.meta.url).href;
let started = 0;

/** A server that tells how long its event loop was held. @returns it, and what asks for the holds since it was asked last */
export async function serveWatched(stack: Stack): Promise<{ server: Server; holds: () => Promise<Holds> }> {
  const file = join(stack.folder, `holds-${++started}.json`);
  const server = await stack.serve({
    NODE_OPTIONS: `--import=${watch}`,
    BENCH_HOLDS: file,
  });
  const holds = async () => {
    rmSync(file, { force: true });
    process.kill(server.pid, 'SIGUSR2');
    for (let i = 0; i < 100; i++) {
      await sleep(20);
      if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Holds;
    }
    throw new Error('The server does not tell how long its event loop was held.');
  };
  return { server, holds };
}

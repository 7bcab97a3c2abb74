// HAProxy and Caddy with the files that operators get, on other ports.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { freePort } from '../fixtures/free-port.ts';
import { aFolder } from '../fixtures/program.ts';

type Kind = {
  /** In `deploy`. */
  file: string;
  interval: RegExp;
  start: (file: string) => readonly string[];
};

const kinds = {
  haproxy: {
    file: 'haproxy/haproxy.cfg',
    interval: /\binter (\d+)s\b/,
    start: (file) => ['haproxy', '-db', '-f', file],
  },
  caddy: {
    file: 'caddy/Caddyfile',
    interval: /\bhealth_interval (\d+)s\b/,
    start: (file) => ['caddy', 'run', '--adapter', 'caddyfile', '--config', file],
  },
} satisfies Record<string, Kind>;
export type ProxyKind = keyof typeof kinds;

const textOf = (kind: ProxyKind): string =>
  readFileSync(fileURLToPath(new URL(`../../deploy/${kinds[kind].file}`, import.meta.url)), 'utf8');

/** Seconds between health checks, as the file says. */
export const checkIntervalOf = (kind: ProxyKind): number => Number(kinds[kind].interval.exec(textOf(kind))![1]);

/** Time in which the proxy learns about a change, in ms. */
export const checksMsOf = (kind: ProxyKind): number => 3000 * checkIntervalOf(kind);

/** Starts the proxy in front of two ports, for one test. It has checked both. @returns its URL */
export async function startBalancer(kind: ProxyKind, ports: readonly [number, number]): Promise<string> {
  const port = await freePort();
  const replaced: readonly [string, number][] = [
    ['127.0.0.1:8080', port],
    ['127.0.0.1:4001', ports[0]],
    ['127.0.0.1:4002', ports[1]],
  ];
  const text = replaced.reduce((config, [address, free]) => {
    const parts = config.split(address);
    if (parts.length !== 2) throw new Error(`${kinds[kind].file} must contain ${address} once.`);
    return parts.join(`127.0.0.1:${free}`);
  }, textOf(kind));
  const folder = aFolder();
  const file = join(folder, 'config');
  writeFileSync(file, text);
  const [command, ...args] = kinds[kind].start(file) as [string, ...string[]];
  const env = { PATH: process.env.PATH, HOME: folder };
  const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  const ended = once(child, 'exit');
  let isUp = true;
  void ended.then(() => {
    isUp = false;
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    if (!isUp) throw new Error(`${command} did not start:\n${errors}`);
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) break;
    await sleep(100);
  }
  // It takes a port without a server for a healthy one until then.
  await sleep(checksMsOf(kind));
  return url;
}

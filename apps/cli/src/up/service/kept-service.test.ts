import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Screen } from '../early/screen.mjs';
import { KeptService } from './kept-service.ts';
import { type LaunchOptions, launch } from './processes.ts';

/** A service that ends its Postgres at the first signal, needs more time for its own end, and ends at once at the second signal. */
const SERVICE = `
  const postgres = require('node:child_process').spawn('sleep', ['600']);
  process.on('SIGINT', () => {
    if (postgres.killed) process.exit(7);
    postgres.kill('SIGKILL');
    setTimeout(() => process.exit(0), 1500);
  });
  process.send({ ready: 'postgres', pid: postgres.pid });
  process.send({ url: 'http://127.0.0.1:1' });`;

test('a stop sends one signal, although Postgres ends before the service', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'errand-kept-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  let child: ChildProcess | undefined;
  const service = new KeptService({
    logPath: join(folder, 'server.log'),
    env: {},
    start: (_: readonly string[], options: LaunchOptions) => {
      child = launch(['-e', SERVICE], options);
      return child;
    },
    withoutBackup: false,
    screen: {} as Screen,
  });
  onTestFinished(() => service.kill());
  await service.start(() => {});
  const exited = once(child!, 'exit');
  await service.stop();
  expect(await exited).toEqual([0, null]);
});

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

function aService(start: (options: LaunchOptions) => ChildProcess): KeptService {
  const folder = mkdtempSync(join(tmpdir(), 'errand-kept-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const screen = { warn: () => {}, say: () => {}, begin: () => {}, failed: () => {} } as unknown as Screen;
  const service = new KeptService({
    logPath: join(folder, 'server.log'),
    env: {},
    start: (_: readonly string[], options: LaunchOptions) => start(options),
    withoutBackup: false,
    screen,
  });
  onTestFinished(() => service.kill());
  return service;
}

/** A service that ends when it is ready; the next ones refuse to start. */
const REFUSING = `
  if (process.env.STARTS !== '1') {
    console.error('The database belongs to another version.');
    process.exit(78);
  }
  process.send({ url: 'http://127.0.0.1:1' }, () => process.exit(1));`;

test('a service that no further start can mend is started once more, and its refusal is reported', async () => {
  let starts = 0;
  const service = aService((options) => {
    starts++;
    return launch(['-e', REFUSING], { ...options, env: { ...process.env, STARTS: String(starts) } });
  });
  await service.start(() => {});
  await expect(service.refused).rejects.toThrow('The database belongs to another version.');
  await service.stop();
  expect(starts).toBe(2);
});

test('a stop sends one signal, although Postgres ends before the service', async () => {
  let child: ChildProcess | undefined;
  const service = aService((options) => {
    child = launch(['-e', SERVICE], options);
    return child;
  });
  await service.start(() => {});
  const exited = once(child!, 'exit');
  await service.stop();
  expect(await exited).toEqual([0, null]);
});

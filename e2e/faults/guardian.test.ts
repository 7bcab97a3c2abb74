import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startGuardian } from './guardian.ts';

function idle(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '--', ...args], { env, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

test.runIf(process.platform === 'linux')('services and servers of the folder end, and no other process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'errand-faults-'));
  const service = idle([], { ERRAND_DATA_DIR: join(folder, 'http-1') });
  const server = idle(['-D', join(folder, 'postgres', 'data')]);
  const pager = idle([join(folder, 'http-1', 'log')], { PWD: folder });
  await Promise.all([service, server, pager].map((child) => once(child, 'spawn')));
  service.kill('SIGSTOP');
  const ends = Promise.all([service, server].map((child) => once(child, 'exit')));
  const guardian = startGuardian();
  guardian.guard(folder);
  await guardian.end();
  expect(await ends).toEqual([
    [null, 'SIGKILL'],
    [null, 'SIGKILL'],
  ]);
  expect(existsSync(folder)).toBe(false);
  expect([pager.exitCode, pager.signalCode]).toEqual([null, null]);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { isPostgresOf } from './postmaster.ts';

const FOLDER = '/data/postgres/cluster/data';

test.runIf(process.platform === 'linux').each([
  ['a server under an emulator of another processor', ['/opt/bin/postgres', '-D', FOLDER], true],
  ['a server of another folder', ['/opt/bin/postgres', '-D', `${FOLDER}2`], false],
  ['a program that reads a file of the folder', [`${FOLDER}/postgresql.conf`], false],
])('%s is recognized: %j', async (_, args, expected) => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '--', ...args], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  expect(isPostgresOf(child.pid!, FOLDER)).toBe(expected);
});

import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { killGroup, launch } from './processes.ts';

const options = { stdio: 'ignore', env: {} } as const;

test('the group of a process is killed only until the process ends', async () => {
  const ended = launch(['-e', ''], options);
  const running = launch(['-e', 'setInterval(() => {}, 1000)'], options);
  onTestFinished(() => void running.kill('SIGKILL'));
  await once(ended, 'exit');
  // The system gives ids of ended processes to new ones.
  killGroup(Object.assign(ended, { pid: running.pid }));
  running.kill('SIGTERM');
  expect(await once(running, 'exit')).toEqual([null, 'SIGTERM']);

  const leader = launch(['-e', 'setInterval(() => {}, 1000)'], options);
  killGroup(leader);
  expect(await once(leader, 'exit')).toEqual([null, 'SIGKILL']);
});

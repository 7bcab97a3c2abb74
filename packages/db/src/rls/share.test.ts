import { expect, test } from 'vitest';
import { Share, WorkspaceBusy } from './share.ts';

test('places go to those who wait in their order, and no line is longer than it may be', () => {
  const share = new Share({ most: 1, waitMs: 10_000, maxWaiting: 2 });
  const went: string[] = [];
  const enter = (workspace: string, name: string) =>
    share.enter(workspace, (busy) => went.push(busy ? `${name} refused` : name));
  enter('a', 'a1');
  for (const name of ['a2', 'a3', 'a4']) enter('a', name);
  enter('b', 'b1');
  expect(went).toEqual(['a1', 'a4 refused', 'b1']);
  share.leave('a');
  share.leave('a');
  share.leave('b');
  expect(went.slice(3)).toEqual(['a2', 'a3']);
  share.leave('a');
  enter('a', 'a5');
  expect(went.at(-1)).toBe('a5');
});

test('work that fails gives its place back', async () => {
  const share = new Share({ most: 1, waitMs: 10_000 });
  await expect(share.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await share.run('a', async () => 1)).toBe(1);
  expect(new WorkspaceBusy().code).toMatch(/^53/);
});

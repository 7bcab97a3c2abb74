import { expect, test } from 'vitest';
import { WorkspaceBusy, WorkspaceLimit } from './workspace-limit.ts';

test('connections go to waiting requests in their order, and no queue is longer than allowed', () => {
  const limit = new WorkspaceLimit({ maxConnections: 1, waitMs: 10_000, maxWaiting: 2 });
  const went: string[] = [];
  const enter = (workspace: string, name: string) =>
    limit.enter(workspace, (busy) => went.push(busy ? `${name} refused` : name));
  enter('a', 'a1');
  for (const name of ['a2', 'a3', 'a4']) enter('a', name);
  enter('b', 'b1');
  expect(went).toEqual(['a1', 'a4 refused', 'b1']);
  limit.leave('a');
  limit.leave('a');
  limit.leave('b');
  expect(went.slice(3)).toEqual(['a2', 'a3']);
  limit.leave('a');
  enter('a', 'a5');
  expect(went.at(-1)).toBe('a5');
});

test('failed work releases its connection', async () => {
  const limit = new WorkspaceLimit({ maxConnections: 1, waitMs: 10_000 });
  await expect(limit.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await limit.run('a', async () => 1)).toBe(1);
  expect(new WorkspaceBusy().code).toMatch(/^53/);
});

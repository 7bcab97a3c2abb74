import { expect, test } from 'vitest';
import { Shares } from './shares.ts';

const takeAll = (shares: Shares, workspaceId: string) => {
  const taken: (() => void)[] = [];
  for (let free = shares.take(workspaceId); free; free = shares.take(workspaceId)) taken.push(free);
  return taken;
};

test('a workspace takes half of the rest, so that each further one gets a share', () => {
  const shares = new Shares(10_000);
  const first = takeAll(shares, 'first');
  expect(first).toHaveLength(5000);
  expect(['second', 'third', 'fourth'].map((id) => takeAll(shares, id).length)).toEqual([2500, 1250, 625]);
  for (const free of [...first, ...first]) free();
  expect(shares.maxOf('first')).toBe(2813);
});

test('an amount counts as a whole; the last one is taken, and never more than there are', () => {
  const shares = new Shares(100);
  expect(shares.take('large', 51)).toBeNull();
  const free = shares.take('large', 50)!;
  expect(shares.take('other', 26)).toBeNull();
  const single = new Shares(1);
  expect(single.take('one')).not.toBeNull();
  expect([single.take('one'), single.take('two')]).toEqual([null, null]);
  free();
  expect(shares.take('other', 50)).not.toBeNull();
});

import { expect, test } from 'vitest';
import { ByteBudget } from './outputs.ts';

/** Work that ends when `end` is called. */
function startHolding(turns: ByteBudget, begun: string[], name: string, [workspace, weight]: [string, number]) {
  let end!: () => void;
  const work = () => {
    begun.push(name);
    return new Promise<void>((resolve) => {
      end = resolve;
    });
  };
  const ended = turns.run(workspace, weight, work);
  return { ended, end: () => end() };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('work that fits starts at once, other work waits, and waiting workspaces take turns', async () => {
  const turns = new ByteBudget(10);
  const begun: string[] = [];
  const first = startHolding(turns, begun, 'a1', ['a', 6]);
  const work = ['a2', 'a3', 'b1'].map((name) => startHolding(turns, begun, name, [name[0]!, 6]));
  await settled();
  expect(begun).toEqual(['a1']);
  first.end();
  await settled();
  expect(begun).toEqual(['a1', 'a2']);
  work[0]!.end();
  await settled();
  expect(begun).toEqual(['a1', 'a2', 'b1']);
  work[2]!.end();
  await settled();
  expect(begun).toEqual(['a1', 'a2', 'b1', 'a3']);
  work[1]!.end();
  await Promise.all([first, ...work].map(({ ended }) => ended));
});

test('small work does not starve large work, and work above the capacity runs alone', async () => {
  const turns = new ByteBudget(10);
  const begun: string[] = [];
  const small = startHolding(turns, begun, 'small', ['a', 4]);
  const large = startHolding(turns, begun, 'large', ['b', 1000]);
  const later = startHolding(turns, begun, 'later', ['a', 4]);
  await settled();
  expect(begun).toEqual(['small']);
  small.end();
  await settled();
  expect(begun).toEqual(['small', 'large']);
  large.end();
  await settled();
  expect(begun).toEqual(['small', 'large', 'later']);
  later.end();
  await Promise.all([small, large, later].map(({ ended }) => ended));
});

test('work that fails frees its memory', async () => {
  const turns = new ByteBudget(1);
  await expect(turns.run('a', 1, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await turns.run('a', 1, async () => 'fine')).toBe('fine');
});

import { expect, test } from 'vitest';
import { Batcher } from './batcher.ts';

/** A batcher of numbers that are doubled; each call that it makes is noted, and ends when it is let go. */
function aBatcher(refuse: (items: readonly number[]) => Error | undefined = () => undefined, patienceMs = 10_000) {
  const calls: number[][] = [];
  const releases: (() => void)[] = [];
  const hold = () => new Promise<void>((go) => releases.push(go));
  const batcher = new Batcher<number, number>({
    maxItems: 3,
    maxWeight: 100,
    weigh(item) {
      if (item > 1000) throw new Error('It cannot be weighed.');
      return item;
    },
    patienceMs,
    async applyOne(item) {
      calls.push([item]);
      await hold();
      const refused = refuse([item]);
      if (refused) throw refused;
      return item * 2;
    },
    async applyBatch(items) {
      calls.push([...items]);
      await hold();
      const refused = refuse(items);
      if (refused) throw refused;
      return items.map((item) => (item < 0 ? undefined : item * 2));
    },
  });
  /** Lets everything go, until nothing is left. */
  const go = async () => {
    for (let quiet = 0; quiet < 5; quiet++) {
      if (releases.length > 0) quiet = 0;
      for (const release of releases.splice(0)) release();
      await new Promise(setImmediate);
    }
  };
  return { batcher, calls, go };
}
const outcomes = (all: Promise<number>[]) =>
  Promise.allSettled(all).then((ended) =>
    ended.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : 'refused')),
  );
const refused = (code: string) => Object.assign(new Error('invalid input syntax'), { severity: 'FEHLER', code });

test('the first item is applied at once and alone; later ones are applied in batches of limited size', async () => {
  const { batcher, calls, go } = aBatcher();
  const all = [1, 2, 3, 4, 5].map((n) => batcher.add(n));
  expect(calls).toEqual([[1]]);
  const ended = outcomes(all);
  await go();
  expect(await ended).toEqual([2, 4, 6, 8, 10]);
  expect(calls).toEqual([[1], [2, 3, 4], [5]]);
  const later = batcher.add(6);
  expect(calls.at(-1)).toEqual([6]);
  await go();
  expect(await later).toBe(12);
});

test('an item that cannot be batched is applied alone, and does not delay others', async () => {
  const { batcher, calls, go } = aBatcher();
  const all = [1, -2, 3].map((n) => batcher.add(n));
  const ended = outcomes(all);
  await go();
  expect(await ended).toEqual([2, -4, 6]);
  expect(calls).toEqual([[1], [-2, 3], [-2]]);
});

// Invalid data, a timeout, a deadlock, a full disk; in any language of the server.
test.each(['22P02', '57014', '40P01', '53100'])(
  'what the server has undone (%s) is done again one by one, and only the one at fault fails',
  async (code) => {
    const { batcher, calls, go } = aBatcher((items) => (items.includes(3) ? refused(code) : undefined));
    const all = [1, 2, 3].map((n) => batcher.add(n));
    const ended = outcomes(all);
    await go();
    expect(await ended).toEqual([2, 4, 'refused']);
    expect(calls).toEqual([[1], [2, 3], [2], [3]]);
  },
);

test.each(['ECONNRESET', 'EPIPE', '57P01', '08006', '40003', undefined])(
  'when nobody knows whether they were done (%s), none is done again',
  async (code) => {
    const lost = Object.assign(new Error('Connection terminated unexpectedly'), { code });
    const { batcher, calls, go } = aBatcher((items) => (items.length > 1 ? lost : undefined));
    const all = [1, 2, 3].map((n) => batcher.add(n));
    const ended = outcomes(all);
    await go();
    expect(await ended).toEqual([2, 'refused', 'refused']);
    expect(calls).toEqual([[1], [2, 3]]);
    const next = batcher.add(4);
    await go();
    expect(await next).toBe(8);
  },
);

test('an item that waits does not delay the next ones', async () => {
  const { batcher, calls, go } = aBatcher(undefined, 5);
  const all = [1, 2, 3].map((n) => batcher.add(n));
  await expect.poll(() => calls).toEqual([[1], [2, 3]]);
  const ended = outcomes(all);
  await go();
  expect(await ended).toEqual([2, 4, 6]);
});

test('a batch stays within its weight; an item that is too heavy, or cannot be weighed, is applied alone', async () => {
  const { batcher, calls, go } = aBatcher();
  const all = [1, 60, 30, 50, 200, 2000, 5].map((n) => batcher.add(n));
  const ended = outcomes(all);
  await go();
  expect(await ended).toEqual([2, 120, 60, 100, 400, 4000, 10]);
  expect(calls).toEqual([[1], [60, 30], [50], [200], [2000], [5]]);
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Measurement } from '../metrics/measurement.ts';
import { createRegistry } from '../metrics/registry.ts';
import { GroupMetrics } from './group-metrics.ts';
import type { ToProcess } from './messages.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A process that has claimed this many runs. */
async function measured(claimed: number): Promise<Measurement> {
  const { registry, meters } = createRegistry();
  meters.errand_processes.set(1);
  meters.errand_runs_claimed_total.inc(claimed);
  return (await registry.getMetricsAsJSON()) as unknown as Measurement;
}

/** Processes that answer when the test lets them. */
function aGroup(...ids: number[]) {
  const group = new GroupMetrics();
  const asked: (readonly [id: number, scrape: number])[] = [];
  const add = (id: number) =>
    group.add(id, (message: ToProcess) => {
      if (message.kind === 'measure') asked.push([id, message.scrape]);
    });
  for (const id of ids) add(id);
  const answer = async (claimed: number) => {
    const [id, scrape] = asked.shift()!;
    group.receive(id, scrape, await measured(claimed));
  };
  return { group, asked, add, answer };
}

const valuesIn = (text: string) =>
  ['errand_processes', 'errand_runs_claimed_total'].map((name) => {
    const line = text.split('\n').find((each) => each.startsWith(`${name} `));
    return line && Number(line.split(' ')[1]);
  });

test('two scrapes at once ask each process once, and get one text', async () => {
  const { group, asked, answer } = aGroup(1, 2);
  const texts = [group.text(), group.text()];
  expect(asked).toEqual([
    [1, 1],
    [2, 1],
  ]);
  await answer(3);
  await answer(4);
  const [one, other] = await Promise.all(texts);
  expect(other).toBe(one);
  expect(valuesIn(one!)).toEqual([2, 7]);
});

test('a scrape that begins a second after a pending one gets the same text', async () => {
  const { group, asked, answer } = aGroup(1, 2);
  const first = group.text();
  await answer(3);
  await vi.advanceTimersByTimeAsync(1500);
  const second = group.text();
  expect(asked).toEqual([[2, 1]]);
  await answer(4);
  expect([valuesIn(await first), valuesIn(await second)]).toEqual([
    [2, 7],
    [2, 7],
  ]);
});

test('a scrape does not wait for a process that ends, nor for one that joins, and keeps the counts of the former', async () => {
  const { group, add, answer } = aGroup(1, 2);
  const before = group.text();
  await answer(3);
  await answer(4);
  await before;
  await vi.advanceTimersByTimeAsync(1000);
  const during = group.text();
  await answer(5);
  add(3);
  group.remove(2);
  expect(valuesIn(await during)).toEqual([1, 9]);
});

test('after two seconds a scrape uses the last counts of a process that does not answer, and ignores its late answer', async () => {
  const { group, asked, answer } = aGroup(1, 2);
  const first = group.text();
  await answer(3);
  await answer(4);
  await first;
  await vi.advanceTimersByTimeAsync(1000);
  const second = group.text();
  await answer(5);
  await vi.advanceTimersByTimeAsync(2000);
  expect(valuesIn(await second)).toEqual([1, 9]);
  const third = group.text();
  expect(asked.map(([id, scrape]) => [id, scrape])).toEqual([
    [2, 2],
    [1, 3],
    [2, 3],
  ]);
  await answer(6);
  await answer(7);
  await vi.advanceTimersByTimeAsync(0);
  let isSettled = false;
  void third.then(() => {
    isSettled = true;
  });
  await vi.advanceTimersByTimeAsync(1000);
  expect(isSettled).toBe(false);
  await answer(8);
  expect(valuesIn(await third)).toEqual([2, 15]);
});

test('without a process there are no metrics', async () => {
  const { group, add, answer } = aGroup();
  await expect(group.text()).rejects.toThrow('No process is ready yet');
  add(1);
  await vi.advanceTimersByTimeAsync(1000);
  const text = group.text();
  await answer(3);
  expect(valuesIn(await text)).toEqual([1, 3]);
  await vi.advanceTimersByTimeAsync(1000);
  const last = group.text();
  group.remove(1);
  await expect(last).rejects.toThrow('No process is ready yet');
});

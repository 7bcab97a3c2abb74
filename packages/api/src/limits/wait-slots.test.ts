import { expect, test } from 'vitest';
import { WaitSlots } from './wait-slots.ts';

const ada = { id: 'ada', workspaceId: 'acme' };
const ben = { id: 'ben', workspaceId: 'acme' };
const cem = { id: 'cem', workspaceId: 'other' };
const refused = (code: string) =>
  expect.objectContaining({ code, options: expect.objectContaining({ headers: { 'retry-after': '5' } }) });
const holdSlot = () => {
  let settle!: [(value: string) => void, (error: Error) => void];
  const promise = new Promise<string>((...both) => (settle = both));
  const [resolve, reject] = settle;
  return { wait: () => promise, resolve, reject };
};

test('a principal has so many waits at once, and one that has ended makes room, however it ended', async () => {
  const slots = new WaitSlots({ maxPerPrincipal: 2 });
  const [first, two] = [holdSlot(), holdSlot()];
  const waits = [slots.run(ada, 1, first.wait), slots.run(ada, 1, two.wait)];
  let called = false;
  const third = async () => {
    called = true;
  };
  await expect(slots.run(ada, 1, third)).rejects.toEqual(refused('too_many_waits'));
  expect(called).toBe(false);
  await slots.run(ben, 1, third);
  first.resolve('ended');
  two.reject(new Error('left'));
  expect(await Promise.allSettled(waits)).toMatchObject([{ value: 'ended' }, { reason: { message: 'left' } }]);
  const next = [holdSlot(), holdSlot()];
  for (const { wait } of next) slots.run(ada, 1, wait);
  await expect(slots.run(ada, 1, third)).rejects.toEqual(refused('too_many_waits'));
});

test('a workspace has its share of the waits of a process; a request that does not wait is not counted', async () => {
  const slots = new WaitSlots({ maxOfAll: 2 });
  const slot = holdSlot();
  const waits = slots.run(ada, 1, slot.wait);
  await expect(slots.run(ben, 1, slot.wait)).rejects.toEqual(refused('too_many_waits'));
  expect(await slots.run(ben, 0, async () => 'at once')).toBe('at once');
  expect(await slots.run(cem, 1, async () => 'waited')).toBe('waited');
  slot.resolve('ended');
  await waits;
  expect(await slots.run(ben, 1, async () => 'waited')).toBe('waited');
});

test('a stop ends every wait, and each later one at once', async () => {
  const slots = new WaitSlots();
  const aborted = (ending: AbortSignal) =>
    new Promise<string>((resolve) => {
      if (ending.aborted) resolve('late');
      ending.addEventListener('abort', () => resolve('ended'));
    });
  const waits = [slots.run(ada, 1, aborted), slots.run(ben, 1, aborted)];
  slots.close();
  expect(await Promise.all([...waits, slots.run(ada, 1, aborted)])).toEqual(['ended', 'ended', 'late']);
});

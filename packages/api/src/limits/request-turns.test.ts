import { expect, onTestFinished, test, vi } from 'vitest';
import { RequestTurns } from './request-turns.ts';

const small = { calls: 1, bytes: 0 };
const large = { calls: 1, bytes: 100 * 1024 };
const turnsOf = () => {
  const turns = new RequestTurns();
  onTestFinished(() => turns.close());
  const order: string[] = [];
  const ends: (() => void)[] = [];
  const enter = (id: string, size = large) => {
    const entered = turns.enter(id, size);
    if (!(entered instanceof Promise)) ends.push(entered);
    else
      void entered.then((end) => {
        order.push(id);
        ends.push(end);
      });
    return entered instanceof Promise ? 'waits' : 'begins';
  };
  /** Ends the oldest turn, until all requests have had theirs. */
  const finish = async () => {
    for (let end = ends.shift(); end; end = ends.shift()) {
      end();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return order;
  };
  return { turns, enter, finish, ends };
};

test('requests begin at once while the main thread has capacity, and the first of another workspace always', () => {
  const { enter } = turnsOf();
  const hostile = Array.from({ length: 6 }, () => enter('hostile'));
  expect(hostile).toEqual(['begins', 'begins', 'begins', 'waits', 'waits', 'waits']);
  expect([enter('other', small), enter('third', small)]).toEqual(['begins', 'begins']);
});

test('fifty small requests of a workspace that is alone are in progress at once', () => {
  const { enter } = turnsOf();
  const begun = Array.from({ length: 60 }, () => enter('alone', small)).filter((state) => state === 'begins');
  expect(begun).toHaveLength(50);
});

test('waiting requests are served by what their workspace has used, not by their number', async () => {
  const { enter, finish } = turnsOf();
  for (let n = 0; n < 13; n++) enter('hostile');
  for (let n = 0; n < 10; n++) enter('small', small);
  const order = await finish();
  expect(order).toHaveLength(19);
  // Nine small requests use less than one large request.
  expect(order.slice(0, 10).filter((id) => id === 'small')).toHaveLength(9);
});

test('the calls of a batch count', () => {
  const { enter } = turnsOf();
  expect(enter('batches', { calls: 50, bytes: 0 })).toBe('begins');
  expect(enter('batches', small)).toBe('waits');
});

test('beyond its queue a workspace is refused, by number and by bytes, and others are not', () => {
  const { turns, enter } = turnsOf();
  for (let n = 0; n < 203; n++) enter('hostile', { calls: 20, bytes: 0 });
  const refused = expect.objectContaining({
    code: 'rate_limited',
    options: expect.objectContaining({ headers: { 'retry-after': '1' } }),
  });
  expect(() => turns.enter('hostile', small)).toThrow(refused);
  for (let n = 0; n < 17; n++) enter('heavy', { calls: 1, bytes: 1024 * 1024 });
  expect(() => turns.enter('heavy', { calls: 1, bytes: 1024 * 1024 })).toThrow(refused);
  expect(enter('other')).toBe('begins');
});

test('a request that lasts long delays others no more', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { enter, ends } = turnsOf();
  for (let n = 0; n < 4; n++) enter('slow');
  expect(ends).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(400);
  expect(ends).toHaveLength(4);
  for (const end of ends) end();
  expect(enter('slow', small)).toBe('begins');
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Filters, LiveRuns, PAGE_SIZE, type Run, rowOf } from './live-runs.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const idOf = (number: number) => `run-${String(number).padStart(6, '0')}`;
const makeRun = (number: number, more: Partial<Run> = {}): Run =>
  ({
    runId: idOf(number),
    status: 'RUNNING',
    intent: `Errand ${number}`,
    createdAt: new Date(number * 1000).toISOString(),
    ...more,
  }) as Run;

/** A service with runs of the numbers 1 to `count`, and a list of them. */
function startList(count: number, filters: Filters = {}) {
  const runs = new Map(Array.from({ length: count }, (_, index) => [idOf(index + 1), makeRun(index + 1)]));
  const requests = { pages: 0, heads: [] as string[][] };
  const newest = () => [...runs.values()].sort((a, b) => b.runId.localeCompare(a.runId));
  const list = new LiveRuns({
    filters,
    read: {
      page: async (cursor) => {
        requests.pages++;
        const all = newest().filter(({ runId }) => cursor === undefined || runId < cursor);
        const page = all.slice(0, PAGE_SIZE);
        return { runs: page, total: all.length, nextCursor: all.length > PAGE_SIZE ? page.at(-1)!.runId : undefined };
      },
      heads: async (runIds) => {
        requests.heads.push(runIds);
        return runIds.flatMap((runId) => runs.get(runId) ?? []);
      },
    },
  });
  const change = (number: number, more: Partial<Run>) => {
    const run = makeRun(number, more);
    runs.set(run.runId, run);
    const isNew = !list.get().rows.some((row) => row.run.runId === run.runId);
    list.apply({
      type: 'run',
      runId: run.runId,
      status: run.status,
      seq: 1,
      updatedAt: run.createdAt,
      changed: isNew ? ['created'] : ['status'],
    });
  };
  const ids = () => list.get().rows.map(({ run }) => run.runId);
  return { list, requests, change, ids, runs };
}

test('pages follow one another without doubles, up to the last', async () => {
  const { list, ids, requests } = startList(250);
  list.start();
  await vi.runAllTimersAsync();
  expect([ids().length, list.get().total, list.get().hasMore]).toEqual([100, 250, true]);
  await list.readMore();
  await list.readMore();
  await list.readMore();
  expect([ids().length, new Set(ids()).size, list.get().hasMore, requests.pages]).toEqual([250, 250, false, 3]);
});

test('new runs go on top while the top is on the screen, and wait behind a number while it is not', async () => {
  const { list, ids, change } = startList(5);
  list.start();
  await vi.runAllTimersAsync();
  change(6, {});
  await vi.runAllTimersAsync();
  expect(ids()[0]).toBe(idOf(6));
  list.see([idOf(1)], false);
  for (const number of [7, 8]) change(number, {});
  await vi.runAllTimersAsync();
  expect([ids()[0], list.get().unseen, list.get().total]).toEqual([idOf(6), 2, 8]);
  list.showUnseen();
  expect([ids().slice(0, 3), list.get().unseen]).toEqual([[idOf(8), idOf(7), idOf(6)], 0]);
});

test('a burst of 500 runs costs few requests, and all of them arrive', async () => {
  const { list, requests, change, ids } = startList(20);
  list.start();
  await vi.runAllTimersAsync();
  for (let number = 21; number <= 520; number++) {
    change(number, {});
    await vi.advanceTimersByTimeAsync(20);
    list.see(ids().slice(0, 20), true);
  }
  for (let number = 21; number <= 520; number++) change(number, { status: 'SUCCESS' });
  await vi.runAllTimersAsync();
  expect(ids()).toHaveLength(520);
  expect(
    list
      .get()
      .rows.slice(0, 500)
      .every(({ run }) => run.status === 'SUCCESS'),
  ).toBe(true);
  expect(requests.pages + requests.heads.length).toBeLessThanOrEqual(30);
});

test('only rows on the screen are read again; the others when they come into view', async () => {
  const { list, requests, change } = startList(50);
  list.start();
  await vi.runAllTimersAsync();
  list.see([idOf(50)], true);
  change(3, { status: 'FAILED', intent: 'Changed' });
  await vi.runAllTimersAsync();
  expect(requests.heads).toEqual([]);
  expect(list.get().rows.find(({ run }) => run.runId === idOf(3))!.run.status).toBe('FAILED');
  list.see([idOf(3)], false);
  await vi.runAllTimersAsync();
  expect(requests.heads).toEqual([[idOf(3)]]);
  expect(list.get().rows.find(({ run }) => run.runId === idOf(3))!.run.intent).toBe('Changed');
});

test('a run that matches no longer stays where it is, marked', async () => {
  const { list, change, runs } = startList(3, { status: ['RUNNING'] });
  list.start();
  await vi.runAllTimersAsync();
  list.see([idOf(2)], true);
  change(2, { status: 'SUCCESS' });
  runs.delete(idOf(2));
  await vi.runAllTimersAsync();
  expect(list.get().rows.map(({ run, isUnmatched }) => [run.runId, run.status, isUnmatched])).toEqual([
    [idOf(3), 'RUNNING', false],
    [idOf(2), 'SUCCESS', true],
    [idOf(1), 'RUNNING', false],
  ]);
});

test('catching up adds what came meanwhile; after more than a page the list is read again', async () => {
  const { list, runs, ids } = startList(10);
  list.start();
  await vi.runAllTimersAsync();
  runs.set(idOf(11), makeRun(11));
  await list.catchUp();
  expect(ids().slice(0, 2)).toEqual([idOf(11), idOf(10)]);
  for (let number = 12; number < 200; number++) runs.set(idOf(number), makeRun(number));
  await list.catchUp();
  expect([ids()[0], ids().length]).toEqual([idOf(199), PAGE_SIZE]);
});

test('a failed reading keeps the rows, and another try goes on', async () => {
  const { list, ids } = startList(150);
  list.start();
  await vi.runAllTimersAsync();
  const broken = new LiveRuns({
    filters: {},
    read: {
      page: vi
        .fn()
        .mockRejectedValueOnce(new Error('away'))
        .mockResolvedValue({ runs: [makeRun(1)], total: 1 }),
      heads: async () => [],
    },
  });
  await broken.readMore();
  expect([broken.get().error, broken.get().rows.length]).toEqual([new Error('away'), 0]);
  await broken.readMore();
  expect([broken.get().error, broken.get().rows.length, broken.get().hasMore]).toEqual([undefined, 1, false]);
  expect(ids()).toHaveLength(100);
});

test('a row keeps nothing that can be large', () => {
  const large = 'x'.repeat(1_000_000);
  const run = {
    ...makeRun(1),
    intent: large,
    context: large,
    result: { large },
    error: { code: 'no_plan', message: large },
    usage: { toolCalls: 2, inputTokens: 3, outputTokens: 4, cost: { amount: 0.5, currency: 'USD' } },
  };
  const row = rowOf(run as never);
  expect(JSON.stringify(row).length).toBeLessThan(1_000);
  expect(row).toMatchObject({ runId: idOf(1), errorCode: 'no_plan', calls: 2, tokens: 7, cost: '$0.50' });
});

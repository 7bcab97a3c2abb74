import type { ChangedRun } from '@errand/db';
import { expect, test, vi } from 'vitest';
import { LiveList, Watcher } from './live-list.ts';

const old = new Date(Date.now() - 1e6);
const aRun = (n: number, overrides: Partial<ChangedRun> = {}): ChangedRun => ({
  runId: `run-${n}`,
  status: 'RUNNING',
  seq: 1,
  createdAt: old,
  updatedAt: old,
  fits: [],
  ...overrides,
});
const watch = (list: LiveList, lastId?: string) =>
  new Watcher(list, { lastId, signal: new AbortController().signal }, () => {});

const nextByWatcher = new WeakMap<Watcher, ReturnType<Watcher['next']>>();

/** The frames that a watcher can have at once. */
async function taken(watcher: Watcher): Promise<{ type: string; [key: string]: unknown }[]> {
  const frames = [];
  for (;;) {
    const pending = nextByWatcher.get(watcher) ?? watcher.next();
    const next = await Promise.race([pending, new Promise<undefined>((done) => setImmediate(done, undefined))]);
    if (!next) nextByWatcher.set(watcher, pending);
    if (!next || next.done) return frames;
    nextByWatcher.delete(watcher);
    frames.push({ ...JSON.parse(next.value.data), id: next.value.id });
  }
}

test('a run that fitted is gone once; one that a watcher may have read just now, too, but none that could not', async () => {
  const list = new LiveList({ waiting: true });
  list.begin([{ runId: 'run-1', status: 'PAUSED', seq: 3 }], true);
  const gone = [
    [1, 4, true],
    [1, 5, true],
    [2, 1, true],
    [2, 2, true],
    [3, 1, false],
  ] as const;
  const tell = () =>
    gone.forEach(([n, seq, mayHaveFitted]) => void list.update(aRun(n, { seq }), false, mayHaveFitted));
  const watcher = watch(list);
  tell();
  list.remove('run-4');
  expect((await taken(watcher)).map(({ type, runId, seq }) => [type, runId, seq])).toEqual([
    ['snapshot', undefined, undefined],
    ['gone', 'run-1', 4],
    ['gone', 'run-2', 1],
  ]);
  vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ['performance'] });
  vi.advanceTimersByTime(60_000);
  tell();
  vi.useRealTimers();
  expect(await taken(watcher)).toEqual([]);
});

test('frames name what has changed, and nothing that has not', async () => {
  const list = new LiveList({});
  const watcher = watch(list);
  list.update(aRun(1, { createdAt: new Date(Date.now() + 1000), seq: 0, status: 'QUEUED' }), true, true);
  list.update(aRun(1, { seq: 2 }), true, true);
  list.update(aRun(1, { seq: 3 }), true, true);
  list.update(aRun(1, { seq: 3 }), true, true);
  list.update(aRun(1, { seq: 2, status: 'PAUSED' }), true, true);
  list.update(aRun(2, { seq: 7, status: 'SUCCESS' }), true, true);
  const frames = await taken(watcher);
  expect(frames.slice(1).map(({ runId, changed }) => [runId, changed])).toEqual([
    ['run-1', ['created']],
    ['run-1', ['status', 'events']],
    ['run-1', ['events']],
    ['run-2', ['status', 'events']],
  ]);
});

test('a watcher that comes back gets what it missed; one that was away for too long, or was elsewhere, a new snapshot', async () => {
  const list = new LiveList({});
  const first = watch(list);
  for (let n = 0; n < 5; n++) list.update(aRun(n), true, true);
  const frames = await taken(first);
  const id = frames[2]!.id as string;
  const again = await taken(watch(list, id));
  expect(again[0]).toMatchObject({ type: 'snapshot', resumed: true });
  expect(again.slice(1)).toEqual(frames.slice(3));
  for (let n = 5; n < 1500; n++) list.update(aRun(n), true, true);
  for (const lastId of [id, `${'0'.repeat(16)}-3`, id.replace(/\d+$/, '999999'), undefined])
    expect(await taken(watch(list, lastId))).toMatchObject([{ type: 'snapshot', resumed: false }]);
});

test('a watcher that reads nothing needs no memory, delays no other, and gets a snapshot when it continues', async () => {
  const list = new LiveList({});
  const [slow, quick] = [watch(list), watch(list)];
  await slow.next();
  let frames = 0;
  for (let n = 0; n < 3000; n++) {
    list.update(aRun(n), true, true);
    if (n % 500 === 0) frames += (await taken(quick)).length;
  }
  expect(frames + (await taken(quick)).length).toBe(3001);
  const rest = await taken(slow);
  expect(rest).toMatchObject([{ type: 'snapshot', resumed: false }]);
  list.update(aRun(1, { seq: 9 }), true, true);
  expect(await taken(slow)).toMatchObject([{ type: 'run', runId: 'run-1', seq: 9 }]);
});

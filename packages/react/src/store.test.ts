import { expect, onTestFinished, test, vi } from 'vitest';
import { type Source, Store } from './store.ts';

/** A source that is controlled by the test. */
function start() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const runs: { set: Parameters<Source<number>>[0]; signal: AbortSignal }[] = [];
  const onStop = vi.fn();
  const store = new Store<number>(0, async (set, signal) => void runs.push({ set, signal }), onStop);
  return { store, runs, onStop };
}

test('components share one source, which stops after the last one leaves', () => {
  const { store, runs, onStop } = start();
  const leave = [store.subscribe(() => {}), store.subscribe(() => {})];
  leave[0]!();
  vi.runAllTimers();
  expect(runs.map(({ signal }) => signal.aborted)).toEqual([false]);
  leave[1]!();
  vi.runAllTimers();
  expect(runs.map(({ signal }) => signal.aborted)).toEqual([true]);
  expect(onStop).toHaveBeenCalledOnce();
});

test('a component that leaves and comes back at once keeps the source: StrictMode does so', () => {
  const { store, runs } = start();
  store.subscribe(() => {})();
  store.subscribe(() => {});
  vi.runAllTimers();
  expect(runs.map(({ signal }) => signal.aborted)).toEqual([false]);
});

test('changes of one task are seen at once', () => {
  const { store, runs } = start();
  const listener = vi.fn();
  store.subscribe(listener);
  for (let i = 0; i < 100; i++) runs[0]!.set((value) => value + 1);
  expect(store.get()).toBe(0);
  vi.runAllTimers();
  expect(store.get()).toBe(100);
  expect(listener).toHaveBeenCalledOnce();
});

test('nothing changes after the last component has left', () => {
  const { store, runs } = start();
  const listener = vi.fn();
  const leave = store.subscribe(listener);
  runs[0]!.set(() => 7);
  leave();
  vi.runAllTimers();
  runs[0]!.set(() => 8);
  vi.runAllTimers();
  expect(store.get()).toBe(0);
  expect(listener).not.toHaveBeenCalled();
});

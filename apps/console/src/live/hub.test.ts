import { expect, test, vi } from 'vitest';
import { type Demand, type HubMessage, keyOf } from './demand.ts';
import { Hub, MAX_STREAMS, type StreamListener } from './hub.ts';

const runs = (workspaceId: string): Demand => ({ kind: 'runs', workspaceId });
const pending = (workspaceId: string): Demand => ({ kind: 'pending', workspaceId });
const run = (workspaceId: string, runId: string): Demand => ({ kind: 'run', workspaceId, runId, after: 0 });

/** A hub with tabs, and the streams that it holds open. */
function startHub(options: { maxStreams?: number } = {}) {
  const open = new Map<string, StreamListener>();
  let now = 0;
  const hub = new Hub({
    ...options,
    now: () => now,
    open: (demand, _token, listener) => {
      const key = keyOf(demand);
      expect(open.has(key)).toBe(false);
      open.set(key, listener);
      return () => open.delete(key);
    },
  });
  const tab = (demands: Demand[], { isFocused = true, isVisible = true, token = 't' } = {}) => {
    const messages: HubMessage[] = [];
    const hear = hub.join((message) => messages.push(message));
    const want = (changed: Demand[], state = { isFocused, isVisible }) =>
      hear({ type: 'wants', demands: changed, token, ...state });
    want(demands);
    return { messages, want, hear };
  };
  return { open, tab, keys: () => [...open.keys()].sort(), wait: (ms: number) => (now += ms) };
}
const states = (messages: HubMessage[]) =>
  messages.flatMap((message) => (message.type === 'state' ? [`${message.key}: ${message.state}`] : []));

test('eight tabs of a workspace share its streams', () => {
  const { tab, keys, open } = startHub();
  const tabs = Array.from({ length: 8 }, (_, index) => tab([runs('a'), pending('a'), run('a', `r${index}`)]));
  expect(keys()).toEqual(['pending a', 'run a r7', 'runs a'].sort());
  open.get('runs a')!.onFrame({ type: 'gone', runId: 'r', seq: 1 } as never);
  for (const { messages } of tabs) expect(messages.filter(({ type }) => type === 'frame')).toHaveLength(1);
});

test('no more streams than allowed are open, also with several workspaces; each list of runs comes first', () => {
  const { tab, keys } = startHub();
  tab([runs('a'), pending('a'), run('a', 'r1')]);
  const second = tab([runs('b'), pending('b'), run('b', 'r2')]);
  expect(keys()).toHaveLength(MAX_STREAMS);
  expect(keys()).toEqual(['run b r2', 'runs a', 'runs b']);
  expect(states(second.messages)).toContain('pending b: polling');
});

test('the tab with the focus gets the stream of its run; the other one is told to read at intervals', () => {
  const { tab, keys } = startHub();
  const first = tab([runs('a'), pending('a'), run('a', 'r1')]);
  const second = tab([runs('a'), pending('a'), run('a', 'r2')]);
  expect(keys()).toContain('run a r2');
  expect(states(first.messages).at(-1)).toBe('run a r1: polling');
  first.want([runs('a'), pending('a'), run('a', 'r1')], { isFocused: true, isVisible: true });
  expect(keys()).toContain('run a r1');
  expect(states(second.messages).at(-1)).toBe('run a r2: polling');
});

test('a tab that joins an open stream hears its state, so that it reads what happened before', () => {
  const { tab, open } = startHub();
  tab([runs('a')]);
  open.get('runs a')!.onState('live');
  const { messages } = tab([runs('a')]);
  expect(states(messages)).toContain('runs a: live');
});

test('a refusal reaches the tabs with its code', () => {
  const { tab, open } = startHub();
  const { messages } = tab([runs('a')]);
  open.get('runs a')!.onState('refused', 'too_many_streams');
  expect(messages.at(-1)).toEqual({ type: 'state', key: 'runs a', state: 'refused', code: 'too_many_streams' });
});

test('a refused stream is opened again after half a minute, while it is wanted', () => {
  vi.useFakeTimers();
  const { tab, open, keys } = startHub();
  const { hear } = tab([runs('a')]);
  const refused = open.get('runs a')!;
  refused.onState('refused', 'too_many_streams');
  vi.advanceTimersByTime(30_000);
  expect(open.get('runs a')).not.toBe(refused);
  open.get('runs a')!.onState('refused', 'too_many_streams');
  hear({ type: 'leaves' });
  vi.advanceTimersByTime(30_000);
  expect(keys()).toEqual([]);
  vi.useRealTimers();
});

test('streams of tabs that leave, or that are silent for long, are closed', () => {
  const { tab, keys, wait } = startHub();
  const first = tab([runs('a')]);
  tab([runs('b')]);
  first.hear({ type: 'leaves' });
  expect(keys()).toEqual(['runs b']);
  wait(200_000);
  tab([runs('c')]);
  expect(keys()).toEqual(['runs c']);
});

test('a tab that returns to life after its silence gets its streams again', () => {
  const { tab, keys, wait } = startHub();
  const first = tab([runs('a')]);
  wait(200_000);
  tab([runs('c')]);
  expect(keys()).toEqual(['runs c']);
  first.hear({ type: 'alive' });
  expect(keys()).toEqual(['runs a', 'runs c']);
});

test('another session opens all streams again, and frames of the old ones are dropped', () => {
  const { tab, open } = startHub();
  const { messages } = tab([runs('a')], { token: 'old' });
  const old = open.get('runs a')!;
  tab([runs('a')], { token: 'new' });
  expect(open.get('runs a')).not.toBe(old);
  const count = messages.length;
  old.onFrame({ type: 'gone', runId: 'r', seq: 1 } as never);
  old.onState('live');
  expect(messages).toHaveLength(count);
});

test('a hub of one stream prefers the list of runs, and polls for the rest', () => {
  const { tab, keys } = startHub({ maxStreams: 1 });
  const { messages } = tab([run('a', 'r1'), pending('a'), runs('a')]);
  expect(keys()).toEqual(['runs a']);
  expect(states(messages)).toEqual(
    expect.arrayContaining(['run a r1: polling', 'pending a: polling', 'runs a: connecting']),
  );
});

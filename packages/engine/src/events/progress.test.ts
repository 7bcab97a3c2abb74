import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Progress } from './progress.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function recorded() {
  const sent: string[] = [];
  const rendered: string[] = [];
  const followed = new Set(['here']);
  const progress = new Progress({
    show: (runId, key) => rendered.push(`${runId} ${key}`),
    hide: () => {},
    isFollowed: (runId) => followed.has(runId),
    send: (payload) => sent.push(payload),
  });
  return { progress, sent, rendered, followed };
}

const call = (n: number) => ({ stepId: 's', iteration: n, attempt: 1, at: new Date(0) });

test('a run without followers sends nothing', () => {
  const { progress, sent, rendered } = recorded();
  for (let n = 0; n < 10_000; n++) progress.begin('r', `s.${n}`, call(n));
  vi.advanceTimersByTime(1000);
  expect([sent, rendered]).toEqual([[], []]);
});

test('a call of less than 40 ms is not shown; one of 80 ms is shown to all followers', () => {
  const { progress, sent, rendered } = recorded();
  progress.followElsewhere(['there']);
  for (let n = 0; n < 20; n++) {
    for (const runId of ['here', 'there']) progress.begin(runId, `s.${n}`, call(n));
    vi.advanceTimersByTime(39);
    for (const runId of ['here', 'there']) progress.end(runId, `s.${n}`);
  }
  expect([sent, rendered]).toEqual([[], []]);
  for (const runId of ['here', 'there']) progress.begin(runId, 'long', call(1));
  vi.advanceTimersByTime(80);
  expect(rendered).toEqual(['here long']);
  expect(sent).toEqual([expect.stringMatching(/^there\tlong\t/)]);
  vi.advanceTimersByTime(1000);
  expect([sent.length, rendered.length]).toEqual([1, 1]);
});

test('the first follower in this process gets the calls in flight', () => {
  const { progress, rendered, followed } = recorded();
  followed.clear();
  for (const runId of ['here', 'other']) progress.begin(runId, 'a', call(1));
  vi.advanceTimersByTime(1000);
  expect(rendered).toEqual([]);
  followed.add('here');
  progress.follow('here');
  vi.advanceTimersByTime(80);
  expect(rendered).toEqual(['here a']);
});

test('of 10,000 calls that begin and end, another process is told of those that are under way', () => {
  const { progress, sent } = recorded();
  progress.followElsewhere(['r']);
  for (let n = 0; n < 10_000; n++) {
    progress.begin('r', `s.${n}`, call(n));
    if (n >= 8) progress.end('r', `s.${n - 8}`);
  }
  vi.advanceTimersByTime(1000);
  expect(sent).toHaveLength(1);
  const lines = sent[0]!.trimEnd().split('\n');
  expect(lines.map((line) => line.split('\t').slice(0, 2))).toEqual(
    Array.from({ length: 8 }, (_, i) => ['r', `s.${9992 + i}`]),
  );
  expect(JSON.parse(lines[0]!.split('\t')[2]!)).toEqual({
    type: 'progress',
    runId: 'r',
    stepId: 's',
    iteration: 9992,
    state: 'running',
    attempt: 1,
    at: '1970-01-01T00:00:00.000Z',
  });
});

test('many calls go in several payloads, and the rest in the next window', () => {
  const { progress, sent, rendered } = recorded();
  const otherFollower = recorded();
  progress.followElsewhere(Array.from({ length: 2000 }, (_, n) => `run-${n}`));
  for (let n = 0; n < 2000; n++) progress.begin(`run-${n}`, 's', call(n));
  vi.advanceTimersByTime(80);
  const first = sent.length;
  expect(first).toBeLessThanOrEqual(16);
  vi.advanceTimersByTime(1000);
  expect(sent.length).toBeGreaterThan(first);
  for (const payload of sent) expect(payload.length).toBeLessThanOrEqual(7500);
  for (const payload of sent) otherFollower.progress.receive(payload);
  expect(new Set(otherFollower.rendered).size).toBe(2000);
  expect(rendered).toEqual([]);
});

test('a process that asks gets the calls in flight once, and new calls for 15 s', () => {
  const { progress, sent } = recorded();
  progress.begin('r', 'a', call(1));
  progress.followElsewhere(['r']);
  progress.followElsewhere(['r']);
  vi.advanceTimersByTime(100);
  expect(sent).toHaveLength(1);
  vi.advanceTimersByTime(15_000);
  progress.begin('r', 'b', call(2));
  vi.advanceTimersByTime(100);
  expect(sent).toHaveLength(1);
});

import type { EventRow } from '@errand/db';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RecentLogs } from './recent-logs.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const run = { workspaceId: 'w', runId: 'r' };
const row = (seq: number, overrides: Partial<EventRow> = {}): EventRow => ({
  seq,
  type: 'step',
  data: `{"runStatus":"RUNNING","n":${seq}}`,
  toolCalls: null,
  createdAt: new Date(seq),
  ...overrides,
});
const seqs = (logs: RecentLogs, after = 0, of = run) => logs.read(of, after)?.rows.map(({ seq }) => seq);

test('a log is known from its first event on, with the status of its last one', () => {
  const logs = new RecentLogs();
  expect(logs.read(run, 0)).toBeUndefined();
  logs.add(run, [row(1)]);
  expect(logs.read(run, 0)).toEqual({ head: { seq: 1, status: 'RUNNING' }, rows: [row(1)], hasMore: false });
  const paused = row(3, { type: 'status', data: '{"runStatus":"PAUSED"}' });
  logs.add(run, [row(2), paused]);
  expect(logs.read(run, 1)).toEqual({ head: { seq: 3, status: 'PAUSED' }, rows: [row(2), paused], hasMore: false });
  expect(seqs(logs, 3)).toEqual([]);
});

test('the announcement of a sibling ends only a log without events', () => {
  const logs = new RecentLogs();
  logs.begin(run);
  logs.forgetUnlessBegun('r');
  expect(logs.read(run, 0)).toBeUndefined();
  expect(logs.add(run, [row(1)])).toBe(true);
  logs.forgetUnlessBegun('r');
  expect(seqs(logs)).toEqual([1]);
  expect(logs.add(run, [row(3)])).toBe(false);
});

test('nothing is shown of a run that has ended, which may be removed at once', () => {
  const logs = new RecentLogs();
  logs.begin(run);
  logs.add(run, [row(1), row(2)]);
  logs.add(run, [row(3, { type: 'end', data: '{"runStatus":"SUCCESS"}' })]);
  expect(seqs(logs)).toBeUndefined();
  logs.begin(run);
  expect(seqs(logs)).toBeUndefined();
});

test('a run that was stored here has no events yet, unless another process told of some', () => {
  const logs = new RecentLogs();
  logs.begin(run);
  expect(logs.read(run, 0)).toEqual({ head: { seq: 0, status: 'QUEUED' }, rows: [], hasMore: false });
  logs.add(run, [row(1)]);
  logs.begin(run);
  expect(seqs(logs)).toEqual([1]);
  const otherRun = { workspaceId: 'w', runId: 'told' };
  logs.forget(otherRun.runId);
  logs.begin(otherRun);
  expect(seqs(logs, 0, otherRun)).toBeUndefined();
});

test('nothing is shown that may not be the whole log', () => {
  const logs = new RecentLogs();
  logs.add(run, [row(2)]);
  expect(seqs(logs)).toBeUndefined();
  logs.add(run, [row(1)]);
  expect(seqs(logs, 2)).toBeUndefined();
  logs.add(run, [row(3)]);
  expect(seqs(logs)).toBeUndefined();
  logs.add(run, [row(1)]);
  logs.forget('r');
  expect(seqs(logs)).toBeUndefined();
  logs.add(run, [row(1)]);
  logs.forgetAll();
  expect(seqs(logs)).toBeUndefined();
  logs.add(run, [row(1)]);
  vi.advanceTimersByTime(5001);
  expect(seqs(logs)).toBeUndefined();
});

test('the log of another workspace is not shown', () => {
  const logs = new RecentLogs();
  logs.add(run, [row(1)]);
  expect(seqs(logs, 0, { ...run, workspaceId: 'v' })).toBeUndefined();
  expect(seqs(logs)).toEqual([1]);
});

test('long logs, large ones and those of many runs are not kept', () => {
  const logs = new RecentLogs();
  logs.add(
    run,
    Array.from({ length: 51 }, (_, i) => row(i + 1)),
  );
  expect(seqs(logs)).toBeUndefined();
  logs.add(run, [row(1, { toolCalls: JSON.stringify('x'.repeat(9000)) })]);
  expect(seqs(logs)).toBeUndefined();
  for (let n = 0; n < 1001; n++) logs.add({ workspaceId: 'w', runId: `r${n}` }, [row(1)]);
  expect(seqs(logs, 0, { workspaceId: 'w', runId: 'r0' })).toBeUndefined();
  expect(seqs(logs, 0, { workspaceId: 'w', runId: 'r1' })).toEqual([1]);
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { at, event } from './event-fixtures.ts';
import type { RunEvent, RunLog } from './log.ts';
import { type ListPage, LogReader, PAGE } from './log-reader.ts';

const eventsTo = (count: number, isEnded = true): RunEvent[] =>
  Array.from({ length: count }, (_, index) =>
    event(index + 1, index, { type: isEnded && index === count - 1 ? 'end' : 'status' }),
  );

/** A reader of a log that grows. */
function readerOf(events: RunEvent[], limit = PAGE) {
  const asked: number[] = [];
  let log: RunLog | undefined;
  const errors: unknown[] = [];
  const onComplete = vi.fn();
  const listPage = vi.fn<ListPage>(async (after) => {
    asked.push(after);
    const left = events.filter(({ seq }) => seq > after);
    return { events: left.slice(0, limit), ...(left.length > limit && limit < PAGE ? { eventsTruncated: true } : {}) };
  });
  const reader = new LogReader(listPage, {
    onLog: (next) => {
      log = next;
    },
    onComplete,
    onError: (error) => error && errors.push(error),
  });
  return { reader, asked, errors, listPage, onComplete, seqs: () => log?.events.map(({ seq }) => seq) ?? [] };
}

afterEach(() => vi.useRealTimers());

describe('LogReader', () => {
  it('reads 5,000 events in at most 8 requests, each event once', async () => {
    const { reader, asked, onComplete, seqs } = readerOf(eventsTo(5000));
    await reader.read();
    expect(asked.length).toBeLessThanOrEqual(8);
    expect(seqs()).toEqual(eventsTo(5000).map(({ seq }) => seq));
    expect(onComplete).toHaveBeenCalledTimes(1);
  });

  it('reads on after pages that did not fit', async () => {
    const { reader, seqs } = readerOf(eventsTo(2500), 700);
    await reader.read();
    expect(seqs().length).toBe(2500);
  });

  it('keeps what only the end of a log is left of', async () => {
    const { reader, seqs } = readerOf([event(812, 5, { type: 'end' })]);
    await reader.read();
    expect(seqs()).toEqual([812]);
  });

  it('reads what is missing between a page and a frame', async () => {
    vi.useFakeTimers();
    const events = eventsTo(3, false);
    const { reader, asked, seqs } = readerOf(events);
    await reader.read();
    events.push(event(4, 4, { type: 'status' }), event(5, 5, { type: 'status' }));
    reader.add(events[4]!);
    await vi.advanceTimersByTimeAsync(200);
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
    expect(asked).toEqual([0, 3]);
  });

  it('folds frames that follow without a request', async () => {
    vi.useFakeTimers();
    const { reader, asked, seqs } = readerOf(eventsTo(1, false));
    await reader.read();
    for (const seq of [3, 2, 2]) reader.add(event(seq, seq, { type: 'status' }));
    await vi.advanceTimersByTimeAsync(200);
    expect(seqs()).toEqual([1, 2, 3]);
    expect(asked).toEqual([0]);
  });

  it('reads once more if it is told to while it reads, however often', async () => {
    const { reader, asked } = readerOf(eventsTo(3, false));
    await Promise.all([reader.read(), reader.read(), reader.read()]);
    expect(asked).toEqual([0, 3]);
  });

  it('tells of a failure, and reads on from there', async () => {
    const { reader, listPage, errors, onComplete, seqs } = readerOf(eventsTo(3));
    listPage.mockRejectedValueOnce(new Error('unreachable'));
    await reader.read();
    expect(errors.length).toBe(1);
    expect(onComplete).not.toHaveBeenCalled();
    await reader.read();
    expect(seqs()).toEqual([1, 2, 3]);
  });

  it('tells nothing after it was stopped', async () => {
    const { reader, onComplete, errors, seqs } = readerOf(eventsTo(3));
    const reading = reader.read();
    reader.stop();
    await reading;
    expect([seqs(), errors.length, onComplete.mock.calls.length]).toEqual([[], 0, 0]);
  });

  it('keeps reports of running calls until their step tells of them', async () => {
    vi.useFakeTimers();
    const logs: number[] = [];
    const reader = new LogReader(async () => ({ events: [] }), {
      onLog: (log) => logs.push(log.running.size),
      onComplete: () => {},
      onError: () => {},
    });
    await reader.read();
    reader.add({ type: 'progress', runId: 'run', stepId: 'a', state: 'running', attempt: 1, at: at(0) });
    await vi.advanceTimersByTimeAsync(200);
    expect(logs).toEqual([1]);
  });
});

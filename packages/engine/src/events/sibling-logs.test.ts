import type { EventRow } from '@errand/db';
import type { SiblingHandlers } from '@errand/ports/siblings';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RunRef } from '../model/transition.ts';
import type { FirstPage } from './channel.ts';
import { SiblingLogs } from './sibling-logs.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const run: RunRef = { workspaceId: 'w', runId: 'r' };
const event = (seq: number, type = 'step'): EventRow => ({
  seq,
  type,
  data: `{"runStatus":"RUNNING","n":${seq}}`,
  toolCalls: seq === 2 ? '["t"]' : null,
  createdAt: new Date(seq),
});
const logOf = (...rows: EventRow[]): FirstPage => ({
  head: { seq: rows.length, status: 'RUNNING' },
  rows,
  hasMore: false,
});

/** Processes on one machine. A link that is cut drops its lines. */
function aMachine(count: number) {
  const handlers: SiblingHandlers[] = [];
  const cut = new Set<string>();
  const lines: string[] = [];
  const processes = Array.from({ length: count }, (_, id) => {
    const recent = new Map<string, FirstPage>();
    const delivered: number[] = [];
    const refreshed: string[] = [];
    const written: string[] = [];
    const due: number[] = [];
    const state = { hasFollowers: true };
    const logs = new SiblingLogs({
      siblings: {
        machineId: 'm',
        ids: () => processes.map((_one, other) => other).filter((other) => other !== id),
        isLeader: () => id === 0,
        send: (to, line) => {
          lines.push(line);
          if (!cut.has(`${id}-${to}`)) queueMicrotask(() => handlers[to]!.onLines(id, [line]));
        },
        listen: (own) => void handlers.splice(id, 1, own),
      },
      recentLog: ({ workspaceId, runId }) => recent.get(`${workspaceId} ${runId}`),
      deliver: (_run, rows) => {
        if (state.hasFollowers) delivered.push(...rows.map(({ seq }) => seq));
        return state.hasFollowers;
      },
      refresh: ({ runId }) => void refreshed.push(runId),
      onWritten: (runId) => void written.push(runId),
      onMissed: () => void written.push('all'),
      onDue: (hops) => void due.push(hops),
    });
    return { logs, recent, delivered, refreshed, written, due, state };
  });
  return { processes, handlers, cut, lines };
}
const settle = () => vi.advanceTimersByTimeAsync(0);

test('a stream gets the log from the process that writes the run, then each event', async () => {
  const { processes } = aMachine(3);
  const [writer, reader] = [processes[1]!, processes[0]!];
  writer.recent.set('w r', logOf(event(1), event(2)));
  expect(await reader.logs.open(run)).toEqual(logOf(event(1), event(2)));
  writer.logs.publish(run, [event(3)], true);
  await settle();
  writer.logs.publish(run, [event(4), event(5, 'end')], true);
  await settle();
  expect(reader.delivered).toEqual([3, 4, 5]);
  expect([reader.refreshed, processes[2]!.delivered]).toEqual([[], []]);
});

test('without a sibling that has the log, the stream reads Postgres, and later events arrive', async () => {
  const { processes } = aMachine(2);
  const [reader, writer] = processes as [(typeof processes)[0], (typeof processes)[0]];
  expect(await reader.logs.open(run)).toBeUndefined();
  writer.logs.publish(run, [event(7)], true);
  await settle();
  expect(reader.delivered).toEqual([7]);
});

test('events go only to followers of the same workspace, while they follow', async () => {
  const { processes, lines } = aMachine(2);
  const [reader, writer] = processes as [(typeof processes)[0], (typeof processes)[0]];
  writer.recent.set('w r', logOf(event(1)));
  expect(await reader.logs.open({ workspaceId: 'another', runId: 'r' })).toBeUndefined();
  writer.logs.publish(run, [event(2)], true);
  await reader.logs.open(run);
  reader.logs.close(run);
  await settle();
  lines.length = 0;
  writer.logs.publish(run, [event(3)], true);
  expect([lines, reader.delivered]).toEqual([[], []]);
});

test('a sibling that gets events without a follower stops them', async () => {
  const { processes, lines } = aMachine(2);
  const [reader, writer] = processes as [(typeof processes)[0], (typeof processes)[0]];
  await reader.logs.open(run);
  reader.state.hasFollowers = false;
  writer.logs.publish(run, [event(1)], true);
  await settle();
  lines.length = 0;
  writer.logs.publish(run, [event(2)], true);
  expect(lines).toEqual([]);
});

test('without an answer in time, the stream reads Postgres, and reads again once events come from the sibling', async () => {
  const { processes, cut, handlers } = aMachine(2);
  const [reader] = processes as [(typeof processes)[0]];
  cut.add('1-0');
  const log = reader.logs.open(run);
  await vi.advanceTimersByTimeAsync(300);
  expect(await log).toBeUndefined();
  // The sibling announces its events through Postgres meanwhile.
  reader.logs.onWritten(run);
  expect(reader.refreshed).toEqual(['r']);
  handlers[0]!.onLines(1, ['n\tw\tr']);
  expect(reader.refreshed).toEqual(['r', 'r']);
  reader.logs.onWritten(run);
  expect(reader.refreshed).toHaveLength(2);
});

test('no further stream waits for a silent sibling, until it sends something', async () => {
  const { processes, cut, handlers } = aMachine(2);
  const [reader] = processes as [(typeof processes)[0]];
  cut.add('1-0');
  const log = reader.logs.open(run);
  await vi.advanceTimersByTimeAsync(300);
  await log;
  expect(reader.logs.open({ workspaceId: 'w', runId: 'another' })).toBeUndefined();
  handlers[0]!.onLines(1, ['n\tw\tr']);
  expect(reader.logs.open(run)).toBeInstanceOf(Promise);
});

test('a run that a sibling took over is followed there after its first announcement', async () => {
  const { processes } = aMachine(2);
  const [reader, writer] = processes as [(typeof processes)[0], (typeof processes)[0]];
  reader.logs.onWritten(run);
  await settle();
  expect(reader.refreshed).toEqual(['r']);
  writer.logs.publish(run, [event(2)], true);
  await settle();
  expect(reader.delivered).toEqual([2]);
});

test('after lost lines the followers read Postgres, and follow again', async () => {
  const { processes, handlers } = aMachine(2);
  const [reader, writer] = processes as [(typeof processes)[0], (typeof processes)[0]];
  await reader.logs.open(run);
  handlers[0]!.onLost(1);
  await settle();
  expect(reader.refreshed).toContain('r');
  writer.logs.publish(run, [event(3)], true);
  await settle();
  expect(reader.delivered).toEqual([3]);
});

test('when a sibling ends, followers read Postgres, and no stream waits for its answer', async () => {
  const { processes, cut, handlers } = aMachine(2);
  const [reader] = processes as [(typeof processes)[0]];
  cut.add('1-0');
  const log = reader.logs.open(run);
  handlers[0]!.onGone(1);
  expect(await log).toBeUndefined();
  expect(reader.refreshed).toEqual(['r']);
});

test('a sibling that starts later is asked for the followed runs', async () => {
  const { processes, handlers, lines } = aMachine(2);
  const [reader] = processes as [(typeof processes)[0]];
  await reader.logs.open(run);
  lines.length = 0;
  handlers[0]!.onJoined(1);
  expect(lines).toEqual(['f\tw\tr']);
});

test('large events and texts with line breaks are read in Postgres', async () => {
  const { processes } = aMachine(2);
  const [reader, writer] = processes as [(typeof processes)[0], (typeof processes)[0]];
  await reader.logs.open(run);
  writer.logs.publish(run, [{ ...event(1), data: `{"text":"${'x'.repeat(70_000)}"}` }], true);
  writer.logs.publish(run, [{ ...event(2), data: '{\n"a":\t1}' }], true);
  await settle();
  expect([reader.delivered, reader.refreshed]).toEqual([[], ['r', 'r']]);
});

test('siblings learn of the events of a run that had another writer, and of missing lines', async () => {
  const { processes, handlers } = aMachine(2);
  const [other, writer] = processes as [(typeof processes)[0], (typeof processes)[0]];
  writer.logs.publish(run, [event(1)], true);
  writer.logs.publish(run, [event(4)], false);
  await settle();
  expect(other.written).toEqual(['r']);
  handlers[0]!.onLost(1);
  handlers[0]!.onGone(1);
  expect(other.written).toEqual(['r', 'all', 'all']);
});

test('a sibling that follows after an event of a second writer reads Postgres: the log of the first one may lack it', async () => {
  const { processes } = aMachine(3);
  const [reader, first, second] = processes as [(typeof processes)[0], (typeof processes)[0], (typeof processes)[0]];
  first.recent.set('w r', logOf(event(1)));
  second.logs.publish(run, [event(2, 'end')], false);
  expect(await reader.logs.open(run)).toEqual(logOf(event(1)));
  await settle();
  expect(reader.refreshed).toEqual(['r']);
});

test('due runs are passed to one sibling after another, as often as there are siblings', async () => {
  const { processes } = aMachine(3);
  processes[0]!.logs.passDue();
  processes[0]!.logs.passDue();
  await settle();
  expect(processes.map(({ due }) => due)).toEqual([[], [1], [1]]);
  expect(processes[1]!.logs.passDue(0)).toBe(false);
});

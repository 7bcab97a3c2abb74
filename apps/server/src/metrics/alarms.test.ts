import type { InstanceLoad, LoadPart } from '@errand/db';
import { expect, test } from 'vitest';
import { Alarm } from './alarm.ts';
import { Alarms } from './alarms.ts';

const MINUTE = 60_000;

test('an alarm begins once, and ends after five minutes below half of its threshold', () => {
  const alarm = new Alarm(100);
  const changes = [99, 100, 500, 60, 49, 49, 50, 49, 49, 49, 49, 49, 49, 99, 100].map((value, minute) =>
    alarm.update(value, minute * MINUTE),
  );
  expect(changes.map((change, minute) => change && [minute, change]).filter(Boolean)).toEqual([
    [1, 'begins'],
    [12, 'ends'],
    [14, 'begins'],
  ]);
});

test('an unknown value changes nothing, and a value that swings writes few lines', () => {
  const alarm = new Alarm(100);
  expect(alarm.update(100, 0)).toBe('begins');
  expect(alarm.update(undefined, 60 * MINUTE)).toBeUndefined();
  let lines = 0;
  for (let n = 0; n < 2880; n++) if (alarm.update(n % 2 ? 0 : 1000, n * 30_000)) lines++;
  expect(lines).toBe(0);
});

function watched() {
  const lines: object[] = [];
  const state = {
    load: {} as Partial<InstanceLoad>,
    freed: 0,
    isLeader: true,
    now: 0,
    reads: [] as (readonly LoadPart[] | undefined)[],
  };
  const alarms = new Alarms({
    load: {
      read: async (parts) => {
        state.reads.push(parts);
        return { isUp: true, load: state.load };
      },
    },
    log: { warn: (fields) => void lines.push(fields) },
    isLeader: () => state.isLeader,
    leasesFreed: () => state.freed,
    now: () => state.now,
  });
  const check = async () => {
    lines.length = 0;
    state.now += 5 * MINUTE;
    await alarms.check();
    return [...lines];
  };
  return { state, check };
}

test('each alarm is logged when it begins and when it ends', async () => {
  const { state, check } = watched();
  expect(await check()).toEqual([]);
  state.load = {
    queue: { due: 1, claimed: 0, oldestDueSeconds: 120, oldestSlotWaitSeconds: 0 },
    snapshots: { held: 1, oldestSeconds: 600, oldestTransactions: 1 },
    webhooks: { outbox: 1, due: 0, waiting: 0, oldestDueSeconds: 600 },
  };
  state.freed = 3;
  expect(await check()).toEqual([
    { alarm: 'begins', leases: 3 },
    { alarm: 'begins', seconds: 120 },
    { alarm: 'begins', seconds: 600 },
    { alarm: 'begins', seconds: 600 },
  ]);
  expect(await check()).toEqual([]);
  state.load = {
    queue: { due: 0, claimed: 0, oldestDueSeconds: 0, oldestSlotWaitSeconds: 9000 },
    snapshots: { held: 0, oldestSeconds: 0, oldestTransactions: 0 },
    webhooks: { outbox: 0, due: 0, waiting: 0, oldestDueSeconds: 0 },
  };
  const ends = [await check(), await check(), await check()].flat();
  expect(ends).toEqual([{ alarm: 'ends' }, ...Array(3).fill({ alarm: 'ends', seconds: 0 })]);
});

test('only the leader reads, and only the parts that have an alarm', async () => {
  const { state, check } = watched();
  state.isLeader = false;
  await check();
  expect(state.reads).toEqual([]);
  state.isLeader = true;
  await check();
  expect(state.reads).toEqual([['queue', 'snapshots', 'webhooks']]);
});

test('a process that leads again forgets its earlier values: no alarm ends or begins by them', async () => {
  const { state, check } = watched();
  const late = (seconds: number) => ({
    queue: { due: 1, claimed: 0, oldestDueSeconds: seconds, oldestSlotWaitSeconds: 0 },
  });
  state.load = late(120);
  expect(await check()).toEqual([{ alarm: 'begins', seconds: 120 }]);
  state.load = late(0);
  expect(await check()).toEqual([]);
  state.isLeader = false;
  await check();
  state.isLeader = true;
  expect(await check()).toEqual([]);
  state.load = late(120);
  expect(await check()).toEqual([{ alarm: 'begins', seconds: 120 }]);
});

import { beforeEach, expect, test } from 'vitest';
import { KnownPauses } from './known-pauses.ts';
import { Outages } from './outages.ts';

let now = 0;
let pauses: KnownPauses;
beforeEach(() => {
  now = 1_000;
  pauses = new KnownPauses(() => now);
});

test('calls wait until a pause ends, and then one goes first', () => {
  expect(pauses.waitMs('a')).toBe(0);
  pauses.pause('a', 5_000);
  expect(pauses.waitMs('a')).toBe(5_000);
  expect(pauses.waitMs('b')).toBe(0);
  now += 5_000;
  expect(pauses.waitMs('a')).toBe(0);
  expect(pauses.begin('a')).toBeDefined();
  expect(pauses.waitMs('a')).toBeGreaterThan(0);
  pauses.end('a');
  expect(pauses.waitMs('a')).toBe(0);
  expect(pauses.begin('a')).toBeUndefined();
});

test('another call tries when the first one was given up, or never ends', () => {
  pauses.pause('a', 10);
  now += 10;
  const first = pauses.begin('a')!;
  pauses.giveUp(first);
  expect(pauses.waitMs('a')).toBe(0);
  expect(pauses.begin('a')).toBeDefined();
  pauses.giveUp(first);
  expect(pauses.waitMs('a')).toBeGreaterThan(0);
  now += 120_000;
  expect(pauses.waitMs('a')).toBe(0);
});

test('a call during a pause is no probe, and delays none', () => {
  pauses.pause('a', 5_000);
  expect(pauses.begin('a')).toBeUndefined();
  now += 5_000;
  expect(pauses.waitMs('a')).toBe(0);
  expect(pauses.begin('a')).toBeDefined();
  expect(pauses.begin('a')).toBeUndefined();
});

test('the longest pause counts, and only a much longer one is news', () => {
  expect(pauses.pause('a', 5_000)).toBe(true);
  expect(pauses.pause('a', 4_000)).toBe(false);
  expect(pauses.pause('a', 5_100)).toBe(false);
  expect(pauses.waitMs('a')).toBe(5_100);
  expect(pauses.pause('a', 9_000)).toBe(true);
});

test('a call that was sent before a pause does not end it', () => {
  pauses.pause('a', 5_000);
  pauses.end('a');
  expect(pauses.waitMs('a')).toBe(5_000);
});

test('a hostile number of pauses stays bounded', () => {
  for (let i = 0; i < 20_001; i++) pauses.pause(`a${i}`, 5_000);
  expect(pauses.waitMs('a0')).toBe(0);
  expect(pauses.waitMs('a20000')).toBe(5_000);
});

const failTimes = (outages: Outages, count: number, operation: (i: number) => string, isUnanswered = false) =>
  Array.from({ length: count }, (_, i) => outages.noteFailure('w http://x', operation(i), isUnanswered));

test.each<[string, (i: number) => string, boolean, string]>([
  ['several operations that answer with an error', (i) => `op${i % 2}`, false, 'origin'],
  ['one operation that answers with an error', () => 'op', false, 'operation'],
  ['one operation without an answer', () => 'op', true, 'origin'],
])('ten failures in a row are an outage: of %s', (_case, operation, isUnanswered, scope) => {
  const outages = new Outages(() => now);
  expect(failTimes(outages, 10, operation, isUnanswered)).toEqual([...Array(9).fill(undefined), scope]);
  expect(outages.noteFailure('w http://x', 'op', true)).toBeUndefined();
});

test('a call that is served, and a minute without a failure, begin the count again', () => {
  const outages = new Outages(() => now);
  failTimes(outages, 9, () => 'op');
  outages.noteService('w http://x');
  expect(failTimes(outages, 9, () => 'op')).not.toContain('operation');
  now += 60_001;
  expect(failTimes(outages, 9, () => 'op')).not.toContain('operation');
  expect(outages.noteFailure('other http://x', 'op', false)).toBeUndefined();
});

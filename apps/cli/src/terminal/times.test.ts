import { expect, test } from 'vitest';
import { ago, duration, parseSince } from './times.ts';

test.each([
  [62, '62 ms'],
  [4100, '4.1 s'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
  [273_600_000, '3 d 4 h'],
])('%s ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('ages and times to come', () => {
  const now = Date.parse('2026-11-30T12:00:00Z');
  expect(ago('2026-11-30T11:55:00Z', now)).toBe('5 min ago');
  expect(ago('2026-12-01T11:30:00Z', now)).toBe('in 23 h');
});

test('moments are durations back, or times', () => {
  const now = Date.parse('2026-11-30T12:00:00Z');
  expect(parseSince('24h', now)).toBe('2026-11-29T12:00:00.000Z');
  expect(parseSince('2026-01-31T09:00:00Z', now)).toBe('2026-01-31T09:00:00.000Z');
  expect(parseSince('yesterday-ish', now)).toBeUndefined();
});

import { expect, test } from 'vitest';
import { chartWindow, createdIn, periodOf } from './period.ts';

const NOW = Date.parse('2026-03-10T10:17:23.456Z');
const HOUR = 3_600_000;

test('a period is one of days or moments, or a distance from now', () => {
  expect(periodOf({ from: '2026-03-01', to: '2026-03-02T09:30:00Z', within: '1h' })).toEqual({
    from: '2026-03-01',
    to: '2026-03-02T09:30:00Z',
  });
  expect(periodOf({ within: '7d' })).toEqual({ within: '7d' });
  for (const bad of [{ from: '2026-13-01' }, { to: '2026-03-01T09' }, { within: '2h' }, { within: 'toString' }])
    expect(periodOf(bad)).toEqual({});
});

test('days include the last one, and moments do not', () => {
  expect(createdIn({ from: '2026-03-01', to: '2026-03-02' }, NOW)).toEqual({
    createdAfter: '2026-03-01T00:00:00.000Z',
    createdBefore: '2026-03-03T00:00:00.000Z',
  });
  expect(createdIn({ to: '2026-03-02T09:30:00Z' }, NOW)).toEqual({
    createdAfter: undefined,
    createdBefore: '2026-03-02T09:30:00.000Z',
  });
});

test('a distance from now begins the list and the chart at the same whole step', () => {
  for (const within of ['1h', '24h', '7d', '30d'] as const) {
    const { createdAfter, createdBefore } = createdIn({ within }, NOW);
    const window = chartWindow({ within }, NOW)!;
    expect([window.from, createdBefore]).toEqual([createdAfter, undefined]);
    expect(Date.parse(window.to)).toBeGreaterThan(NOW);
    expect(window.buckets).toBeLessThanOrEqual(62);
    expect(createdIn({ within }, NOW + 20_000).createdAfter).toBe(createdAfter);
  }
});

test('the chart has whole steps of the period, or its last 31 days', () => {
  const bars = (from: string | undefined, to: string | undefined) =>
    chartWindow({ ...(from && { from }), ...(to && { to }) }, NOW);
  expect(bars('2026-03-01', '2026-03-01')).toMatchObject({ buckets: 48, isCut: false });
  expect(bars('2026-03-10T09:00:00Z', '2026-03-10T09:30:00Z')).toMatchObject({ buckets: 60 });
  expect(bars('2026-03-10T09:00:00Z', '2026-03-10T09:00:01Z')).toMatchObject({ buckets: 1 });
  expect(bars('2026-01-01', '2026-03-01')).toEqual({
    from: '2026-01-30T00:00:00.000Z',
    to: '2026-03-02T00:00:00.000Z',
    buckets: 62,
    isCut: true,
  });
  const open = bars('2026-03-10T09:00:00Z', undefined)!;
  expect((Date.parse(open.to) - Date.parse(open.from)) % HOUR).toBe(20 * 60_000);
  for (const begin of ['2026-02-07', '2025-01-01', '2026-02-07T10:17:24Z']) {
    const window = bars(begin, undefined)!;
    expect(Date.parse(window.to) - Date.parse(window.from)).toBeLessThanOrEqual(31 * 24 * HOUR);
    expect(Date.parse(window.to)).toBeGreaterThanOrEqual(NOW);
  }
  expect(bars('2026-04-01', undefined)).toBeUndefined();
  expect(bars('2026-03-02', '2026-03-01')).toBeUndefined();
});

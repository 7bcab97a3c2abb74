import { describe, expect, test } from 'vitest';
import { timesOf } from './cron.ts';

const next = (cron: string, zone: string, after: string, count = 3) =>
  timesOf(cron, zone)
    .next(count, new Date(after))
    .map((time) => time.toISOString().replace(':00.000Z', ''));

describe('times', () => {
  test('follow the clock of the zone, in winter and in summer', () => {
    expect(next('0 9 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z')).toEqual([
      '2026-03-28T08:00',
      '2026-03-29T07:00',
      '2026-03-30T07:00',
    ]);
    expect(next('0 9 * * *', 'UTC', '2026-03-28T00:00:00Z', 1)).toEqual(['2026-03-28T09:00']);
  });

  test('a time that the clocks skip comes when that hour is over, one that they repeat comes once', () => {
    const nights = (after: string) => next('30 2 * * *', 'Europe/Berlin', after);
    expect(nights('2026-03-28T12:00:00Z')).toEqual(['2026-03-29T01:00', '2026-03-30T00:30', '2026-03-31T00:30']);
    expect(nights('2026-10-24T12:00:00Z')).toEqual(['2026-10-25T00:30', '2026-10-26T01:30', '2026-10-27T01:30']);
  });

  test('each hour comes, also when clocks are changed', () => {
    const hours = (after: string) => next('30 * * * *', 'America/New_York', after, 4);
    expect(hours('2026-03-08T05:45:00Z')).toEqual([
      '2026-03-08T06:30',
      '2026-03-08T07:30',
      '2026-03-08T08:30',
      '2026-03-08T09:30',
    ]);
    expect(new Set(hours('2026-11-01T04:45:00Z')).size).toBe(4);
  });

  test('the 29th of February comes every four years, the last day each month', () => {
    expect(next('0 9 29 2 *', 'UTC', '2026-01-01T00:00:00Z')).toEqual([
      '2028-02-29T09:00',
      '2032-02-29T09:00',
      '2036-02-29T09:00',
    ]);
    expect(next('0 0 L * *', 'UTC', '2028-02-01T00:00:00Z', 2)).toEqual(['2028-02-29T00:00', '2028-03-31T00:00']);
  });

  test('the last one, and how many were in between', () => {
    const times = timesOf('*/10 * * * *', 'UTC');
    const at = (text: string) => new Date(`2026-01-01T${text}Z`);
    expect(times.last(at('09:09:59'))).toEqual(at('09:00:00'));
    expect(times.last(at('09:10:00'))).toEqual(at('09:10:00'));
    expect(times.count(at('09:00:00'), at('09:30:00'))).toBe(3);
    expect(times.count(at('09:00:01'), at('09:10:00'))).toBe(0);
    expect(timesOf('* * * * *', 'UTC').count(at('00:00:00'), new Date('2027-01-01T00:00:00Z'))).toBe(1000);
  });
});

test.each([
  ['0 9 31 2 *', 'Never'],
  ['0 0 30 2 *', 'Never'],
  ['* * * * * *', 'five'],
  ['* * * *', 'five'],
  ['@daily', 'five'],
  ['2026-03-01T00:00:00', 'five'],
  ['61 * * * *', 'minute'],
  ['* 24 * * *', 'hour'],
  ['x * * * *', ''],
  ['? * * * *', 'five'],
  [`${'1'.repeat(90)} * * * *`, ''],
  ['*/0 * * * *', ''],
  ['5-1 * * * *', ''],
  ['', 'five'],
])('"%s" is refused', (cron, message) => {
  expect(() => timesOf(cron, 'UTC')).toThrow(
    expect.objectContaining({
      code: 'cron_invalid',
      options: { errors: [{ pointer: '/cron', message: expect.stringContaining(message) }] },
    }),
  );
});

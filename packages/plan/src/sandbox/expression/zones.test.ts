import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());

const value = async (expression: string, now: string, timeZone = 'Europe/Berlin') => {
  const [outcome] = await sandbox.evaluate([expression], { now, timeZone });
  return outcome?.ok ? outcome.value : outcome?.message;
};
const TOMORROW_AT_TEN = "now ~> $startOf('day', timeZone) ~> $dateAdd(1, 'day', timeZone) ~> $dateAdd(10, 'hour')";

test.each([
  // Late in the evening of UTC it is the next day in Berlin.
  ['2026-11-25T23:30:00Z', 'Europe/Berlin', '2026-11-27T09:00:00Z'],
  ['2026-11-25T22:30:00Z', 'Europe/Berlin', '2026-11-26T09:00:00Z'],
  ['2026-11-26T03:00:00Z', 'America/Los_Angeles', '2026-11-26T18:00:00Z'],
  ['2026-06-10T12:00:00Z', 'Asia/Kolkata', '2026-06-11T04:30:00Z'],
  ['2026-06-10T12:00:00Z', 'UTC', '2026-06-11T10:00:00Z'],
])('at %s in %s, tomorrow at ten is %s', async (now, zone, moment) => {
  expect(await value(TOMORROW_AT_TEN, now, zone)).toBe(moment);
});

test('a year before 100 is that year', async () => {
  expect(await value('$localTime(now, timeZone)', '0050-06-01T00:00:00Z', 'UTC')).toBe('0050-06-01T00:00:00+00:00');
});

test('a day is one of the calendar, also when clocks are put forward or back', async () => {
  expect(await value("$dateAdd(now, 1, 'day', timeZone)", '2026-03-28T11:00:00Z')).toBe('2026-03-29T10:00:00Z');
  expect(await value("$dateAdd(now, 1, 'day', timeZone)", '2026-10-24T10:00:00Z')).toBe('2026-10-25T11:00:00Z');
  expect(await value("$dateAdd(now, 24, 'hour', timeZone)", '2026-03-28T11:00:00Z')).toBe('2026-03-29T11:00:00Z');
  expect(await value("$dateAdd(now, 1, 'month', timeZone)", '2026-10-01T08:00:00Z')).toBe('2026-11-01T09:00:00Z');
  // 02:30 is not there on 29 March, and there twice on 25 October.
  expect(await value("$dateAdd(now, 1, 'day', timeZone)", '2026-03-28T01:30:00Z')).toBe('2026-03-29T01:30:00Z');
  expect(await value("$dateAdd(now, 1, 'day', timeZone)", '2026-10-24T00:30:00Z')).toBe('2026-10-25T00:30:00Z');
});

test('weeks, months and quarters begin where they do for the user', async () => {
  const now = '2026-03-31T22:30:00Z';
  expect(await value("$startOf(now, 'month', timeZone)", now)).toBe('2026-03-31T22:00:00Z');
  expect(await value("$startOf(now, 'quarter', timeZone)", now)).toBe('2026-03-31T22:00:00Z');
  expect(await value("$startOf(now, 'week', timeZone)", now)).toBe('2026-03-29T22:00:00Z');
  expect(await value("$startOf(now, 'hour', timeZone)", now, 'Asia/Kolkata')).toBe('2026-03-31T22:30:00Z');
});

test('a moment is written in local time', async () => {
  expect(await value('$localTime(now, timeZone)', '2026-11-25T23:30:00Z')).toBe('2026-11-26T00:30:00+01:00');
  expect(await value('$localTime(now, timeZone)', '2026-11-25T23:30:00.250Z', 'America/St_Johns')).toBe(
    '2026-11-25T20:00:00.250-03:30',
  );
  expect(
    await value("$substring($localTime($dateAdd(now, 1, 'day', timeZone), timeZone), 0, 10)", '2026-11-25T23:30:00Z'),
  ).toBe('2026-11-27');
});

test('an invalid time zone is refused with an example', async () => {
  for (const expression of [
    "$startOf(now, 'day', 'Berlin')",
    "$localTime(now, 'x')",
    '$localTime(now)',
    "$dateAdd(now, 1, 'day', 5)",
  ])
    expect(await value(expression, '2026-11-25T23:30:00Z')).toContain('a time zone is a name such as Europe/Berlin');
});

import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());

test.each([
  ['$dateAdd(now, 5, "minute")', '2027-01-31T16:02:27.123Z'],
  ['now ~> $startOf("day") ~> $dateAdd(1, "day") ~> $dateAdd(10, "hour")', '2027-02-01T10:00:00Z'],
  // A month has no 31st, a year no 29 February.
  ['$dateAdd(now, 1, "month")', '2027-02-28T15:57:27.123Z'],
  ['$dateAdd(now, 1, "quarter")', '2027-04-30T15:57:27.123Z'],
  ['$dateAdd("2028-02-29T12:00:00Z", 1, "year")', '2029-02-28T12:00:00Z'],
  ['$dateAdd(now, -2, "months")', '2026-11-30T15:57:27.123Z'],
  ['$startOf(now, "week")', '2027-01-25T00:00:00Z'],
  ['$startOf("2028-01-01T10:00:00Z", "week")', '2027-12-27T00:00:00Z'],
  ['now ~> $startOf("quarter") ~> $dateAdd(-1, "quarter")', '2026-10-01T00:00:00Z'],
  ['$startOf(now, "hour")', '2027-01-31T15:00:00Z'],
  // The run's moment is a Sunday.
  ['$next(now, "tuesday")', '2027-02-02T00:00:00Z'],
  ['$next(now, "Sunday")', '2027-02-07T00:00:00Z'],
  ['now ~> $next("monday") ~> $dateAdd(9, "hour")', '2027-02-01T09:00:00Z'],
  // It is Monday in Auckland already.
  ['$next(now, "tuesday", "Pacific/Auckland")', '2027-02-01T11:00:00Z'],
  // Offsets are read; the result is in UTC.
  ['$startOf("2027-01-01T00:30:00+02:00", "year")', '2026-01-01T00:00:00Z'],
  // Without a zone it is in UTC, whatever the zone of the machine is.
  ['$startOf("2027-01-01T00:30:00", "hour")', '2027-01-01T00:00:00Z'],
  ['$dateAdd("2027-01-01T00:30", 1, "hour")', '2027-01-01T01:30:00Z'],
  // In a filter a name is a member of the row.
  ['rows[$substring($$.now ~> $startOf("year"), 0, 10) <= day].now', 1],
])('%s', async (expression, value) => {
  const rows = [
    { now: 1, day: '2027-01-01' },
    { now: 2, day: '2026-12-31' },
  ];
  const outcomes = await sandbox.evaluate([expression], { now: '2027-01-31T15:57:27.123Z', rows });
  expect(outcomes).toEqual([{ ok: true, value, missing: false }]);
});

test.each([
  ['$dateAdd(now, 1.5, "day")', /whole number/],
  ['$dateAdd(now, 1, "fortnight")', /one of second, minute/],
  ['$dateAdd(now, 1000000000, "year")', /outside the years/],
  ['$next(now, "someday")', /one of sunday, monday/],
  ['$chunk([1..3], 0)', /whole number from 1/],
  ['$chunk([1..20000], 5)', /at most 10000 items/],
  ['$startOf("soon", "day")', /ISO-8601/],
  ['$startOf(5, "day")', /ISO-8601/],
])('%s is refused with a reason', async (expression, reason) => {
  const [outcome] = await sandbox.evaluate([expression], { now: '2027-01-31T15:57:27.123Z' });
  expect(outcome).toMatchObject({ ok: false, message: expect.stringMatching(reason) });
});

test('a moment that is not there gives nothing', async () => {
  const [outcome] = await sandbox.evaluate(['$dateAdd(nothing, 1, "day")'], {});
  expect(outcome).toMatchObject({ ok: true, missing: true });
});

test.each([
  ['$chunk([1..5], 2)', [[1, 2], [3, 4], [5]]],
  ['$chunk([1..2], 50)', [[1, 2]]],
  ['$chunk("a", 50)', [['a']]],
  ['$count($chunk([1..10000], 1))', 10_000],
])('a list is cut into pieces: %s', async (expression, value) => {
  const [outcome] = await sandbox.evaluate([expression], {});
  expect(outcome).toMatchObject({ ok: true, value });
});

// Days and times of day, read on Wednesday, 25 November 2026 at 9:00, where something is planned and where something is asked.
import { expect, it } from 'vitest';
import { takeMoments } from './moments.ts';
import { addLength, spoken } from './relative.ts';
import { Text } from './text.ts';

const NOW = new Date('2026-11-25T09:00:00Z');
const minute = (date: Date) => date.toISOString().slice(0, 16).replace('T', ' ');

function read(text: string, forward: boolean): string[] {
  return takeMoments(new Text(text), NOW, forward).map(({ moment: { at, hasTime, end } }) => {
    const from = minute(at.date).slice(0, hasTime ? 16 : 10);
    return end === undefined ? from : `${from} to ${minute(end.date)}`;
  });
}

it.each<[string, string[], string[]]>([
  ['today', ['2026-11-25'], ['2026-11-25']],
  ['tomorrow', ['2026-11-26'], ['2026-11-26']],
  ['yesterday', ['2026-11-24'], ['2026-11-24']],
  ['on Friday', ['2026-11-27'], ['2026-11-27']],
  ['on Monday', ['2026-11-30'], ['2026-11-23']],
  ['last Friday', ['2026-11-20'], ['2026-11-20']],
  ['next Friday', ['2026-12-04'], ['2026-12-04']],
  ['this Friday', ['2026-11-27'], ['2026-11-27']],
  ['coming Friday', ['2026-11-27'], ['2026-11-27']],
  ['Friday next week', ['2026-12-04'], ['2026-12-04']],
  ['Monday of this week', ['2026-11-23'], ['2026-11-23']],
  ['last week on Tuesday', ['2026-11-17'], ['2026-11-17']],
  ['past Wednesday', ['2026-11-18'], ['2026-11-18']],
  ['on Wednesday', ['2026-12-02'], ['2026-11-25']],
  ['3 December', ['2026-12-03'], ['2026-12-03']],
  ['December 3rd', ['2026-12-03'], ['2026-12-03']],
  ['the 3rd of December', ['2026-12-03'], ['2026-12-03']],
  ['3 December 2025', ['2025-12-03'], ['2025-12-03']],
  ['Thursday, 3 December', ['2026-12-03'], ['2026-12-03']],
  ['2026-12-03', ['2026-12-03'], ['2026-12-03']],
  ['1 March', ['2027-03-01'], ['2027-03-01']],
  ['1 September', ['2027-09-01'], ['2026-09-01']],
  ['in 3 days', ['2026-11-28'], ['2026-11-28']],
  ['in two weeks', ['2026-12-09'], ['2026-12-09']],
  ['in an hour', ['2026-11-25 10:00'], ['2026-11-25 10:00']],
  ['in 20 min', ['2026-11-25 09:20'], ['2026-11-25 09:20']],
  ['in a month', ['2026-12-25'], ['2026-12-25']],
  ['2 days from now', ['2026-11-27'], ['2026-11-27']],
  ['3 weeks later', ['2026-12-16'], ['2026-12-16']],
  ['5 days ago', ['2026-11-20'], ['2026-11-20']],
  ['two months ago', ['2026-09-25'], ['2026-09-25']],
  ['an hour ago', ['2026-11-25 08:00'], ['2026-11-25 08:00']],
  ['tomorrow at 10:00', ['2026-11-26 10:00'], ['2026-11-26 10:00']],
  ['tomorrow at 3pm', ['2026-11-26 15:00'], ['2026-11-26 15:00']],
  ['at 3:30 pm tomorrow', ['2026-11-26 15:30'], ['2026-11-26 15:30']],
  ['noon on Friday', ['2026-11-27 12:00'], ['2026-11-27 12:00']],
  ['Friday from 9:00 to 10:30', ['2026-11-27 09:00 to 2026-11-27 10:30'], ['2026-11-27 09:00 to 2026-11-27 10:30']],
  ['tomorrow between 9am and 11am', ['2026-11-26 09:00 to 2026-11-26 11:00'], ['2026-11-26 09:00 to 2026-11-26 11:00']],
  ['at 10', ['2026-11-25 10:00'], ['2026-11-25 10:00']],
  ['at ten on Friday', ['2026-11-27 10:00'], ['2026-11-27 10:00']],
  ['midnight', ['2026-11-26 00:00'], ['2026-11-25 00:00']],
  ['tomorrow at 10:00 EST', ['2026-11-26 15:00'], ['2026-11-26 15:00']],
  ['tomorrow at 10:00 +02:00', ['2026-11-26 08:00'], ['2026-11-26 08:00']],
  ['tomorrow at 10:00 -03:30', ['2026-11-26 13:30'], ['2026-11-26 13:30']],
  ['tomorrow at 10:00 CEST', ['2026-11-26 08:00'], ['2026-11-26 08:00']],
  ['tomorrow at 10:00 AEST', ['2026-11-26'], ['2026-11-26']],
  ['12am tomorrow', ['2026-11-26 00:00'], ['2026-11-26 00:00']],
  ['12pm tomorrow', ['2026-11-26 12:00'], ['2026-11-26 12:00']],
  ['2026-12-03T14:00', ['2026-12-03 14:00'], ['2026-12-03 14:00']],
  ['between 3 and 5 December', ['2026-12-03', '2026-12-05'], ['2026-12-03', '2026-12-05']],
  ['32 December', [], []],
  ['2026-13-01', [], []],
  ['31 February', [], []],
  ['30 February 2027', [], []],
  ['29 February 2027', [], []],
  ['29 February 2028', ['2028-02-29'], ['2028-02-29']],
  ['tomorrow at 10:00 - 11:30', ['2026-11-26 10:00 to 2026-11-26 11:30'], ['2026-11-26 10:00 to 2026-11-26 11:30']],
  ['tomorrow 10:00-11:30', ['2026-11-26 10:00 to 2026-11-26 11:30'], ['2026-11-26 10:00 to 2026-11-26 11:30']],
  ['2026-12-03T14:00Z', ['2026-12-03 14:00'], ['2026-12-03 14:00']],
  ['in 2 quarters', ['2027-05-25'], ['2027-05-25']],
  ['a year ago', ['2025-11-25'], ['2025-11-25']],
])('%s', (text, planned, asked) => {
  expect(read(text, true)).toEqual(planned);
  expect(read(text, false)).toEqual(asked);
});

it.each<[string, string | undefined]>([
  ['tomorrow', 'now ~> $startOf("day") ~> $dateAdd(1, "day")'],
  ['on Friday', 'now ~> $dateAdd(3, "day") ~> $startOf("week") ~> $dateAdd(4, "day")'],
  ['next Monday at 9:00', 'now ~> $startOf("week") ~> $dateAdd(7, "day") ~> $dateAdd(9, "hour")'],
  ['in an hour', 'now ~> $dateAdd(1, "hour")'],
  ['3 days ago', 'now ~> $startOf("day") ~> $dateAdd(-3, "day")'],
  ['1 March', 'now ~> $dateAdd(-1, "day") ~> $dateAdd(10, "month") ~> $startOf("year") ~> $dateAdd(2, "month")'],
  ['1 March 2026', undefined],
])('%s is computed in the plan as %s', (text, expected) => {
  const [{ moment }] = takeMoments(new Text(text), NOW, true) as [ReturnType<typeof takeMoments>[number]];
  expect(moment.at.moves && spoken(moment.at.moves)).toBe(expected);
});

it.each<[number, object]>([
  [7200, { add: 2, unit: 'hour' }],
  [5400, { add: 90, unit: 'minute' }],
  [90, { add: 90, unit: 'second' }],
  [60, { add: 1, unit: 'minute' }],
  [0, { add: 0, unit: 'hour' }],
])('a length of %d seconds', (seconds, expected) => {
  expect(addLength(seconds)).toEqual(expected);
});

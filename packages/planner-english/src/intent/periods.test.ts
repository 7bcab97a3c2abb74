// Spans of time, read on Wednesday, 25 November 2026 at 9:00; the end of a span is no part of it.
import { expect, it } from 'vitest';
import { takeMonths, takePeriods, takeYears } from './periods.ts';
import { Text } from './text.ts';

const NOW = new Date('2026-11-25T09:00:00Z');
const minute = (date: Date) => date.toISOString().slice(0, 16).replace('T', ' ').replace(' 00:00', '');

function read(text: string): string[] {
  const given = new Text(text);
  const found = [...takePeriods(given, NOW), ...takeMonths(given, NOW, false), ...takeYears(given)];
  return found.map(({ value: { from, to, grain } }) => `${grain} ${minute(from.date)} to ${minute(to.date)}`);
}

it.each<[string, ...string[]]>([
  ['Q2', 'quarter 2026-04-01 to 2026-07-01'],
  ['Q4', 'quarter 2026-10-01 to 2027-01-01'],
  ['Q4 2023', 'quarter 2023-10-01 to 2024-01-01'],
  ['Q3 of 2024', 'quarter 2024-07-01 to 2024-10-01'],
  ["Q1 '25", 'quarter 2025-01-01 to 2025-04-01'],
  ['Q1 FY 2025', 'quarter 2025-01-01 to 2025-04-01'],
  ['2023 Q4', 'quarter 2023-10-01 to 2024-01-01'],
  ['2024-Q1', 'quarter 2024-01-01 to 2024-04-01'],
  ['2024/Q2', 'quarter 2024-04-01 to 2024-07-01'],
  ['first quarter', 'quarter 2026-01-01 to 2026-04-01'],
  ['the third quarter of 2024', 'quarter 2024-07-01 to 2024-10-01'],
  ['2nd quarter', 'quarter 2026-04-01 to 2026-07-01'],
  ['H1 2025', 'half 2025-01-01 to 2025-07-01'],
  ['H2/2024', 'half 2024-07-01 to 2025-01-01'],
  ['last 3 days', 'range 2026-11-22 to 2026-11-26'],
  ['past two weeks', 'range 2026-11-11 to 2026-11-26'],
  ['next 7 days', 'range 2026-11-25 to 2026-12-03'],
  ['last 24 hours', 'range 2026-11-24 09:00 to 2026-11-25 09:00'],
  ['next two quarters', 'range 2026-11-25 to 2027-05-25'],
  ['previous six months', 'range 2026-05-25 to 2026-11-26'],
  ['last week', 'week 2026-11-16 to 2026-11-23'],
  ['this month', 'month 2026-11-01 to 2026-12-01'],
  ['next quarter', 'quarter 2027-01-01 to 2027-04-01'],
  ['current year', 'year 2026-01-01 to 2027-01-01'],
  ['following month', 'month 2026-12-01 to 2027-01-01'],
  ['year to date', 'range 2026-01-01 to 2026-11-25 09:00'],
  ['month-to-date', 'range 2026-11-01 to 2026-11-25 09:00'],
  ['ytd', 'range 2026-01-01 to 2026-11-25 09:00'],
  ['qtd', 'range 2026-10-01 to 2026-11-25 09:00'],
  ['mtd', 'range 2026-11-01 to 2026-11-25 09:00'],
  ['today', 'day 2026-11-25 to 2026-11-26'],
  ['yesterday', 'day 2026-11-24 to 2026-11-25'],
  ['today at noon'],
  ['in March', 'month 2026-03-01 to 2026-04-01'],
  ['in March 2024', 'month 2024-03-01 to 2024-04-01'],
  ['since October', 'month 2026-10-01 to 2026-11-01'],
  ['until January', 'month 2027-01-01 to 2027-02-01'],
  ['may I see it'],
  ['mar the paint'],
  ['in 2023', 'year 2023-01-01 to 2024-01-01'],
  ['since 2024', 'year 2024-01-01 to 2025-01-01'],
  ['2025', 'year 2025-01-01 to 2026-01-01'],
  ['over 2020 items'],
  ['more than 2000'],
  ['in 2023-05'],
  ['from December', 'month 2025-12-01 to 2026-01-01'],
  ['was sold in December', 'month 2025-12-01 to 2026-01-01'],
  ['is held in December', 'month 2026-12-01 to 2027-01-01'],
  ['is held in June', 'month 2026-06-01 to 2026-07-01'],
])('%s', (text, ...expected) => {
  expect(read(text)).toEqual(expected);
});

it.each([
  ['in March', 'month 2027-03-01 to 2027-04-01'],
  ['in October', 'month 2027-10-01 to 2027-11-01'],
  ['in December', 'month 2026-12-01 to 2027-01-01'],
])('where something is planned, %s is %s', (text, expected) => {
  const [{ value }] = takeMonths(new Text(text), NOW, true) as [ReturnType<typeof takeMonths>[number]];
  expect(`${value.grain} ${minute(value.from.date)} to ${minute(value.to.date)}`).toBe(expected);
});

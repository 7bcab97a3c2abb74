// Values in prose: what they are, what they count, how they are compared.
import { expect, it } from 'vitest';
import { readIntent } from './intent.ts';
import type { Value } from './value.ts';

const said = { isSpoken: () => false, isMentioned: () => false, commands: () => false };
const values = (intent: string, context = '') =>
  readIntent({ intent, context }, new Date('2026-11-25T09:00:00Z'), said).values;

/** A value in a line: kind, text, number if it is another, what it counts, and how it is compared. */
const line = ({ kind, text, number, minutes, unit, money, compare, ...value }: Value) =>
  [
    ...[kind, text, String(number) === text ? undefined : number, minutes, unit, money && 'money', compare],
    ...(['strict', 'ordinal', 'counts', 'due'] as const).filter((flag) => value[flag]),
  ]
    .filter((part) => part !== undefined)
    .join(' ');

it.each<[string, ...string[]]>([
  ['over 100 euros', 'number 100 euros money low strict'],
  ['at least 5', 'number 5 low'],
  ['no less than 5', 'number 5 low'],
  ['not more than 5', 'number 5 high'],
  ['at most 5 kg', 'number 5 kg high'],
  ['up to 20', 'number 20 high'],
  ['5 or more', 'number 5 low'],
  ['5 lessons or more', 'number 5 low'],
  ['10+', 'number 10 low'],
  ['10 or fewer', 'number 10 high'],
  ['under 3.5 metres', 'number 3.5 metres high strict'],
  ['below 1,200', 'number 1200 high strict'],
  ['more than 1.5k', 'number 1.5 1500 low strict'],
  ['$2m', 'number 2 2000000 $ money'],
  ['2 m', 'number 2 m'],
  ['3 million dollars', 'number 3 3000000 dollars money'],
  ['€50', 'number 50 € money'],
  ['50€', 'number 50 € money'],
  ['20 %', 'number 20'],
  ['no later than 5', 'number 5 high'],
  ['fewer than 3 lessons', 'number 3 high strict counts'],
  ['between 10 and 20 euros', 'number 10 euros money low', 'number 20 euros money high'],
  ['from 10 to 50 kg', 'number 10 kg low', 'number 50 kg high'],
  ['between $5 and $9', 'number 5 $ money low', 'number 9 $ money high'],
  ['the third lesson', 'number 3 ordinal'],
  ['the 2nd lesson', 'number 2 ordinal'],
  ['two lessons', 'number 2'],
  ['each one'],
  ['one of them'],
  ['60000 a year', 'number 60000'],
  ['20 euros per hour', 'number 20 euros money'],
  ['a dozen'],
  ['twenty lessons', 'number 20'],
  ['exceeding 7', 'number 7 low strict'],
  ['>= 4', 'number 4 low'],
  ['< 4', 'number 4 high strict'],
  ['≤ 4', 'number 4 high'],
  ['older than 30', 'number 30 low strict'],
  ['shorter than 15', 'number 15 high strict'],
  ['prior to 5', 'number 5 high strict'],
  ['starting at 5', 'moment 5 low'],
  ['9 Abbot Road', 'name 9 Abbot Road'],
  ['Fourth Coffee lessons', 'name Fourth Coffee'],
  ['room 12', 'number 12'],
  ['order no 12', 'number 12'],
  ['1.234.567', 'number 1234567'],
  ['1,5 euros', 'number 1.5 euros money'],
  ['€1.234,50', 'number 1234.5 € money'],
  ['1,5 and 7', 'number 1', 'number 5', 'number 7'],
  ['1 000 lessons', 'number 1000'],
  ["1'000 lessons", 'number 1000'],
])('number: %s', (text, ...expected) => {
  expect(values(`Show ${text}`).map(line)).toEqual(expected);
});

it.each<[string, ...string[]]>([
  ['"Violin one"', 'quoted Violin one'],
  ['“Violin one”', 'quoted Violin one'],
  ['«Violin»', 'quoted Violin'],
  ['`x1`', 'quoted x1'],
  ["'Violin one'", 'quoted Violin one'],
  ["Ana's and Ben's", 'name Ana', 'name Ben'],
  ['a.b+c@mail.example.com', 'email a.b+c@mail.example.com'],
  ['https://a.example/x?y=1.', 'url https://a.example/x?y=1'],
  ['(see http://a.example/)', 'url http://a.example/'],
  ['+47 22 33 44 55', 'phone +47 22 33 44 55'],
  ['0151 555 0199', 'phone 0151 555 0199'],
  ['c56a4180-65aa-42ec-a945-5fd21dec0538', 'id c56a4180-65aa-42ec-a945-5fd21dec0538'],
  ['acme/widgets', 'path acme/widgets'],
  ['and/or'],
  ['he/she'],
  ['1/2', 'number 1', 'number 2'],
  ['#general', 'name general'],
  ['#42', 'id 42'],
  ['# 42', 'id 42'],
  ['SB-2015', 'id SB-2015'],
  ['hv_007', 'id hv_007'],
  ['INV20', 'name INV20'],
  ['A7', 'name A7'],
  ['AB123', 'id AB123'],
  ['2024-001', 'id 2024-001'],
  ['top-3', 'number 3 ordinal'],
  ['mid-2024', 'number 2024'],
  ['a 30-minute lesson', 'duration 30-minute 30'],
  ['for an hour', 'duration for an hour 60'],
  ['for half an hour', 'duration for half an hour 30'],
  ['for 1.5 hours', 'duration for 1.5 hours 90'],
  ['for 90 mins', 'duration for 90 mins 90'],
  ['two hours', 'duration two hours 120'],
  ['in 2 hours', 'moment in 2 hours'],
  ['every 2 hours', 'number 2'],
  ['2 hours ago', 'moment 2 hours ago'],
  ['severity=2', 'pair 2'],
  ['title="Violin one"', 'pair Violin one'],
  ['a=b', 'pair b'],
  ['x>=5', 'number 5 low'],
  ['url?a=b'],
  ['note: "a=b"', 'quoted a=b'],
])('kind: %s', (text, ...expected) => {
  expect(values(`Show ${text}`).map(line)).toEqual(expected);
});

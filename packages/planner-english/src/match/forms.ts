// How people write the year, the quarter, the month and the day of a moment, as text and as JSONata that writes it so.
import { string } from '../answer/jsonata.ts';
import { type Instant, spoken } from '../intent/relative.ts';

type Part = { value(date: Date): string; spoken(at: string): string };

const month = (date: Date) => date.getUTCMonth() + 1;
const nth = (of: number): Part => ({
  value: (date) => String(Math.ceil(month(date) / of)),
  spoken: (at) => `$string($ceil($number($substring(${at}, 5, 2)) / ${of}))`,
});
const slice = (from: number, length: number): Part => ({
  value: (date) => date.toISOString().slice(from, from + length),
  spoken: (at) => `$substring(${at}, ${from}, ${length})`,
});
const named = (style: 'long' | 'short', picture: string): Part => ({
  value: (date) => date.toLocaleString('en', { month: style, timeZone: 'UTC' }),
  spoken: (at) => `$fromMillis($toMillis(${at}), "${picture}")`,
});

const PARTS: Readonly<Record<string, Part>> = {
  y: slice(0, 4),
  h: nth(6),
  q: nth(3),
  m: nth(1),
  mm: slice(5, 2),
  dd: slice(8, 2),
  Month: named('long', '[MNn]'),
  Mon: named('short', '[MNn,3-3]'),
};

/** Templates by grain, the usual one first. */
const TEMPLATES = {
  year: ['{y}'],
  half: ['H{h} {y}', '{y}-H{h}'],
  quarter: ['Q{q} {y}', '{y}-Q{q}', '{y}Q{q}', 'Q{q}-{y}', 'Q{q}/{y}', '{y}/Q{q}', '{y} Q{q}', 'Q{q}', 'q{q}', '{q}'],
  month: ['{y}-{mm}', '{Month} {y}', '{Month}', '{Mon}', '{mm}', '{m}'],
  day: ['{y}-{mm}-{dd}'],
};

export type Form = { value: string; spoken: string };

/** The forms of a moment in a grain. */
export const formsOf = ({ date, moves = [] }: Instant, grain: string): Form[] =>
  ((TEMPLATES as Record<string, string[]>)[grain] ?? []).map((template) => ({
    value: template.replace(/\{(\w+)\}/g, (_, key: string) => PARTS[key]!.value(date)),
    spoken: template
      .split(/(\{\w+\})/)
      .filter((part) => part !== '')
      .map((part) => (part.startsWith('{') ? PARTS[part.slice(1, -1)]!.spoken(spoken(moves)) : string(part)))
      .join(' & '),
  }));

// Spans of time and moments in prose, relative to the moment of the run. All in UTC.

import * as chrono from 'chrono-node';
import { SMALL } from './number-words.ts';
import type { Text } from './text.ts';

export type Grain = 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'half' | 'year' | 'range';

export type Period = { from: Date /** Exclusive. */; to: Date; grain: Grain; label: string };

export type Moment = { date: Date; hasTime: boolean; label: string; end?: Date };

const utc = (year: number, month = 0, day = 1) => new Date(Date.UTC(year, month, day));
const DAY = 86_400_000;
const midnight = (date: Date) => utc(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());

/** The period of a grain that holds a moment, moved by some steps. */
function periodAt(now: Date, grain: Grain, steps = 0): Period {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  const span = (months: number, first: number): [Date, Date] => [
    utc(year, first + steps * months),
    utc(year, first + (steps + 1) * months),
  ];
  const of = ([from, to]: [Date, Date]): Period => ({ from, to, grain, label: labelOf(from, grain) });
  switch (grain) {
    case 'year':
      return of(span(12, 0));
    case 'half':
      return of(span(6, month - (month % 6)));
    case 'quarter':
      return of(span(3, month - (month % 3)));
    case 'month':
      return of(span(1, month));
    case 'week': {
      const monday = midnight(now).getTime() - ((now.getUTCDay() + 6) % 7) * DAY + steps * 7 * DAY;
      return of([new Date(monday), new Date(monday + 7 * DAY)]);
    }
    default: {
      const day = midnight(now).getTime() + steps * DAY;
      return of([new Date(day), new Date(day + DAY)]);
    }
  }
}

/** The usual way to write a period: `Q4 2023`, `2023-10`, `2023`. */
function labelOf(from: Date, grain: Grain): string {
  const [year, month] = [from.getUTCFullYear(), from.getUTCMonth()];
  if (grain === 'year') return String(year);
  if (grain === 'half') return `H${month / 6 + 1} ${year}`;
  if (grain === 'quarter') return `Q${month / 3 + 1} ${year}`;
  return from.toISOString().slice(0, grain === 'month' ? 7 : 10);
}

const NUMBER =
  '(?:\\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|sixty|ninety)';
const COUNTS: Readonly<Record<string, number>> = { a: 1, an: 1, ...SMALL }; // prettier-ignore
const count = (text: string) => COUNTS[text.toLowerCase()] ?? Number(text);
const ORDINALS = ['first', 'second', 'third', 'fourth'];
const grainOf = (unit: string): Grain => unit.toLowerCase().replace(/s$/, '') as Grain;
const stepOf = (word: string) =>
  /last|previous|past|prior/i.test(word) ? -1 : /next|coming|following/i.test(word) ? 1 : 0;
const fullYear = (text: string) => (text.length === 2 ? 2000 + Number(text) : Number(text));

type Rule = [RegExp, (match: RegExpExecArray, now: Date) => Period | undefined];

const quarter = (index: number, year: string | undefined, now: Date): Period => {
  if (year !== undefined) return periodAt(utc(fullYear(year), (index - 1) * 3), 'quarter');
  // A quarter without a year is the last one that has begun.
  const thisYear = utc(now.getUTCFullYear(), (index - 1) * 3);
  return periodAt(thisYear <= now ? thisYear : utc(now.getUTCFullYear() - 1, (index - 1) * 3), 'quarter');
};

const RULES: readonly Rule[] = [
  [
    /\bQ([1-4])[\s,/-]*(?:of\s+|FY\s*)?(?:((?:19|20)\d\d)|'(\d\d))?(?!\w)/gi,
    (m, now) => quarter(Number(m[1]), m[2] ?? m[3], now),
  ],
  [/\b((?:19|20)\d\d)[\s/-]*Q([1-4])\b/gi, (m, now) => quarter(Number(m[2]), m[1], now)],
  [
    /\b(first|second|third|fourth|1st|2nd|3rd|4th)\s+quarter(?:\s+(?:of\s+)?(?:the\s+year\s+)?((?:19|20)\d\d))?\b/gi,
    (m, now) => quarter(/^\d/.test(m[1]!) ? Number(m[1]![0]) : ORDINALS.indexOf(m[1]!.toLowerCase()) + 1, m[2], now),
  ],
  [/\bH([12])[\s,/-]*((?:19|20)\d\d)\b/gi, (m) => periodAt(utc(Number(m[2]), (Number(m[1]) - 1) * 6), 'half')],
  [
    new RegExp(
      `\\b(last|past|previous|next|coming|following)\\s+(${NUMBER})\\s+(hour|day|week|month|quarter|year)s?\\b`,
      'gi',
    ),
    (m, now) => rolling(stepOf(m[1]!), count(m[2]!), grainOf(m[3]!), now),
  ],
  [
    /\b(last|past|previous|this|current|next|coming|following)\s+(week|month|quarter|year)\b/gi,
    (m, now) => periodAt(now, grainOf(m[2]!), stepOf(m[1]!)),
  ],
  [
    /\b(year|quarter|month|week)[\s-]to[\s-]date\b|\b([yqm])td\b/gi,
    (m, now) => {
      const grain = grainOf(m[1] ?? { y: 'year', q: 'quarter', m: 'month' }[m[2]!.toLowerCase()] ?? 'year');
      return { ...periodAt(now, grain), to: now, grain: 'range' };
    },
  ],
  [
    /\b(today|yesterday)\b(?!\s+at\b)(?!['’]s most)/gi,
    (m, now) => periodAt(now, 'day', m[1]!.toLowerCase() === 'today' ? 0 : -1),
  ],
]; // prettier-ignore

function rolling(step: number, steps: number, grain: Grain, now: Date): Period {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  const moved = (by: number) => {
    if (grain === 'hour') return new Date(now.getTime() + by * 3_600_000);
    if (grain === 'day' || grain === 'week') return utc(year, month, day + by * (grain === 'week' ? 7 : 1));
    const months = by * { month: 1, quarter: 3, year: 12 }[grain as 'month' | 'quarter' | 'year'];
    return utc(year, month + months, day);
  };
  const tomorrow = new Date(midnight(now).getTime() + DAY);
  const [from, to] =
    step < 0
      ? [moved(-steps), grain === 'hour' ? now : tomorrow]
      : [grain === 'hour' ? now : midnight(now), moved(steps)];
  return { from, to, grain: 'range', label: `${from.toISOString().slice(0, 10)} to ${to.toISOString().slice(0, 10)}` };
}

/** Takes the periods out of a text. */
export function takePeriods(text: Text, now: Date): { period: Period; at: number; end: number }[] {
  return RULES.flatMap(([pattern, read]) =>
    text.take(pattern, (match) => read(match, now)).map(({ value, at, end }) => ({ period: value, at, end })),
  );
}

/** Takes years that stand alone ("in 2023"), when what is before says that they are years. */
export const takeYears = (text: Text) =>
  text
    .take(
      /(?<=\b(?:in|of|for|during|since|from|before|after|until|till|through|than|year|fy|and|to)\s+(?:the\s+year\s+)?|^\s*)((?:19|20)\d\d)\b(?![-/.,]\d|\s*(?:%|usd|eur|gbp|dollars|euros|items?|units?))/gi,
      (m, before) =>
        /\b(?:over|above|more than|less than|under|below|least|most|worth|cost\w*|[$€£])\s*(?:of\s*)?$/i.test(before)
          ? undefined
          : periodAt(utc(Number(m[1])), 'year'),
    )
    .map(({ value, at, end }) => ({ period: value, at, end })); // prettier-ignore

/** Takes moments ("tomorrow at 10:00", "March 2024"): those without a day are periods. */
type Taken = { moment?: Moment; period?: Period; at: number; end: number };

/** Takes moments ("tomorrow at 10:00", "March 2024"): those without a day are periods. */
export function takeMoments(text: Text, now: Date, forward: boolean): Taken[] {
  const found = chrono.parse(text.rest, { instant: now, timezone: 0 }, { forwardDate: forward });
  return found.flatMap(({ index, text: label, start, end }): Taken[] => {
    const certain = (['day', 'weekday', 'month', 'hour', 'year'] as const).filter((part) => start.isCertain(part));
    // A bare number, or a word such as "now", is no date; "may" and "march" are more often verbs than months.
    if (
      certain.length === 0 ||
      !/\p{L}{3}|\d[:/.-]\d|\d\s*[ap]m/iu.test(label) ||
      /^(now|may|march|sun|sat|mar|second|this second)$/i.test(label.trim())
    )
      return [];
    text.mask(index, index + label.length);
    const at = index;
    const until = index + label.length;
    const hasTime = start.isCertain('hour');
    const day = start.isCertain('day') || start.isCertain('weekday');
    if (!day && !hasTime && start.isCertain('month')) {
      const month = periodAt(start.date(), 'month', 0);
      const past =
        !forward && !start.isCertain('year') && month.from > now
          ? periodAt(utc(month.from.getUTCFullYear() - 1, month.from.getUTCMonth()), 'month')
          : month;
      return [{ period: past, at, end: until }];
    }
    const last = end?.date();
    if (last !== undefined && !hasTime) {
      const stop = new Date(midnight(last).getTime() + DAY);
      return [{ period: { from: midnight(start.date()), to: stop, grain: 'range' as const, label }, at, end: until }];
    }
    const date = hasTime ? start.date() : midnight(start.date());
    return [{ moment: { date, hasTime, label, end: last }, at, end: until }];
  });
}

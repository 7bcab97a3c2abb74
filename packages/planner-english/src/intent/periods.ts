// Spans of time and moments in prose, relative to the moment of the run. All in UTC.

import type { Unit } from '@errand/plan';
import { MONTH, monthOf, YEAR } from './moments.ts';
import { count, NUMBER } from './number-words.ts';
import { add, type Instant, instant, moved, start } from './relative.ts';
import type { Text } from './text.ts';

export type Grain = 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'half' | 'year' | 'range';

export type Period = { from: Instant /** Exclusive. */; to: Instant; grain: Grain };

const utc = (year: number, month = 0, day = 1) => new Date(Date.UTC(year, month, day));

/** The period of a grain that holds `now`, moved by some steps. */
export function periodAt(now: Date, grain: Unit, steps = 0): Period {
  const at = (count: number) => instant(now, [start(grain), add(count, grain)]);
  return { from: at(steps), to: at(steps + 1), grain: grain as Grain };
}

/** The period from a moment on, as long as its grain says. */
function periodFrom(from: Instant, grain: keyof typeof MONTHS): Period {
  return { from, to: moved(from, add(MONTHS[grain], 'month')), grain };
}

const MONTHS = { month: 1, quarter: 3, half: 6, year: 12 } as const;

/** The month with that index (from 0): the last one that has begun, or the next one that ends. */
const monthAt = (now: Date, month: number, ahead = false): Instant =>
  instant(now, [add((ahead ? 11 : 0) - month, 'month'), start('year'), add(month, 'month')]);

const ORDINALS = ['first', 'second', 'third', 'fourth'];
const unitOf = (unit: string): Unit => unit.toLowerCase().replace(/s$/, '') as Unit;
const stepOf = (word: string) =>
  /last|latest|previous|past|prior/i.test(word) ? -1 : /next|coming|following/i.test(word) ? 1 : 0;
const fullYear = (text: string) => (text.length === 2 ? 2000 + Number(text) : Number(text));

type Rule = [RegExp, (match: RegExpExecArray, now: Date) => Period | undefined];

/** A quarter without a year is the last one that has begun. */
const quarter = (index: number, year: string | undefined, now: Date): Period => {
  const month = (index - 1) * 3;
  return periodFrom(year === undefined ? monthAt(now, month) : { date: utc(fullYear(year), month) }, 'quarter');
};

const RULES: readonly Rule[] = [
  [/\b((?:19|20)\d\d)[\s/-]*Q([1-4])\b/gi, (m, now) => quarter(Number(m[2]), m[1], now)],
  [
    /\bQ([1-4])[\s,/-]*(?:of\s+|FY\s*)?(?:((?:19|20)\d\d)|'(\d\d))?(?!\w)/gi,
    (m, now) => quarter(Number(m[1]), m[2] ?? m[3], now),
  ],
  [
    /\b(first|second|third|fourth|1st|2nd|3rd|4th)\s+quarter(?:\s+(?:of\s+)?(?:the\s+year\s+)?((?:19|20)\d\d))?\b/gi,
    (m, now) => quarter(/^\d/.test(m[1]!) ? Number(m[1]![0]) : ORDINALS.indexOf(m[1]!.toLowerCase()) + 1, m[2], now),
  ],
  [
    /\bH([12])[\s,/-]*((?:19|20)\d\d)\b/gi,
    (m) => periodFrom({ date: utc(Number(m[2]), (Number(m[1]) - 1) * 6) }, 'half'),
  ],
  [
    new RegExp(
      `\\b(last|latest|past|previous|next|coming|following)\\s+(${NUMBER})\\s+(hour|day|week|month|quarter|year)s?\\b`,
      'gi',
    ),
    (m, now) => rolling(stepOf(m[1]!), count(m[2]!), unitOf(m[3]!), now),
  ],
  [
    // "Friday next week" is that Friday.
    /(?<!\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\s+(?:of\s+)?)\b(last|past|previous|this|current|next|coming|following)\s+(week|month|quarter|year)\b(?!,?\s+(?:on\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day\b)/gi,
    (m, now) => periodAt(now, unitOf(m[2]!), stepOf(m[1]!)),
  ],
  [
    /\b(?:(last|past|previous|this|next|coming|following)\s+|(?:(?:on|at|over|during)\s+)?the\s+)weekend\b/gi,
    (m, now) => weekend(m, now),
  ],
  [
    /\b(year|quarter|month|week)[\s-]to[\s-]date\b|\b([yqm])td\b/gi,
    (m, now) => {
      const unit = unitOf(m[1] ?? { y: 'year', q: 'quarter', m: 'month' }[m[2]!.toLowerCase()] ?? 'year');
      return { ...periodAt(now, unit), to: instant(now, []), grain: 'range' };
    },
  ],
  [
    /\b(today|yesterday)\b(?!\s+at\b)(?!['’]s most)/gi,
    (m, now) => periodAt(now, 'day', m[1]!.toLowerCase() === 'today' ? 0 : -1),
  ],
]; // prettier-ignore

/** Saturday and Sunday of a week; "the weekend" of which something is told is the last one. */
function weekend({ 1: which, input }: RegExpExecArray, now: Date): Period {
  const isPast = which === undefined && /\b(?:was|were|did|had)\b/i.test(input);
  const step = which === undefined ? (isPast ? -1 : 0) : /coming/i.test(which) ? 0 : stepOf(which);
  const at = (days: number) => instant(now, [start('week'), add(7 * step + days, 'day')]);
  return { from: at(5), to: at(7), grain: 'range' };
}

function rolling(step: number, count: number, unit: Unit, now: Date): Period {
  const hours = unit === 'hour';
  const at = (by: number) => instant(now, [...(hours ? [] : [start('day')]), add(by, unit)]);
  const today = hours ? [] : [start('day')];
  const [from, to] =
    step < 0
      ? [at(-count), instant(now, hours ? [] : [start('day'), add(1, 'day')])]
      : // "In the next 30 days": the day in 30 days is one of them, as today is.
        [instant(now, today), at(unit === 'day' ? count + 1 : count)];
  return { from, to, grain: 'range' };
}

/** Takes the periods out of a text. */
export const takePeriods = (text: Text, now: Date) =>
  RULES.flatMap(([pattern, read]) => text.take(pattern, (match) => read(match, now)));

/** Takes years that stand alone ("in 2023"), when what is before says that they are years. */
export const takeYears = (text: Text) =>
  text.take(
    /(?=(?:19|20)\d\d)(?<=\b(?:in|of|for|during|since|from|before|after|until|till|through|than|year|fy|and|to)\s+(?:the\s+year\s+)?|^\s*)((?:19|20)\d\d)\b(?![-/.,]\d|\s*(?:%|usd|eur|gbp|dollars|euros|items?|units?))/gi,
    (m, before) =>
      /\b(?:over|above|more than|less than|under|below|least|most|worth|cost\w*|[$€£])\s*(?:of\s*)?$/i.test(before)
        ? undefined
        : periodFrom({ date: utc(Number(m[1])) }, 'year'),
  ); // prettier-ignore

/** "Which concerts are in December", asked in November: the one to come. */
const isSoon = (now: Date, month: number, text: string, before: string): boolean =>
  (month - now.getUTCMonth() + 12) % 12 <= 3 &&
  !/\bfrom\s+$/i.test(before) &&
  !/\b(?:was|were|did|had|been|since|\p{L}{3,}ed(?!\s+ones?\b)|came|took|went|got|made|sold)\b/iu.test(text);

const UNTIL = /\b(?:until|till|by|through)\s+(?:the\s+end\s+of\s+)?$/i;

/** Takes months that stand alone ("March 2024", "in October"): without a year the last one that has begun, or the next where something is planned or asked of the months to come. */
export const takeMonths = (text: Text, now: Date, forward: boolean) =>
  text.take(new RegExp(`\\b${MONTH}${YEAR}`, 'gi'), ([all, name, year], before) => {
    const isWord =
      /^(?:may|mar|march)$/i.test(all) && !/\b(?:in|of|since|until|before|after|during|for)\s+$/i.test(before);
    const month = monthOf(name!);
    if (isWord || !/^\p{Lu}/u.test(all)) return undefined;
    if (year !== undefined) return periodFrom({ date: utc(Number(year), month) }, 'month');
    return periodFrom(
      monthAt(now, month, forward || UNTIL.test(before) || isSoon(now, month, text.whole, before)),
      'month',
    );
  });

// Spans of time and moments in prose, relative to the moment of the run. All in UTC.

import { startOf, type Unit } from '@errand/plan';
import * as chrono from 'chrono-node';
import { count, NUMBER, SMALL } from './number-words.ts';
import { add, type Instant, instant, type Moves, moved, movesOf, start } from './relative.ts';
import type { Text } from './text.ts';

export type Grain = 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'half' | 'year' | 'range';

export type Period = { from: Instant /** Exclusive. */; to: Instant; grain: Grain };

export type Moment = { at: Instant; hasTime: boolean; end?: Instant };

const utc = (year: number, month = 0, day = 1) => new Date(Date.UTC(year, month, day));

/** The period of a grain that holds `now`, moved by some steps. */
function periodAt(now: Date, grain: Unit, steps = 0): Period {
  const at = (count: number) => instant(now, [start(grain), add(count, grain)]);
  return { from: at(steps), to: at(steps + 1), grain: grain as Grain };
}

/** The period from a moment on, as long as its grain says. */
function periodFrom(from: Instant, grain: keyof typeof MONTHS): Period {
  return { from, to: moved(from, add(MONTHS[grain], 'month')), grain };
}

const MONTHS = { month: 1, quarter: 3, half: 6, year: 12 } as const;

/** The latest month with that index (from 0) that has begun. */
const lastBegun = (month: number): Moves => [add(-month, 'month'), start('year'), add(month, 'month')];
/** The next one that begins. */
const nextToBegin = (month: number): Moves => [add(12 - month, 'month'), start('year'), add(month, 'month')];

const ORDINALS = ['first', 'second', 'third', 'fourth'];
const unitOf = (unit: string): Unit => unit.toLowerCase().replace(/s$/, '') as Unit;
const stepOf = (word: string) =>
  /last|latest|previous|past|prior/i.test(word) ? -1 : /next|coming|following/i.test(word) ? 1 : 0;
const fullYear = (text: string) => (text.length === 2 ? 2000 + Number(text) : Number(text));

type Rule = [RegExp, (match: RegExpExecArray, now: Date) => Period | undefined];

/** A quarter without a year is the last one that has begun. */
const quarter = (index: number, year: string | undefined, now: Date): Period => {
  const month = (index - 1) * 3;
  return periodFrom(
    year === undefined ? instant(now, lastBegun(month)) : { date: utc(fullYear(year), month) },
    'quarter',
  );
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
    /\b(last|past|previous|this|current|next|coming|following)\s+(week|month|quarter|year)\b/gi,
    (m, now) => periodAt(now, unitOf(m[2]!), stepOf(m[1]!)),
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

function rolling(step: number, count: number, unit: Unit, now: Date): Period {
  const hours = unit === 'hour';
  const at = (by: number) => instant(now, [...(hours ? [] : [start('day')]), add(by, unit)]);
  const today = hours ? [] : [start('day')];
  const [from, to] =
    step < 0
      ? [at(-count), instant(now, hours ? [] : [start('day'), add(1, 'day')])]
      : [instant(now, today), at(count)];
  return { from, to, grain: 'range' };
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
          : periodFrom({ date: utc(Number(m[1])) }, 'year'),
    )
    .map(({ value, at, end }) => ({ period: value, at, end })); // prettier-ignore

/** Takes moments ("tomorrow at 10:00", "March 2024"): those without a day are periods. */
type Taken = { moment?: Moment; period?: Period; at: number; end: number };

/** "in a month", "2 years ago": by the calendar, on the same day or the last one of a shorter month. */
const takeMonths = (text: Text, now: Date): Taken[] =>
  text
    .take(
      new RegExp(
        `\\bin\\s+(${NUMBER})\\s+(month|quarter|year)s?\\b|\\b(${NUMBER})\\s+(month|quarter|year)s?\\s+ago\\b`,
        'gi',
      ),
      ([, ahead, unit, ago, before]) =>
        instant(now, [
          start('day'),
          ahead === undefined ? add(-count(ago!), unitOf(before!)) : add(count(ahead), unitOf(unit!)),
        ]),
    )
    .map(({ value, at, end }) => ({ moment: { at: value, hasTime: false }, at, end }));

/** "at ten" as "at  10": of the same length, so that positions do not change. */
const inDigits = (text: string) =>
  text.replace(/(?<=\bat\s)(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b/gi, (word) =>
    String(SMALL.get(word.toLowerCase())).padStart(word.length),
  );

/** Words of which the moves are sought; those of more are dates written out. */
const MAX_SOUGHT = 20;

/** Takes moments ("tomorrow at 10:00", "March 2024"): those without a day are periods. */
export function takeMoments(text: Text, now: Date, forward: boolean): Taken[] {
  const months = takeMonths(text, now);
  const parse = (words: string, instant: Date) =>
    chrono.parse(
      words,
      { instant, timezone: 0 },
      { forwardDate: forward && !/^(?:last|past|previous)\b/i.test(words) },
    );
  const found = parse(inDigits(text.rest), now).flatMap(({ index, text: label, start, end }, order): Taken[] => {
    const certain = (['day', 'weekday', 'month', 'hour', 'year'] as const).filter((part) => start.isCertain(part));
    // A bare number, or a word such as "now", is no date; "may" and "march" are more often verbs than months.
    if (
      certain.length === 0 ||
      !/\p{L}{3}|\d[:/.-]\d|\d\s*[ap]m/iu.test(label) ||
      /^(now|may|march|sun|sat|mar|second|this second)$/i.test(label.trim())
    )
      return [];
    text.mask(index, index + label.length);
    const [at, until] = [index, index + label.length];
    const hasTime = start.isCertain('hour');
    const day = start.isCertain('day') || start.isCertain('weekday');
    if (!day && !hasTime && start.isCertain('month')) {
      const month = (start.get('month') ?? 1) - 1;
      const from = start.isCertain('year')
        ? { date: utc(start.get('year')!, month) }
        : instant(now, forward ? nextToBegin(month) : lastBegun(month));
      return [{ period: periodFrom(from, 'month'), at, end: until }];
    }
    const read = (which: 'start' | 'end') => {
      const at = (instant: Date): Date | undefined => {
        const results = parse(label, instant);
        const date = results.length === 1 ? results[0]![which]?.date() : undefined;
        return date === undefined || hasTime ? date : startOf(date, 'day');
      };
      // What the words say alone is what they say here, unless others beside them turn it.
      const said = (which === 'start' ? start : end)?.date();
      if (said === undefined) return undefined;
      const date = at(now) ?? (hasTime ? said : startOf(said, 'day'));
      return { date, moves: order < MAX_SOUGHT ? movesOf(at, now) : undefined };
    };
    const [from, last] = [read('start')!, read('end')];
    if (last !== undefined && !hasTime)
      return [{ period: { from, to: moved(last, add(1, 'day')), grain: 'range' as const }, at, end: until }];
    return [{ moment: { at: from, hasTime, end: last }, at, end: until }];
  });
  return [...months, ...found];
}

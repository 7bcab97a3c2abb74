// Days and times of day in prose, as moves from the moment of the run where they hang on it. All in UTC.
import { count, NUMBER } from './number-words.ts';
import { add, addLength, type Instant, instant, type Move, moved, start } from './relative.ts';
import type { Text } from './text.ts';

/** `anyDay`: nobody says on which day. */
export type Moment = { at: Instant; hasTime: boolean; end?: Instant; anyDay?: boolean };
export type TakenMoment = { moment: Moment; at: number; end: number };

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
export const MONTH =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\b\\.?';
export const monthOf = (text: string) => MONTHS.indexOf(text.slice(0, 3).toLowerCase());
const DATE = '(\\d{1,2})(?:st|nd|rd|th)?(?![\\d:])';
/** "Thursday, 3 December": the date tells the day. */
const NAMED = `(?:(?:${WEEKDAYS.join('|')}),?\\s+)?`;
export const YEAR = '(?:,?\\s+((?:19|20)\\d\\d))?\\b';
const UNIT = '(minute|min|hour|day|week|month|quarter|year)s?\\b';

type Context = { now: Date; forward: boolean };
type Day = { at: Instant; hasTime: boolean };
type Rule = [string, (parts: string[], context: Context) => Day | undefined];

const onDay = (now: Date, moves: readonly Move[]): Day => ({ at: instant(now, moves), hasTime: false });
const today = (now: Date, move: Move): Day => onDay(now, [start('day'), move]);

function inUnits(count: number, word: string, now: Date): Day {
  const unit = (word.toLowerCase() === 'min' ? 'minute' : word.toLowerCase()) as 'minute';
  const hasTime = /^(?:min|hour)/i.test(word);
  return hasTime ? { at: instant(now, [add(count, unit)]), hasTime } : today(now, add(count, unit));
}

/** The day of that name: the coming one where something is planned, else the nearest; "last" is before today, "next" in the next week. */
function weekday(which: string | undefined, name: string, { now, forward }: Context): Day {
  const day = WEEKDAYS.indexOf(name.toLowerCase());
  if (/next/i.test(which ?? '')) return onDay(now, [start('week'), add(7 + day, 'day')]);
  const shift = which === undefined ? (forward ? 7 : 3) : /this/i.test(which) ? 0 : /coming/i.test(which) ? 7 : -1;
  const toWeek = /this/i.test(which ?? '') ? [] : [add(shift - day, 'day')];
  return onDay(now, [...toWeek, start('week'), add(day, 'day')]);
}

/** "Friday next week" */
function inWeek(which: string, name: string, now: Date): Day {
  const weeks = { last: -7, this: 0, next: 7 }[which.toLowerCase()] ?? 0;
  return onDay(now, [start('week'), add(weeks + WEEKDAYS.indexOf(name.toLowerCase()), 'day')]);
}

/** A day of a month: of that year, else the one to come where something is planned, else the nearest. */
function dated(month: number, date: number, year: string | undefined, { now, forward }: Context): Day | undefined {
  // There is no 31 February, and no 29th of it but in some years.
  if (month < 0 || month > 11 || date < 1 || date > new Date(Date.UTC(Number(year ?? 2024), month + 1, 0)).getUTCDate())
    return undefined;
  if (year !== undefined) return { at: { date: new Date(Date.UTC(Number(year), month, date)) }, hasTime: false };
  const toYear = [add(-date, 'day'), add((forward ? 12 : 6) - month, 'month'), start('year')];
  return onDay(now, [...toYear, add(month, 'month'), add(date - 1, 'day')]);
}

const RULES: readonly Rule[] = [
  ['\\b(\\d{4})-(\\d\\d)-(\\d\\d)(?!\\d)', ([y, m, d], context) => dated(Number(m) - 1, Number(d), y, context)],
  [
    `\\b${NAMED}${MONTH}\\s+(?:the\\s+)?${DATE}${YEAR}`,
    ([m, d, y], context) => dated(monthOf(m!), Number(d), y, context),
  ],
  [
    `\\b${NAMED}(?:the\\s+)?${DATE}\\s+(?:of\\s+)?${MONTH}${YEAR}`,
    ([d, m, y], on) => dated(monthOf(m!), Number(d), y, on),
  ],
  [
    '\\b(today|tomorrow|yesterday)\\b',
    ([word], { now }) => today(now, add({ today: 0, tomorrow: 1 }[word!.toLowerCase()] ?? -1, 'day')),
  ],
  [
    `\\b(?:on\\s+)?(${WEEKDAYS.join('|')})\\s+(?:of\\s+)?(next|this|last)\\s+week\\b|\\b(next|this|last)\\s+week['’]?s?,?\\s+(?:on\\s+)?(${WEEKDAYS.join('|')})\\b`,
    ([name, which, before, behind], { now }) => inWeek(which ?? before!, name ?? behind!, now),
  ],
  [
    `\\b(?:(last|past|previous|this|next|coming)\\s+)?(${WEEKDAYS.join('|')})\\b`,
    ([which, name], context) => weekday(which, name!, context),
  ],
  [`\\bin\\s+(${NUMBER})\\s+${UNIT}`, ([many, unit], { now }) => inUnits(count(many!), unit!, now)],
  [
    `\\b(${NUMBER})\\s+${UNIT}\\s+(?:from\\s+now|later)\\b`,
    ([many, unit], { now }) => inUnits(count(many!), unit!, now),
  ],
  [`\\b(${NUMBER})\\s+${UNIT}\\s+ago\\b`, ([many, unit], { now }) => inUnits(-count(many!), unit!, now)],
];

const HOURS = '\\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve';
const CLOCK = `(?:(\\d{1,2})(?::(\\d\\d))?\\s?([ap]m)\\b|(\\d{1,2}):(\\d\\d)(?::\\d\\d)?(?!\\d)|(noon|midnight)\\b|(?<=\\bat\\s)(${HOURS})(?=\\s*(?:$|[.,;?!](?!\\d)|(?:on|for|with|and|to|until)\\b)))`;
const ZONES: Readonly<Record<string, number>> = {
  utc: 0,
  gmt: 0,
  z: 0,
  bst: 1,
  cet: 1,
  cest: 2,
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
};
const TIMES = new RegExp(
  `(?:(?<![\\w:.])|\\bT)${CLOCK}(?:(?:\\s*(?:to|until|till|and|–)\\s*|-|\\s-\\s)${CLOCK})?(?:\\s*(${Object.keys(ZONES).join('|')}|[+-]\\d\\d:\\d\\d)(?!\\w))?`,
  'gi',
);

/** Minutes after midnight. */
function minutesOf([hour, minute, half, hour24, minute24, named, bare]: (string | undefined)[]): number | undefined {
  if (named !== undefined) return /noon/i.test(named) ? 720 : 0;
  if (half !== undefined) return ((Number(hour) % 12) + (/p/i.test(half) ? 12 : 0)) * 60 + Number(minute ?? 0);
  if (bare !== undefined) return count(bare) * 60;
  return hour24 === undefined ? undefined : Number(hour24) * 60 + Number(minute24);
}

function offsetOf(zone: string | undefined): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(zone ?? '') ?? [];
  if (sign === undefined) return (ZONES[zone?.toLowerCase() ?? ''] ?? 0) * 60;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** Takes days and times of day ("tomorrow at 10:00"). @param forward whether something is planned, so that a Friday is the next one */
export function takeMoments(text: Text, now: Date, forward: boolean): TakenMoment[] {
  // "Between 1 and 15 December": the first day is of the same month.
  const spans = text.take(
    new RegExp(
      `\\b(\\d{1,2})(?:st|nd|rd|th)?(?=\\s*(?:and|to|until|till|-|–)\\s*(?:the\\s+)?\\d{1,2}(?:st|nd|rd|th)?\\s+(?:of\\s+)?${MONTH}${YEAR})`,
      'gi',
    ),
    ([, day, month, year]) => dated(monthOf(month!), Number(day), year, { now, forward }),
  );
  const days = RULES.flatMap(([pattern, read]) =>
    text.take(new RegExp(pattern, 'gi'), (match) => read(match.slice(1), { now, forward })),
  );
  days.unshift(...spans);
  // "From Saturday to Monday": the Monday after it.
  const inOrder = [...days].sort((a, b) => a.at - b.at);
  for (const [index, day] of inOrder.entries()) {
    const last = inOrder[index - 1];
    const gap = last && text.whole.slice(last.end, day.at);
    const isSpan = gap !== undefined && /^\s*(?:to|until|till|through|and|-|–)\s*$/i.test(gap);
    const isWeekday = /^(?:mon|tues|wednes|thurs|fri|satur|sun)day$/i.test(text.whole.slice(day.at, day.end));
    if (!isSpan || !isWeekday || !/\b(?:from|between)\s*$/i.test(text.whole.slice(0, last!.at))) continue;
    if (day.value.at.date < last!.value.at.date) day.value = { ...day.value, at: moved(day.value.at, add(7, 'day')) };
  }
  // "On 4 December …, at 15:40 that day"
  days.push(
    ...text.take(/\b(?:on\s+)?(?:that|the same)\s+day\b/gi, ({ index }) => {
      const [last, ...others] = days.filter(({ end, value }) => end <= index && !value.hasTime);
      return others.length === 0 ? last?.value : undefined;
    }),
  );
  const times = text.take(TIMES, (match) => {
    const [from, to] = [minutesOf(match.slice(1, 8)), minutesOf(match.slice(8, 15))];
    // The clock of a place that has a summer time is none of these.
    const isElsewhere = /^\s*[A-Z]{2,4}\b/.test(text.whole.slice(match.index + match[0].length));
    return from === undefined || isElsewhere ? undefined : { from, to, offset: offsetOf(match[15]) };
  });
  const after = (time: (typeof times)[number], minutes: number) => addLength((minutes - time.value.offset) * 60);
  const used = new Set<(typeof times)[number]>();
  const made = days.map(({ value: { at, hasTime }, at: from, end }): TakenMoment => {
    const time = times.find(
      (one) =>
        !used.has(one) &&
        (/^,?\s*(?:at|from|between)?\s*$/i.test(text.whole.slice(end, one.at)) ||
          (one.end <= from && /^\s*(?:on|of)?\s*$/i.test(text.whole.slice(one.end, from)))),
    );
    if (time === undefined || hasTime) return { moment: { at, hasTime }, at: from, end };
    used.add(time);
    const on = (minutes: number) => moved(at, after(time, minutes));
    const moment = { at: on(time.value.from), hasTime: true, ...(time.value.to && { end: on(time.value.to) }) };
    return { moment, at: Math.min(from, time.at), end: Math.max(end, time.end) };
  });
  // A time of day alone: the next time that a clock shows it, or that of today.
  const alone = times.flatMap((time): TakenMoment[] => {
    if (used.has(time)) return [];
    const first = after(time, time.value.from);
    const back = { ...first, add: 'add' in first ? -first.add : 0 } as Move;
    const moves = forward ? [back, start('day'), add(1, 'day'), first] : [start('day'), first];
    const at = instant(now, moves);
    const length = time.value.to === undefined ? undefined : addLength((time.value.to - time.value.from) * 60);
    return [
      {
        moment: { at, hasTime: true, anyDay: true, ...(length && { end: moved(at, length) }) },
        at: time.at,
        end: time.end,
      },
    ];
  });
  return [...made, ...alone];
}

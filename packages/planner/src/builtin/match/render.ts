// A value in the form that a schema asks for: by its enum, pattern, examples, format and type.
import type { Json } from '@errand/contracts';
import { isoOf } from '@errand/plan';
import { bind, string } from '../answer/jsonata.ts';
import type { Grain, Period } from '../intent/periods.ts';
import { type Instant, spoken } from '../intent/relative.ts';
import type { Value } from '../intent/value.ts';
import { best, likeness } from '../lexicon/likeness.ts';
import { type Term, term, terms } from '../lexicon/words.ts';
import type { Slot } from '../tools/inputs.ts';
import { isNumeric, type Shape } from '../tools/shape.ts';
import { formsOf } from './forms.ts';

const day = (date: Date) => date.toISOString().slice(0, 10);

/** A moment as the schema writes moments; one that hangs on `now` as a binding. */
export function renderDate({ date, moves }: Instant, shape: Shape): Json {
  const form = formOf(shape);
  if (moves !== undefined) return bind(IN_FORM[form](spoken(moves)));
  if (form === 'millis') return date.getTime();
  if (form === 'seconds') return Math.floor(date.getTime() / 1000);
  if (form === 'day') return day(date);
  return form === 'time' ? date.toISOString().slice(11, 19) : isoOf(date);
}

/** The day of a moment as JSONata. @param now how `now` is called there */
export const dayOf = ({ date, moves }: Instant, now: string): string =>
  moves === undefined ? string(day(date)) : IN_FORM.day(spoken(moves, now));

const IN_FORM = {
  millis: (moment: string) => `$toMillis(${moment})`,
  seconds: (moment: string) => `$floor($toMillis(${moment}) / 1000)`,
  day: (moment: string) => `$substring(${moment}, 0, 10)`,
  time: (moment: string) => `$substring(${moment}, 11, 8)`,
  iso: (moment: string) => moment,
} as const;

function formOf(shape: Shape): keyof typeof IN_FORM {
  if (isNumeric(shape))
    return /milli|\bms\b/i.test(shape.description) || Number(shape.examples[0]) > 1e11 ? 'millis' : 'seconds';
  if (shape.format === 'date') return 'day';
  if (shape.format === 'time') return 'time';
  const example = shape.examples.find((one) => typeof one === 'string') as string | undefined;
  const dayOnly =
    shape.format === undefined &&
    (/^\d{4}-\d\d-\d\d$/.test(example ?? '') || (example === undefined && /YYYY-MM-DD(?!T)/i.test(shape.description)));
  return dayOnly ? 'day' : 'iso';
}

/** Whether a schema writes moments by their day. */
export const isDaily = (shape: Shape): boolean => formOf(shape) === 'day';

/** Whether a slot or a field holds a date or a time. */
export function isTemporal(shape: Shape, names: readonly Term[]): boolean {
  if (/^(date|date-time|time)$/.test(shape.format ?? '')) return true;
  if (shape.type !== 'string' || shape.enum !== undefined || shape.format !== undefined) return false;
  const example = shape.examples[0];
  if (typeof example === 'string' && /^\d{4}-\d\d-\d\d/.test(example)) return true;
  if (names.some((one) => one.lemma === 'id')) return false;
  return (
    /\b(ISO[- ]?8601|RFC ?3339|YYYY-MM-DD|date|timestamp)\b/i.test(shape.description) ||
    names.some((one) => best(one, TEMPORAL) >= 1)
  );
}

const TEMPORAL = ['date', 'time', 'datetime', 'timestamp', 'day', 'deadline', 'since', 'until', 'due'].map(term);

/** The part of a period that a slot asks for (its year, its quarter, its month, the whole), or undefined. */
export function renderPeriod(period: Period, shape: Shape, names: readonly Term[]): Json | undefined {
  const grain = names.map(({ lemma }) => lemma).find((name) => /^(year|quarter|month|week|day|half)$/.test(name));
  const wider = names.some((one) => best(one, PERIOD) >= 0.8);
  if (grain === undefined && !wider && !looksLikePeriod(shape)) return undefined;
  const { moves } = period.from;
  const fine = FINENESS[period.grain];
  if (isNumeric(shape)) {
    const form =
      grain !== undefined && /year|quarter|month/.test(grain) && fine <= FINENESS[grain as Grain]
        ? formsOf(period.from, grain).findLast(({ value }) => /^\d+$/.test(value))
        : undefined;
    if (form === undefined) return undefined;
    return moves === undefined ? Number(form.value) : bind(`$number(${form.spoken})`);
  }
  const own = period.grain === 'year' && shape.enum === undefined ? 'year' : period.grain;
  const offered = [...new Set([grain ?? own, own, 'quarter', 'month', 'year'])]
    .filter((one) => fine <= (FINENESS[one as Grain] ?? -1))
    .flatMap((one) => formsOf(period.from, one));
  const found = fitting(
    offered.map(({ value }) => value),
    shape,
  );
  const form = offered.find(({ value }) => value === found);
  // An enumeration of years has no member for those to come, and one of other letters none that can be computed.
  if (moves === undefined || form === undefined || (shape.enum !== undefined && /\d{4}/.test(form.value))) return found;
  return bind(form.spoken);
}

const FINENESS: Readonly<Record<Grain, number>> = {
  hour: 0,
  day: 0,
  week: 0,
  month: 1,
  quarter: 2,
  half: 3,
  year: 4,
  range: 5,
};

const PERIOD = ['period', 'timeframe'].map(term);
const looksLikePeriod = (shape: Shape) =>
  [...shape.examples, ...(shape.enum ?? [])].some((one) => /^(?:Q[1-4]\b|\d{4}[-/ ]?Q[1-4])/i.test(String(one)));

/** The first text that enum, pattern or examples accept; without any of them the first. */
function fitting(candidates: readonly string[], shape: Shape): string | undefined {
  if (shape.enum !== undefined) {
    return candidates
      .map((one) => shape.enum!.find((value) => String(value).toLowerCase() === one.toLowerCase()))
      .find((one) => one !== undefined) as string | undefined;
  }
  const mould = (text: string) =>
    text
      .replace(/\d/g, '0')
      .replace(/\p{Lu}/gu, 'A')
      .replace(/\p{Ll}+/gu, 'a');
  const wanted = new Set(shape.examples.map((example) => mould(String(example))));
  return (
    candidates.find((one) => wanted.has(mould(one))) ??
    candidates.find((one) => mentioned(one, shape.description)) ??
    (wanted.size > 0 ? undefined : candidates[0])
  );
}

const mentioned = (one: string, text: string) => {
  const mould = one.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\d/g, '[\\dYQMN]');
  return one.length > 3 && new RegExp(`(?<![\\w-])${mould}(?![\\w-])`).test(text);
};

/** What a member of an enumeration stands for: what the description says of a code (`P = pending`), else its own words. */
function meaningOf(value: string, description: string): Term[] {
  const code = value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const told =
    value.length <= 4
      ? new RegExp(
          `(?<![\\w-])["'\`]?${code}["'\`]?\\s*(?:=|:|->|–|-|means|is|for)\\s*["'\`]?([a-z][a-z ]*[a-z])|(?:^|[,;(]\\s*)${code}\\s+([a-z][a-z ]*[a-z])`,
          'i',
        )
          .exec(description)
          ?.slice(1)
          .find((one) => one !== undefined)
      : undefined;
  const words = terms(told ?? value);
  return words.length > 0 ? words : [term(value.toLowerCase())];
}

/**
 * The value of an enumeration that some words mean, with how sure that is.
 * @param alike how words are compared
 */
export function enumOf(
  shape: Shape,
  said: readonly Term[],
  alike: (a: Term, b: Term) => number = likeness,
): { value: Json; sure: number; by: Term[] } | undefined {
  let found: { value: Json; sure: number; by: Term[] } | undefined;
  for (const value of shape.enum ?? []) {
    if (typeof value !== 'string' || value === '') continue;
    const parts = meaningOf(value, shape.description);
    const by = parts.map((part) =>
      said.reduce<{ one?: Term; sure: number }>(
        (top, one) => {
          const sure = alike(one, part);
          return sure > top.sure ? { one, sure } : top;
        },
        { sure: 0 },
      ),
    );
    const whole = by.reduce((least, one) => Math.min(least, one.sure), 1) - (parts.length > 1 ? 0 : 0.01);
    // `voice_call` is a call: the last word says what it is, the others which.
    const head = parts.length > 1 && by.at(-1)!.sure === 1 ? 0.9 : 0;
    const sure = Math.max(whole, head);
    if (sure >= 0.69 && sure > (found?.sure ?? 0))
      found = { value, sure, by: by.flatMap(({ one }) => (one ? [one] : [])) };
  }
  return found;
}

/** A value as text, number or boolean, as the schema wants; undefined when it cannot be that. */
export function renderPlain(value: Value, slot: Pick<Slot, 'shape'>): Json | undefined {
  const { shape } = slot;
  const text = value.text;
  if (shape.enum !== undefined) {
    const exact = shape.enum.find(
      (one) => String(one).toLowerCase() === text.toLowerCase() || (value.number !== undefined && one === value.number),
    );
    return (exact as Json | undefined) ?? enumOf(shape, terms(text))?.value;
  }
  switch (shape.type) {
    case 'integer':
      return value.number !== undefined && Number.isInteger(value.number) ? bounded(value.number, shape) : undefined;
    case 'number':
      return value.number !== undefined ? bounded(value.number, shape) : undefined;
    case 'boolean':
      return /^(true|yes|on|1)$/i.test(text) ? true : /^(false|no|off|0)$/i.test(text) ? false : undefined;
    case 'object':
    case 'array':
      return undefined;
    default:
      if (value.moment !== undefined && isTemporal(shape, [])) return renderDate(value.moment.at, shape);
      if (shape.format === 'email' && !text.includes('@')) return undefined;
      if (shape.format === 'uuid' && !/^[0-9a-f-]{36}$/i.test(text)) return undefined;
      if (/^(uri|url)$/.test(shape.format ?? '') && !/^https?:/.test(text)) return undefined;
      if (/^(date|date-time)$/.test(shape.format ?? '')) return /^\d{4}-\d\d-\d\d/.test(text) ? text : undefined;
      return shape.maxLength !== undefined && text.length > shape.maxLength ? undefined : text;
  }
}

const bounded = (number: number, { minimum, maximum }: Shape) =>
  (minimum !== undefined && number < minimum) || (maximum !== undefined && number > maximum) ? undefined : number;

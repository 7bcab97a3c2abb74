// A value in the form that a schema asks for: by its enum, examples, format and type.
import type { Json } from '@errand/contracts';
import { isoOf } from '@errand/plan';
import { bind, string } from '../answer/jsonata.ts';
import type { Grain, Period } from '../intent/periods.ts';
import { type Instant, spoken } from '../intent/relative.ts';
import type { Value } from '../intent/value.ts';
import { best, type Term, terms } from '../lexicon/words.ts';
import type { Slot } from '../tools/inputs.ts';
import { isNumeric, type Shape } from '../tools/shape.ts';
import { enumOf } from './enum.ts';
import { formsOf } from './forms.ts';

const IN_FORM = {
  millis: (moment: string) => `$toMillis(${moment})`,
  seconds: (moment: string) => `$floor($toMillis(${moment}) / 1000)`,
  day: (moment: string) => `$substring(${moment}, 0, 10)`,
  time: (moment: string) => `$substring(${moment}, 11, 8)`,
  iso: (moment: string) => moment,
} as const;

/** A moment as the schema writes moments; one that hangs on `now` as a binding. */
export function renderDate({ date, moves }: Instant, shape: Shape): Json {
  const form = formOf(shape);
  if (moves !== undefined) return bind(IN_FORM[form](spoken(moves)));
  const iso = isoOf(date);
  if (form === 'millis' || form === 'seconds') return Math.floor(date.getTime() / (form === 'millis' ? 1 : 1000));
  return form === 'day' ? iso.slice(0, 10) : form === 'time' ? iso.slice(11, 19) : iso;
}

/** The day of a moment as JSONata. @param now how `now` is called there */
export const dayOf = ({ date, moves }: Instant, now: string): string =>
  moves === undefined ? string(isoOf(date).slice(0, 10)) : IN_FORM.day(spoken(moves, now));

function formOf({ type, format, examples, description }: Shape): keyof typeof IN_FORM {
  if (isNumeric({ type }))
    return /milli|\bms\b/i.test(description) || Number(examples[0]) > 1e11 ? 'millis' : 'seconds';
  if (format !== undefined) return format === 'date' ? 'day' : format === 'time' ? 'time' : 'iso';
  const example =
    examples.find((one) => typeof one === 'string') ?? (/YYYY-MM-DD(?!T)/i.test(description) ? '2000-01-01' : '');
  return /^\d{4}-\d\d-\d\d$/.test(String(example)) ? 'day' : 'iso';
}

/** Whether a schema writes moments by their day. */
export const isDaily = (shape: Shape): boolean => formOf(shape) === 'day';

const TEMPORAL = /^(?:date|time|datetime|timestamp|day|deadline|since|until|due)$/;

/** Whether a slot or a field holds a date or a time. */
export function isTemporal({ type, format, examples, description, ...shape }: Shape, names: readonly Term[]): boolean {
  if (/^(?:date|date-time|time)$/.test(format ?? '')) return true;
  if (type !== 'string' || shape.enum !== undefined || format !== undefined) return false;
  if (/^\d{4}-\d\d-\d\d/.test(String(examples[0]))) return true;
  if (names.some(({ lemma }) => lemma === 'id')) return false;
  return (
    /\b(?:ISO[- ]?8601|RFC ?3339|YYYY-MM-DD|date|timestamp)\b/i.test(description) ||
    names.some(({ lemma }) => TEMPORAL.test(lemma))
  );
}

/** Whether a text is a time of day without its day. */
export const isClock = ({ type, format, description }: Shape): boolean =>
  type === 'string' && (format === 'time' || /\bHH:MM\b/i.test(description));

/** The time of day of a moment. */
export function renderClock({ date, moves }: Instant, { format }: Shape): Json {
  const length = format === 'time' ? 8 : 5;
  return moves === undefined ? isoOf(date).slice(11, 11 + length) : bind(`$substring(${spoken(moves)}, 11, ${length})`);
}

/** Whether it holds when something has to be done. */
export const isDue = (names: readonly Term[], { description }: Pick<Shape, 'description'>): boolean =>
  names.some(({ lemma }) => /^(?:due(?: at| date)?|deadline|expiry|expire|until)$/.test(lemma)) ||
  /\b(?:due|deadline|pay by|payable|expires?)\b/i.test(description);

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
const PERIOD = terms('period timeframe');

/** The part of a period that a slot asks for (its year, its quarter, its month, the whole), or undefined. */
export function renderPeriod({ from, grain: own }: Period, shape: Shape, names: readonly Term[]): Json | undefined {
  const asked = names.find(({ lemma }) => /^(?:year|quarter|month|week|day|half)$/.test(lemma))?.lemma as
    | Grain
    | undefined;
  const isQuarters = [...shape.examples, ...(shape.enum ?? [])].some((one) =>
    /^(?:Q[1-4]\b|\d{4}[-/ ]?Q[1-4])/i.test(String(one)),
  );
  if (asked === undefined && !isQuarters && !names.some((one) => best(one, PERIOD) >= 0.8)) return undefined;
  const [fine, isBound] = [FINENESS[own], from.moves !== undefined];
  if (isNumeric(shape)) {
    const isPart = asked !== undefined && /year|quarter|month/.test(asked) && fine <= FINENESS[asked];
    const form = isPart ? formsOf(from, asked).findLast(({ value }) => /^\d+$/.test(value)) : undefined;
    return form && (isBound ? bind(`$number(${form.spoken})`) : Number(form.value));
  }
  const offered = [...new Set([asked ?? own, own, 'quarter', 'month', 'year'] as Grain[])]
    .filter((one) => fine <= FINENESS[one])
    .flatMap((one) => formsOf(from, one));
  const found = fitting(
    offered.map(({ value }) => value),
    shape,
  );
  const form = offered.find(({ value }) => value === found);
  // An enumeration of years has no member for those to come, and one of other letters none that can be computed.
  const isFixed = !isBound || form === undefined || (shape.enum !== undefined && /\d{4}/.test(form.value));
  return isFixed ? found : bind(form.spoken);
}

/** The first text that an enumeration, examples or the description accept; without any of them the first. */
function fitting(candidates: readonly string[], { examples, description, ...shape }: Shape): string | undefined {
  if (shape.enum !== undefined) {
    const known = candidates.map((one) =>
      shape.enum!.find((value) => String(value).toLowerCase() === one.toLowerCase()),
    );
    return known.find((one) => one !== undefined) as string | undefined;
  }
  const mould = (text: string) =>
    text
      .replace(/\d/g, '0')
      .replace(/\p{Lu}/gu, 'A')
      .replace(/\p{Ll}+/gu, 'a');
  const wanted = new Set(examples.map((example) => mould(String(example))));
  const isMentioned = (one: string) => {
    const pattern = one.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\d/g, '[\\dYQMN]');
    return one.length > 3 && new RegExp(`(?<![\\w-])${pattern}(?![\\w-])`).test(description);
  };
  const like = candidates.find((one) => wanted.has(mould(one))) ?? candidates.find(isMentioned);
  return like ?? (wanted.size > 0 ? undefined : candidates[0]);
}

/** A value as text, number or boolean, as the schema wants; undefined when it cannot be that. */
export function renderPlain({ text, number, moment }: Value, { shape }: Pick<Slot, 'shape'>): Json | undefined {
  const { type, format, minimum, maximum, maxLength } = shape;
  if (shape.enum !== undefined) {
    const exact = shape.enum.find(
      (one) => String(one).toLowerCase() === text.toLowerCase() || (number !== undefined && one === number),
    );
    if (exact !== undefined) return exact as Json;
    // "Alpine Research Station" is no research: all of a name is what a member means.
    const said = terms(text);
    const member = enumOf(shape, said);
    return member !== undefined && said.every((one) => member.by.includes(one)) ? member.value : undefined;
  }
  if (isNumeric(shape)) {
    const isWhole = type === 'number' || Number.isInteger(number);
    return number === undefined || !isWhole || number < (minimum ?? number) || number > (maximum ?? number)
      ? undefined
      : number;
  }
  if (type === 'boolean')
    return /^(?:true|yes|on|1)$/i.test(text) ? true : /^(?:false|no|off|0)$/i.test(text) ? false : undefined;
  if (type === 'object' || type === 'array') return undefined;
  if (moment !== undefined && isTemporal(shape, [])) return renderDate(moment.at, shape);
  return (FORMATS[format ?? '']?.test(text) ?? true) && text.length <= (maxLength ?? text.length) ? text : undefined;
}

/** What a text of a format looks like. */
const FORMATS: Readonly<Record<string, RegExp>> = {
  email: /@/,
  uuid: /^[0-9a-f-]{36}$/i,
  uri: /^https?:/,
  url: /^https?:/,
  date: /^\d{4}-\d\d-\d\d/,
  'date-time': /^\d{4}-\d\d-\d\d/,
};

import type { Json } from '@errand/contracts';
import { toLocalTime } from '../sandbox/expression/zones.ts';
import { beginning, cut, toSingleLine } from '../tools/label.ts';

/** Shows invisible characters as escapes, not as spaces, because they are sent with the value; line ends are spaces. */
const escaped = (text: string): string =>
  text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);

export const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** "a", "a and b", "a, b and c". */
export const joinWords = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 20 });
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MOMENT = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d)(?::(\d\d))?(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** A day or a moment in words, such as `26 Nov 2026, 10:00 UTC`; undefined for other texts. */
function momentOf(text: string, timeZone = 'UTC'): string | undefined {
  const [, year, month, day, time, seconds = '00', zone = ''] = MOMENT.exec(text) ?? [];
  if (year === undefined) return undefined;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.toISOString().slice(0, 10) !== text.slice(0, 10)) return undefined;
  const on = `${Number(day)} ${MONTHS[Number(month) - 1]} ${year}`;
  if (time === undefined) return on;
  const moment = new Date(text);
  if (zone !== '' && timeZone !== 'UTC' && !Number.isNaN(moment.getTime()))
    return `${momentOf(toLocalTime(moment, timeZone).toISOString().slice(0, 19))} (${timeZone})`;
  const at = `${time}${seconds === '00' ? '' : `:${seconds}`}`;
  return `${on}, ${at}${zone === 'Z' ? ' UTC' : zone === '' ? '' : ` (UTC${zone})`}`;
}

/** A number in words; the grouping of digits begins at 10,000, because shorter ones may be years. */
const numberOf = (value: number): string => (Math.abs(value) < 10_000 ? String(value) : grouped.format(value));

/**
 * A value in a sentence: texts of several words are quoted and cut, days and large numbers are written out.
 * @param verbatim for ids and codes, which stay unchanged
 * @param timeZone for moments; UTC by default
 */
export function valueText(value: Json, verbatim = false, timeZone?: string): string {
  if (value === null) return 'nothing';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return verbatim ? String(value) : numberOf(value);
  if (typeof value === 'string') {
    const moment = verbatim ? undefined : momentOf(value, timeZone);
    const plain = /^[\p{L}\p{N}][\p{L}\p{N}_.@:+/-]*$/u.test(value);
    return moment ?? (plain ? cut(value) : `"${beginning(value, escaped)}"`);
  }
  return Array.isArray(value)
    ? listText(value, verbatim, timeZone)
    : (nameOf(value) ?? counted(Object.keys(value).length, 'field'));
}

function listText(value: readonly Json[], verbatim: boolean, timeZone: string | undefined): string {
  const scalars = value.filter((item) => typeof item !== 'object');
  if (scalars.length < value.length || value.length === 0) return counted(value.length, 'item');
  const first = scalars.slice(0, 3).map((item) => valueText(item, verbatim, timeZone));
  return joinWords(value.length > 3 ? [...first, `${value.length - 3} more`] : first);
}

export const counted = (count: number, noun: string): string =>
  `${count === 0 ? 'no' : grouped.format(count)} ${count === 1 ? noun : plural(noun)}`;

const ENDINGS: readonly [RegExp, string][] = [
  [/(?:person)$/, 'people'],
  [/([^aeiou])y$/, '$1ies'],
  [/(s|x|z|ch|sh)$/, '$1es'],
  [/$/, 's'],
];

export function plural(noun: string): string {
  const [pattern, ending] = ENDINGS.find(([end]) => end.test(noun))!;
  return noun.replace(pattern, ending);
}

/** The singular of an English noun, if it is a plural. */
export const singular = (noun: string): string =>
  noun
    .replace(/people$/, 'person')
    .replace(/ies$/, 'y')
    .replace(/(ss|x|z|ch|sh)es$/, '$1')
    .replace(/([^su])s$/, '$1');

/** Members of one object that sentences and names look at. A service may send a hundred thousand. */
const MAX_MEMBERS = 1000;

/** The first members of an object. */
export const firstMembers = (thing: { readonly [key: string]: Json }): [string, Json][] =>
  Object.keys(thing)
    .slice(0, MAX_MEMBERS)
    .map((key) => [key, thing[key]!]);

const NAMES = ['name', 'displayname', 'fullname', 'title', 'subject', 'label', 'summary', 'email', 'login', 'username'];

/** The name, title or the like of a thing, on one line; undefined when it has none. */
export function nameOf(thing: { readonly [key: string]: Json }): string | undefined {
  const members = new Map(firstMembers(thing).map(([key, value]) => [key.replace(/[_-]/g, '').toLowerCase(), value]));
  const text = (key: string): string | undefined => {
    const value = members.get(key);
    const line = typeof value === 'string' ? beginning(value, toSingleLine) : '';
    return line === '' ? undefined : line;
  };
  const [first, last] = [text('firstname') ?? text('givenname'), text('lastname') ?? text('familyname')];
  const whole = text('name') ?? text('displayname') ?? text('fullname');
  if (whole === undefined && first !== undefined && last !== undefined) return `${first} ${last}`;
  return NAMES.map(text).find((name) => name !== undefined);
}

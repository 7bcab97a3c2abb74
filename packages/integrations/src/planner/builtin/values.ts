// Values in prose: quoted strings, addresses, ids, numbers with comparisons, times, pairs.
import { STOPWORDS } from './lexicon/stopwords.ts';
import { type Moment, type Period, takeMoments, takePeriods, takeYears } from './periods.ts';
import type { Text } from './text.ts';
import { joinPhrases, type Term, term, terms, words } from './words.ts';

export type Value = {
  kind: 'quoted' | 'email' | 'url' | 'id' | 'number' | 'moment' | 'period' | 'duration' | 'name' | 'pair';
  /** What the service would be sent if it takes text. */
  text: string;
  at: number;
  end: number;
  number?: number;
  money?: boolean;
  currency?: string;
  /** "third episode": counts places rather than things. */
  ordinal?: boolean;
  compare?: 'low' | 'high';
  /** "over" rather than "at least". */
  strict?: boolean;
  moment?: Moment;
  period?: Period;
  /** Minutes. */
  minutes?: number;
  /** Words next to it, nearest first. */
  before: readonly Term[];
  after: readonly Term[];
  /** The word right before it is a noun, as in "order 12". */
  adjacent?: boolean;
  /** The little word in front: for, with, to, from, by, at … */
  preposition?: string;
  /** For names: whether capital letters say so, rather than only its place. */
  sure?: boolean;
  fromContext: boolean;
};

const PREPOSITION =
  /^(for|with|of|from|by|at|to|in|on|about|called|named|titled|as|into|under|since|after|before|until|till|saying|is|regarding|re|between|per|than|against)$/i;

/** A value with the words around it. */
export function around(
  text: Text,
  at: number,
  end: number,
): Pick<Value, 'at' | 'end' | 'before' | 'after' | 'adjacent' | 'preposition' | 'fromContext'> {
  const before = text.before(at, 7);
  const nearest = [...before].reverse();
  const telling = (list: readonly string[]) =>
    joinPhrases(list.map((word) => words(word).join(' ')))
      .filter((word) => word !== '' && !/^\d+$/.test(word) && !STOPWORDS.has(word))
      .map(term);
  const preposition = nearest
    .slice(0, 2)
    .find((word) => PREPOSITION.test(word))
    ?.toLowerCase();
  return {
    at,
    end,
    before: telling(before.slice(-6)).reverse(),
    after: telling(text.after(end, 3)),
    adjacent:
      nearest[0] !== undefined &&
      (/^(?:no|nr|number|id)$/i.test(nearest[0]) || !STOPWORDS.has(nearest[0].toLowerCase())),
    preposition,
    fromContext: false,
  };
}

const SMALL: Readonly<Record<string, number>> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  fifteen: 15,
  twenty: 20,
  thirty: 30,
  fifty: 50,
  hundred: 100,
}; // prettier-ignore
const ORDINALS: Readonly<Record<string, number>> = {
  first: 1,
  second: 2,
  third: 3,
  fourth: 4,
  fifth: 5,
  sixth: 6,
  seventh: 7,
  eighth: 8,
  ninth: 9,
  tenth: 10,
}; // prettier-ignore
const SCALE: Readonly<Record<string, number>> = {
  k: 1e3,
  thousand: 1e3,
  m: 1e6,
  mio: 1e6,
  million: 1e6,
  bn: 1e9,
  b: 1e9,
  billion: 1e9,
};
const CURRENCY: Readonly<Record<string, string>> = {
  $: 'USD',
  '€': 'EUR',
  '£': 'GBP',
  '¥': 'JPY',
  dollar: 'USD',
  dollars: 'USD',
  bucks: 'USD',
  euro: 'EUR',
  euros: 'EUR',
  pound: 'GBP',
  pounds: 'GBP',
  usd: 'USD',
  eur: 'EUR',
  gbp: 'GBP',
  chf: 'CHF',
  jpy: 'JPY',
  cad: 'CAD',
  aud: 'AUD',
  yen: 'JPY',
}; // prettier-ignore

const LOW =
  /(?:\b(?:over|above|more than|greater than|exceed(?:s|ing)?|bigger than|larger than|higher than|longer than|older than|upwards of|beyond|after|in excess of)|>)\s*$/i;
const LOW_TOO =
  /(?:\b(?:at least|no less than|not less than|minimum(?: of)?|min|from|starting (?:at|from)|since|no earlier than|not before|no lower than|no fewer than)|>=|≥)\s*$/i;
const HIGH =
  /(?:\b(?:under|below|less than|fewer than|smaller than|lower than|cheaper than|shorter than|younger than|before|prior to|earlier than)|<)\s*$/i;
const HIGH_TOO =
  /(?:\b(?:at most|no more than|not more than|maximum(?: of)?|max|up to|until|till|through|no later than|within|not exceeding|by)|<=|≤)\s*$/i;

/** What a comparison in front of a value says. */
export function comparison(before: string, after: string): Pick<Value, 'compare' | 'strict'> {
  const plain = before.replace(/(?:\b(?:of|the|a|an|about|approximately|around)|[$€£¥])\s*$/i, '').replace(/\s+$/, ' ');
  if (
    /^\s*(?:\+|or (?:more|above|higher|later|over|greater|better|up)|and (?:up|above|more|over)|plus\b|and later)/i.test(
      after,
    )
  )
    return { compare: 'low' };
  if (/^\s*(?:or (?:less|below|lower|fewer|earlier|under|cheaper)|and (?:below|under|less))/i.test(after))
    return { compare: 'high' };
  if (LOW_TOO.test(plain)) return { compare: 'low' };
  if (HIGH_TOO.test(plain)) return { compare: 'high' };
  if (LOW.test(plain)) return { compare: 'low', strict: true };
  if (HIGH.test(plain)) return { compare: 'high', strict: true };
  return {};
}

/**
 * Takes every value but names out of a text.
 * @param forward whether a weekday means the coming one, as it does when something is to be planned
 */
export function takeValues(text: Text, now: Date, forward: boolean): Value[] {
  const values: Value[] = [];
  const add = (kind: Value['kind'], { at, end }: { at: number; end: number }, more: Partial<Value>) => {
    values.push({ kind, text: text.whole.slice(at, end).trim(), ...around(text, at, end), ...more });
  };
  const quotes =
    /"([^"\n]+)"|“([^”\n]+)”|«([^»\n]+)»|`([^`\n]+)`|(?<![\p{L}\p{N}])'([^'\n]{2,}?)'(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])‘([^’\n]+)’/gu;
  for (const found of text.take(quotes, (match) =>
    match
      .slice(1)
      .find((part) => part !== undefined)!
      .trim(),
  ))
    add('quoted', found, { text: found.value });
  for (const found of text.take(/[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu, (match) => match[0]))
    add('email', found, {});
  for (const found of text.take(/\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)]/gi, (match) => match[0]))
    add('url', found, {});
  for (const found of text.take(
    /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,
    (match) => match[0],
  ))
    add('id', found, {});
  takeTimes(text, now, forward, values, add);
  for (const found of text.take(
    /\b(?!\d+-(?:minute|hour|day))(?!(?:top|mid|first|last|pre|post)-\d)(?=[\w-]*\d)(?:[A-Za-z]{1,12}[-_][A-Za-z0-9][\w-]*|[A-Za-z]{2,4}\d{3,}\w*)\b|#\s?\w*\d\w*/g,
    (match) => match[0].replace(/^#\s?/, ''),
  )) {
    add('id', found, { text: found.value });
  }
  takeNumbers(text, values, add);
  return values.sort((a, b) => a.at - b.at);
}

type Add = (kind: Value['kind'], place: { at: number; end: number }, more: Partial<Value>) => void;

function takeTimes(text: Text, now: Date, forward: boolean, values: Value[], add: Add): void {
  const compared = ({ at, end }: { at: number; end: number }) =>
    comparison(text.whole.slice(0, at), text.whole.slice(end));
  for (const found of takePeriods(text, now)) add('period', found, { period: found.period, ...compared(found) });
  const lasting =
    /(?<!\b(?:in|last|past|next|every|each)\s+)(?:\bfor\s+)?\b(\d+(?:\.\d+)?|an?|half an|one|two|three)[\s-]?(minutes?|mins?|hours?|hrs?|h)\b(?!\s*(?:ago|later|from|before|after|each|earlier))/gi;
  for (const found of text.take(lasting, (match) => {
    const amount =
      match[1]!.toLowerCase() === 'half an'
        ? 0.5
        : (SMALL[match[1]!.toLowerCase()] ?? (/^an?$/i.test(match[1]!) ? 1 : Number(match[1])));
    return amount * (/^m/i.test(match[2]!) ? 1 : 60);
  })) {
    add('duration', found, { minutes: found.value });
  }
  for (const found of takeMoments(text, now, forward))
    add(found.moment ? 'moment' : 'period', found, { moment: found.moment, period: found.period, ...compared(found) });
  for (const found of takeYears(text)) add('period', found, { period: found.period, ...compared(found) });
  // "between March 1 and April 3": the first bounds from below, the second from above.
  const times = values.filter(({ kind }) => kind === 'moment' || kind === 'period').sort((a, b) => a.at - b.at);
  for (const [index, value] of times.entries()) {
    const next = times[index + 1];
    if (next === undefined || !/^\s*(?:and|to|until|till|-|–)\s*$/i.test(text.whole.slice(value.end, next.at)))
      continue;
    if (!/\b(?:between|from)\s*(?:the\s*)?$/i.test(text.whole.slice(0, value.at))) continue;
    value.compare = 'low';
    next.compare = 'high';
    next.strict = false;
  }
}

function takeNumbers(text: Text, values: Value[], add: Add): void {
  for (const found of text.take(
    /\b(\d+)(?:st|nd|rd|th)\b|\b(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\b(?=\s+\p{L})/giu,
    (match) => Number(match[1] ?? ORDINALS[match[2]!.toLowerCase()]),
  )) {
    add('number', found, { number: found.value, text: String(found.value), ordinal: true });
  }
  const pattern =
    /([$€£¥])?\s?(?<![\p{L}\p{N}.])(\d{1,3}(?:[,'’ ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s?(k|m|mio|bn|b|thousand|million|billion)?\b\s?(%|percent|dollars?|euros?|pounds?|bucks|usd|eur|gbp|chf|jpy|cad|aud|yen|€|£|\$)?/giu;
  // "2 Broke Girls": a number before capitals belongs to their name.
  const inName = (match: RegExpExecArray) =>
    /^\s\p{Lu}[\p{L}]+\s\p{Lu}/u.test(text.rest.slice(match.index + match[0].trimEnd().length));
  for (const found of text.take(pattern, (match) => (inName(match) ? undefined : match))) {
    const [whole, symbol, digits = '', scale, unit] = found.value;
    const number = Number(digits.replace(/[,'’ ]/g, '')) * (SCALE[scale?.toLowerCase() ?? ''] ?? 1);
    const currency = CURRENCY[symbol ?? ''] ?? CURRENCY[unit?.toLowerCase() ?? ''];
    const at = found.at + (whole.length - whole.trimStart().length);
    const place = { at, end: found.at + whole.trimEnd().length };
    const between = /\bbetween\s*[$€£]?\s*$/i.test(text.whole.slice(0, at));
    add('number', place, {
      number,
      text: digits.replace(/[,'’ ]/g, ''),
      money: currency !== undefined || undefined,
      currency,
      ...(between ? { compare: 'low' } : comparison(text.whole.slice(0, at), text.whole.slice(place.end))),
    });
  }
  for (const found of text.take(
    /\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|fifty|hundred)\b(?!\s+of\b)/gi,
    (match) => SMALL[match[1]!.toLowerCase()],
  )) {
    add('number', found, {
      number: found.value,
      text: String(found.value),
      ...comparison(text.whole.slice(0, found.at), text.whole.slice(found.end)),
    });
  }
  const numbers = values.filter(({ kind }) => kind === 'number').sort((a, b) => a.at - b.at);
  for (const [index, value] of numbers.entries()) {
    const next = numbers[index + 1];
    const joined = next !== undefined && /^\s*(?:and|to|-|–)\s*$/i.test(text.whole.slice(value.end, next.at));
    if (!joined || !/\b(?:between|from)\s*[$€£]?\s*$/i.test(text.whole.slice(0, value.at))) continue;
    value.compare = 'low';
    next.compare = 'high';
    next.strict = undefined;
    next.before = value.before;
    next.money ??= value.money;
  }
}

/** `key=value; key: value` pairs of a context, and the prose that is left. */
export function takePairs(context: string): { pairs: Value[]; prose: string } {
  const pairs: Value[] = [];
  const prose: string[] = [];
  for (const piece of context.split(/[;\n]+/)) {
    const match = /^\s*([\p{L}_][\p{L}\p{N}_ .-]{0,40}?)\s*(?:=|:(?!\/\/))\s*(.+?)\s*$/u.exec(piece);
    if (match === null || match[1]!.trim().split(/\s+/).length > 4) {
      if (piece.trim() !== '') prose.push(piece.trim());
      continue;
    }
    const [, key = '', raw = ''] = match;
    const plain = raw.replace(/^(["'])(.*)\1$/, '$2');
    const number = /^-?\d+(?:\.\d+)?$/.test(plain) ? Number(plain) : undefined;
    pairs.push({
      kind: 'pair',
      text: plain,
      number,
      at: -1,
      end: -1,
      before: terms(key).length > 0 ? terms(key) : [term(key.toLowerCase())],
      after: [],
      fromContext: true,
    });
  }
  return { pairs, prose: prose.join('. ') };
}

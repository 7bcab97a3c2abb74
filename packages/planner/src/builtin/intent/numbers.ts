// Numbers in prose: digits and words, money, scales, ordinals, ranges.
import { SMALL } from './number-words.ts';
import type { Text } from './text.ts';
import { unitOf } from './units.ts';
import { type Add, comparison, type Value } from './value.ts';

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];
const pairs = (text: string) => new Map(text.split(' ').map((entry) => entry.split(':') as [string, string]));
const SCALE = pairs('k:1e3 thousand:1e3 m:1e6 mio:1e6 million:1e6 bn:1e9 b:1e9 billion:1e9');
const CURRENCY = pairs(
  '$:USD dollar:USD dollars:USD usd:USD €:EUR euro:EUR euros:EUR eur:EUR £:GBP pound:GBP pounds:GBP gbp:GBP ¥:JPY yen:JPY chf:CHF',
);

/** A number with its scale and its unit; a word that is no unit does not belong to it. */
function whole(match: RegExpExecArray) {
  const [all, symbol, written = '', short, scale, sign, word] = match;
  const unit = word !== undefined && unitOf(word) !== undefined ? word : undefined;
  return {
    ...{ symbol, short, scale, sign, unit, digits: Number(written.replace(/[,'’ ]/g, '')) },
    at: match.index + (all.length - all.trimStart().length),
    end:
      match.index +
      all.trimEnd().length +
      (unit === undefined ? 0 : match.input.slice(match.index + all.trimEnd().length).indexOf(unit) + unit.length),
  };
}

/** Takes the numbers that are left when times and ids are taken. */
export function takeNumbers(text: Text, values: Value[], add: Add): void {
  for (const found of text.take(
    new RegExp(`\\b(\\d+)(?:st|nd|rd|th)\\b|\\b(${ORDINALS.join('|')})\\b(?=\\s+\\p{L})`, 'giu'),
    // "Fourth Coffee" is a name.
    (match) =>
      /^\p{Lu}/u.test(match[0]) && /^\s\p{Lu}/u.test(text.rest.slice(match.index + match[0].length))
        ? undefined
        : Number(match[1] ?? ORDINALS.indexOf(match[2]!.toLowerCase()) + 1),
  )) {
    add('number', found, { number: found.value, text: String(found.value), ordinal: true });
  }
  const pattern =
    /([$€£¥])?\s?(?<![\p{L}\p{N}.])(\d{1,3}(?:[,'’ ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:(k|m|mio|bn|b)\b|\s?(thousand|million|billion)\b)?(?!\p{L}{4})(?:\s?(%|°c|€|£|\$))?(?=(?:\s?(\p{L}+))?)/giu;
  // "2 Broke Girls": a number before capitals belongs to their name.
  const inName = (match: RegExpExecArray) =>
    /^\s\p{Lu}[\p{L}]+\s\p{Lu}/u.test(text.rest.slice(match.index + match[0].trimEnd().length));
  for (const found of text.take(pattern, (match) => (inName(match) ? undefined : whole(match)))) {
    const { digits, short, scale, sign, unit } = found.value;
    const symbol = found.value.symbol ?? sign;
    const currency = CURRENCY.get(symbol ?? '') ?? CURRENCY.get(unit?.toLowerCase() ?? '');
    const isMoney = currency !== undefined || unitOf(unit ?? '')?.kind === 'money';
    // "2m" are two million, "2 m" are metres.
    const number = digits * Number(SCALE.get((scale ?? short)?.toLowerCase() ?? '') ?? 1);
    const { at, end } = found.value;
    text.mask(at, end);
    const span = { at, end };
    const between = /\bbetween\s*[$€£]?\s*$/i.test(text.whole.slice(0, at));
    add('number', span, {
      number,
      text: String(digits),
      ...(unit !== undefined && { unit: unit.toLowerCase() }),
      money: isMoney || undefined,
      currency,
      ...(between ? { compare: 'low' } : comparison(text.whole.slice(0, at), text.whole.slice(span.end))),
    });
  }
  for (const found of text.take(
    new RegExp(`(?<!\\b(?:each|every)\\s+)\\b(${[...SMALL.keys()].join('|')})\\b(?!\\s+of\\b)`, 'gi'),
    (match) => SMALL.get(match[1]!.toLowerCase()),
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

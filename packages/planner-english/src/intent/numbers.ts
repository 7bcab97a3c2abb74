// Numbers in prose: digits and words, money, scales, ordinals, ranges.

import { term } from '../lexicon/words.ts';
import { SMALL } from './number-words.ts';
import type { Text } from './text.ts';
import { unitOf } from './units.ts';
import { type Add, comparison, pair, type Value } from './value.ts';

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];
const ORDINAL = new RegExp(`\\b(\\d+)(?:st|nd|rd|th)\\b|\\b(${ORDINALS.join('|')})\\b(?=\\s+\\p{L})`, 'giu');
const IN_WORDS = new RegExp(`(?<!\\b(?:each|every)\\s+)\\b(${[...SMALL.keys()].join('|')})\\b(?!\\s+of\\b)`, 'gi');
const IN_DIGITS =
  /([$€£¥])?\s?(?<![\p{L}\p{N}.])(\d{1,3}(?:[,'’ ]\d{3})+(?:\.\d+)?|(?:\d{1,3}(?:\.\d{3})+|\d+),\d{1,2}(?![\d,])(?:(?<=[$€£¥]\s?[\d.]+,\d+)|(?=\s?(?:[€£$%]|(?:euros?|eur|kr|chf|kg|km|hours?)\b)))|\d{1,3}(?:\.\d{3}){2,}|\d+(?:\.\d+)?)(?:(k|m|mio|bn|b)\b|\s?(thousand|million|billion)\b)?(?!\p{L}{4})(?:\s?(%|°c|€|£|\$))?(?=(?:\s?(\p{L}+))?)/giu;
/** "60000 a year" */
const RATE = /^\s+(?:an?|per)\s+(?:year|month|week|day|hour)\b/i;
const SCALE: readonly [RegExp, number][] = [
  [/^(?:k|thousand)$/i, 1e3],
  [/^(?:m|mio|million)$/i, 1e6],
  [/^(?:b|bn|billion)$/i, 1e9],
];

// "1.234,50" has a decimal comma, "1,234.50" a point; "1.234.567" has points between thousands.
function plainOf(written: string): number {
  if (/,\d{1,2}$/.test(written)) return Number(written.replaceAll('.', '').replace(',', '.'));
  return Number(written.replace(/\.\d+\./.test(written) ? /\./g : /[,'’ ]/g, ''));
}

/** Takes the numbers that are left when times and ids are taken. */
export function takeNumbers(text: Text, values: Value[], add: Add): void {
  const compared = (at: number, end: number) => ({
    ...comparison(text.whole.slice(0, at), text.whole.slice(end)),
    ...(/\bfewer(?:\s+than)?\s*$/i.test(text.whole.slice(0, at)) && { counts: true }),
  });
  for (const found of text.take(ORDINAL, (match) => {
    // "Fourth Coffee" is a name.
    const isName = /^\p{Lu}/u.test(match[0]) && /^\s\p{Lu}/u.test(text.rest.slice(match.index + match[0].length));
    return isName ? undefined : Number(match[1] ?? ORDINALS.indexOf(match[2]!.toLowerCase()) + 1);
  }))
    add('number', found, { number: found.value, text: String(found.value), ordinal: true });
  // "2 Broke Girls": a number before capitals belongs to their name.
  const isInName = ({ 0: all, index }: RegExpExecArray) =>
    /^\s\p{Lu}[\p{L}’']+\s\p{Lu}/u.test(text.rest.slice(index + all.trimEnd().length));
  for (const { value: match, at: from } of text.take(IN_DIGITS, (match) => (isInName(match) ? undefined : match))) {
    const [all, symbol, written = '', short, scale, sign, word] = match;
    // A word that is no unit does not belong to it.
    const unit = word !== undefined && unitOf(word) !== undefined ? word.toLowerCase() : undefined;
    const at = from + (all.length - all.trimStart().length);
    const digits = from + all.trimEnd().length;
    const plainEnd = unit === undefined ? digits : text.whole.toLowerCase().indexOf(unit, digits) + unit.length;
    const end = plainEnd + (RATE.exec(text.rest.slice(plainEnd))?.[0].length ?? 0);
    text.mask(at, end);
    // "2m" are two million, "2 m" are metres.
    const [, times] = SCALE.find(([pattern]) => pattern.test(scale ?? short ?? '')) ?? ['', 1];
    const plain = plainOf(written);
    const counted = unit ?? [symbol, sign].find((one) => one !== undefined && /[$€£¥]/.test(one));
    const isMoney = unitOf(counted ?? '')?.kind === 'money';
    const said = { number: plain * times, text: String(plain), ...(counted && { unit: counted }) };
    const value = isMoney ? { ...said, money: true } : said;
    // "100 per guest"
    const [, per] = /^\s+per\s+(\p{L}+)/iu.exec(text.whole.slice(plainEnd)) ?? [];
    add('number', { at, end }, { ...value, ...compared(at, end), ...(per && { per: term(per.toLowerCase()) }) });
  }
  for (const found of text.take(IN_WORDS, (match) => SMALL.get(match[1]!.toLowerCase())))
    add('number', found, { number: found.value, text: String(found.value), ...compared(found.at, found.end) });
  pair(
    text.whole,
    values.filter(({ kind }) => kind === 'number'),
  );
}

import { IRREGULAR, SHORT } from './values.ts';

const mapOf = (list: string) => new Map(list.split(/\s+/).map((pair) => pair.split(':') as [string, string]));
const irregulars = mapOf(IRREGULAR);
const shorts = mapOf(SHORT);

/** The dictionary form of a lower-case word: plurals undone, short forms written out. */
export function lemma(word: string): string {
  const irregular = irregulars.get(word) ?? shorts.get(word);
  if (irregular !== undefined) return irregular;
  if (word.length < 4 || !word.endsWith('s') || /(ss|us|is)$/.test(word)) return word;
  if (word.endsWith('ies')) return word.length > 4 ? `${word.slice(0, -3)}y` : word;
  if (/(sses|xes|ches|shes|zzes)$/.test(word)) return word.slice(0, -2);
  const singular = word.slice(0, -1);
  return shorts.get(singular) ?? singular;
}

const VOWEL = /[aeiouy]/;

/** Endings, longest first, that change the kind of a word and not what it is about. */
const ENDINGS =
  `ization isation ational fulness ousness iveness ations ation ition ments ment ators ator ings ing ions ion ors ers ees ance ence
  able ible ives ive ally ize ise ity ied ed or er ee al ly ic y e`.split(/\s+/);

/**
 * A common root for words of one family (`direct`, `director`, `directed`): strips one suffix, as light stemmers do
 * (after J. Savoy's light stemming), so that few strangers meet.
 */
export function root(word: string): string {
  const base = lemma(word);
  const ending = ENDINGS.find((suffix) => {
    if (!base.endsWith(suffix)) return false;
    const rest = base.slice(0, -suffix.length);
    return rest.length >= (suffix.length > 2 ? 4 : 3) && VOWEL.test(rest);
  });
  if (ending === undefined) return base;
  const rest = base.slice(0, -ending.length);
  return /([^aeiouls])\1$/.test(rest) ? rest.slice(0, -1) : rest;
}

/** The plural of an English noun. */
export const plural = (noun: string): string =>
  /(?:s|x|ch|sh)$/.test(noun) ? `${noun}es` : /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;

// Names of things in prose: what capital letters, or the position in the sentence, show to be a name.
import { STOPWORDS } from '../lexicon/stopwords.ts';
import { inLexicon, type Term, term, words } from '../lexicon/words.ts';
import { verbClasses } from '../tools/action.ts';
import type { Text } from './text.ts';
import { around, type Value } from './value.ts';

const INNER = /^(?:of|the|and|&|de|la|le|van|von|der|du|da|di|for|in|on|a|to|or|vs|y|el)$/i;
const capital = (word: string) => /^\p{Lu}/u.test(word) || /^\d+$/.test(word);

type Token = { word: string; at: number; end: number; first: boolean };

/**
 * Takes names out of a text.
 * @param isSpoken whether the tools speak of a word, so that it is rather a topic ("TV", "API", "CRM")
 */
export function takeNames(text: Text, isSpoken: (word: Term) => boolean): Value[] {
  const tokens: Token[] = [...text.rest.matchAll(/[\p{L}\p{N}][\p{L}\p{N}'’.&-]*[\p{L}\p{N}]|[\p{L}\p{N}]|&/gu)].map(
    (match) => ({
      word: match[0].replace(/['’]s$/, ''),
      at: match.index,
      end: match.index + match[0].replace(/['’]s$/, '').length,
      first:
        /(?:^|[.!?\n]["')\]]*\s*)$/.test(text.whole.slice(0, match.index).trimStart()) ||
        text.whole.slice(0, match.index).trim() === '',
    }),
  );
  const names: Value[] = [];
  // In a text Where Every Word Is Capital capitals tell nothing.
  const capitals = tokens.filter(({ word }) => /^\p{Lu}/u.test(word)).length;
  const telling = tokens.length > 0 && capitals / tokens.length < 0.7;
  const add = (from: Token, to: Token, sure: boolean) => {
    const [at, end] = [from.at, to.end];
    names.push({ kind: 'name', text: text.whole.slice(at, end), sure, ...around(text, at, end) });
    text.mask(at, end);
  };
  for (let index = 0; index < tokens.length; index++) {
    const run = runFrom(text, tokens, index);
    const kept = trimmed(run, text, { isSpoken, telling });
    if (kept.length === 0) continue;
    add(kept[0]!, kept.at(-1)!, true);
    index += run.length - 1;
  }
  return names.sort((a, b) => a.at - b.at);
}

/** Capitalised words in a row, with little words between them ("Lord of the Rings", "Avatar: The Way of Water"). */
function runFrom(text: Text, tokens: readonly Token[], start: number): Token[] {
  const first = tokens[start]!;
  if (!capital(first.word)) return [];
  if (/^\d+$/.test(first.word) && !/^\p{Lu}/u.test(tokens[start + 1]?.word ?? '')) return [];
  const run = [first];
  for (let at = start + 1; at < tokens.length; at++) {
    const gap = text.rest.slice(run.at(-1)!.end, tokens[at]!.at);
    if (!/^(?:['’]s)?[\s:,-]{1,2}$/.test(gap) || gap.startsWith(',') || /^['’]s/.test(gap)) break;
    if (capital(tokens[at]!.word)) run.push(tokens[at]!);
    else if (INNER.test(tokens[at]!.word)) {
      // Little words belong to the name only when a capital follows.
      const ahead = tokens
        .slice(at + 1, at + 3)
        .findIndex(
          ({ word }, index, list) => capital(word) && list.slice(0, index).every((one) => INNER.test(one.word)),
        );
      const joined =
        ahead >= 0 &&
        /^[\s]*$/.test(text.rest.slice(tokens[at]!.end, tokens[at + 1]!.at)) &&
        !/^(?:and|or|for|in|on|to|vs)$/i.test(tokens[at]!.word);
      if (!joined) break;
      run.push(...tokens.slice(at, at + ahead + 1));
      at += ahead;
    } else break;
  }
  return run;
}

/** A run without words at its ends that are no part of a name: a verb that begins the sentence, a noun of the tools. */
function trimmed(
  run: readonly Token[],
  text: Text,
  { isSpoken, telling }: { isSpoken: (word: Term) => boolean; telling: boolean },
): Token[] {
  let kept = [...run];
  const plain = ({ word, first, end }: Token) => {
    const lower = words(word).join(' ');
    if (/^(?:i|i'm|i'd|i'll|ok|hi|hello)$/i.test(word)) return true;
    if (!first) return false;
    if (/^\s+(?:the|an?|all|every|each|my|our|this|these|those)\s/i.test(text.whole.slice(end))) return true;
    return STOPWORDS.has(lower) || verbClasses(lower).length > 0 || isSpoken(term(lower)) || inLexicon(lower);
  };
  while (kept.length > 0 && plain(kept[0]!)) kept = kept.slice(1);
  while (kept.length > 0 && INNER.test(kept[0]!.word) && !/^\p{Lu}/u.test(kept[0]!.word)) kept = kept.slice(1);
  while (kept.length > 1 && /^\d+$/.test(kept.at(-1)!.word)) kept = kept.slice(0, -1);
  // One word that the tools speak of, or abbreviations of theirs, are topics.
  const acronym = ({ word }: Token) => /^\p{Lu}{2,5}$/u.test(word);
  const surely = telling && kept.length > 1 && !kept.some((token) => token.first) && !kept.every(acronym);
  if (!surely && kept.every(({ word }) => spokenOf(word, isSpoken))) return [];
  if (kept.length > 1 && spokenOf(kept.at(-1)!.word, isSpoken) && /^\p{Lu}+$/u.test(kept.at(-1)!.word))
    kept = kept.slice(0, -1);
  return kept;
}

const spokenOf = (word: string, isSpoken: (word: Term) => boolean) => {
  const lower = words(word).join(' ');
  return STOPWORDS.has(lower) || (isSpoken(term(lower)) && (word.length <= 4 || inLexicon(lower)));
};

// Names in an intent that rows have: by their whole text, or by a part of it that says which.
import type { KnownSpan } from '../intent/names.ts';
import { isQuoted, type Text } from '../intent/text.ts';
import { lemma } from '../lexicon/stem.ts';
import { STOPWORDS } from '../lexicon/stopwords.ts';
import { inLexicon, type Term, term } from '../lexicon/words.ts';
import { verbClasses } from '../tools/action.ts';
import { type Operation, rowFieldsOf } from '../tools/operation.ts';
import { ownIdOf, referenceNouns } from '../tools/sources.ts';
import type { Seen, SeenField } from './seen.ts';

type Entry = { parts: readonly string[]; operation: Operation; field: SeenField };
type Token = { word: string; at: number; end: number; first: boolean };

const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const WORD = /[\p{L}\p{N}\p{M}]+(?:[.&+'’-][\p{L}\p{N}\p{M}]+)*/gu;
const partsOf = (text: string): string[] =>
  fold(text)
    .match(WORD)
    ?.map((word) => word.replace(/['’]s$/, '')) ?? [];

/** What rows are called and have, but for ids, by the words that it may begin with. */
function entriesOf(seen: Seen): Map<string, { entry: Entry; from: number }[]> {
  const byWord = new Map<string, { entry: Entry; from: number }[]>();
  for (const [operation, { fields }] of seen) {
    const id = ownIdOf(rowFieldsOf(operation));
    for (const one of fields) {
      if (one.field === id || referenceNouns(one.field).length > 0) continue;
      for (const text of one.texts) {
        const entry = { parts: partsOf(text), operation, field: one };
        for (const [from, part] of entry.parts.entries())
          if (one.isName || from === 0) {
            const present = byWord.get(part);
            if (present === undefined) byWord.set(part, [{ entry, from }]);
            else present.push({ entry, from });
          }
      }
    }
  }
  return byWord;
}

/** A reader of the names and texts of rows. @param mentions whether a tool has a word */
export function knownNames(seen: Seen, mentions: (word: Term) => boolean): (text: Text) => KnownSpan[] {
  const byWord = entriesOf(seen);
  // A word that says something by itself is no name by itself.
  const isOwn = (word: string) =>
    !STOPWORDS.has(word) && !/^\d+$/.test(word) && !mentions(term(word)) && verbClasses(lemma(word)).length === 0;
  const isRare = (word: string) => !inLexicon(word) && verbClasses(lemma(word)).length === 0;
  const tells = (tokens: readonly Token[]) =>
    tokens.some(
      ({ word, first }) => (/^\p{Lu}/u.test(word) && !first) || (isOwn(fold(word)) && !inLexicon(fold(word))),
    );

  return (text) => {
    const tokens = [...text.rest.matchAll(WORD)].map((match): Token => {
      const word = match[0].replace(/['’]s$/, '');
      const first = /(?:^|[.!?\n])\s*$/.test(text.whole.slice(0, match.index));
      return { word, first, at: match.index, end: match.index + word.length };
    });
    const folded = tokens.map(({ word }) => fold(word));
    const found: KnownSpan[] = [];
    for (let index = 0; index < tokens.length; index++) {
      const fits = (byWord.get(folded[index]!) ?? []).flatMap(({ entry, from }) => {
        let length = 1;
        while (from + length < entry.parts.length && entry.parts[from + length] === folded[index + length]) length++;
        const isWhole = from === 0 && length === entry.parts.length;
        const own = tokens.slice(index, index + length);
        const isMany = length > 1 || /\d/.test(own[0]!.word);
        // A whole name of several words may have words that tools have, too.
        const isLong = isWhole && length > 1 && own.some(({ word }) => isRare(fold(word)));
        const fit = entry.field.isName
          ? isLong || tells(own)
          : // "7 College Road" of "7 College Road, Northford"
            (isWhole || length > 2) && (isMany || tells(own)) && !(length === 1 && /^\d+$/.test(own[0]!.word));
        return fit ? [{ entry, length, isWhole }] : [];
      });
      const longest = Math.max(0, ...fits.map(({ length }) => length));
      if (longest === 0 || isQuoted(text.whole.slice(0, tokens[index]!.at))) continue;
      const long = fits.filter(({ length }) => length === longest);
      const whole = long.filter(({ isWhole }) => isWhole);
      const all = (whole.length > 0 ? whole : long).map(({ entry }) => entry);
      const names = all.filter(({ field }) => field.isName);
      const [{ operation }] = all as [Entry];
      const isOne = all.every((one) => one.operation === operation);
      const [at, end] = [tokens[index]!.at, tokens[index + longest - 1]!.end];
      // What something is called goes before what else it has.
      const lists = new Map([...all, ...names].map((one) => [one.operation.tool, one.field.at]));
      found.push({ at, end, kinds: isOne && names.length > 0 ? operation.nouns.slice(-1) : [], seen: lists });
      index += longest - 1;
    }
    return found;
  };
}

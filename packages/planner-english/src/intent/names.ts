// Names of things in prose: what capital letters show to be a name.
import { STOPWORDS } from '../lexicon/stopwords.ts';
import { inLexicon, type Term, term, words } from '../lexicon/words.ts';
import { verbClasses } from '../tools/action.ts';
import { Text } from './text.ts';
import { around, type Value } from './value.ts';

const INNER = /^(?:of|the|and|&|de|la|le|van|von|der|du|da|di|for|in|on|a|to|or|vs|y|el)$/i;
const MAX_RUN = 20;
const isUpper = (word: string) => /^\p{Lu}/u.test(word);
const isNumber = (word: string) => /^\d+$/.test(word);
const isCapital = (word: string) => isUpper(word) || isNumber(word);

/** What people are addressed by is no part of what they are called. */
const TITLE = /^(?:dr|mr|mrs|ms|miss|prof|professor|doctor|sir|madam)\.?\s+(?=\p{Lu})/iu;

type Token = { word: string; at: number; end: number; first: boolean };
export type Said = {
  isSpoken: (word: Term) => boolean;
  isMentioned: (word: Term) => boolean;
  isThing?: (word: Term) => boolean;
  /** Where names stand that rows have which were looked at. */
  known?: (text: Text) => readonly KnownSpan[];
};
/** A text that rows have; `kinds`: what it is the name of, where all rows that have it tell the same. */
export type KnownSpan = Required<Pick<Value, 'at' | 'end' | 'seen'>> & { kinds: readonly Term[] };

/** Takes the texts out of a text that rows have. */
export const takeKnown = (text: Text, spans: readonly KnownSpan[]): Value[] =>
  spans.map(({ at, end, kinds, seen }): Value => {
    const told = around(text, at, end);
    text.mask(at, end);
    const type = [...told.type, ...kinds];
    return { ...told, kind: 'name', text: text.whole.slice(at, end), sure: true, type, seen };
  });

/** A quoted text as rows have it, where it is one of theirs. */
export function asKnown(value: Value, { known }: Said): Value {
  if (value.kind !== 'quoted' || value.preposition === 'saying') return value;
  const [span] = known?.(new Text(value.text)) ?? [];
  if (span === undefined || span.end - span.at < value.text.length) return value;
  return { ...value, type: [...value.type, ...span.kinds], seen: span.seen };
}

/**
 * Takes names out of a text.
 * Words that the tools speak of are rather topics ("TV", "API", "CRM").
 */
export function takeNames(text: Text, { isSpoken, isMentioned }: Said): Value[] {
  const tokens = [...text.rest.matchAll(/[\p{L}\p{N}][\p{L}\p{N}'’.&-]*[\p{L}\p{N}]|[\p{L}\p{N}]|&/gu)].map(
    (match): Token => {
      const word = match[0].replace(/['’]s$/, '');
      const before = text.whole.slice(0, match.index).trimStart();
      const first = before === '' || /[.!?\n]["')\]]*\s*$/.test(before);
      return { word, first, at: match.index, end: match.index + word.length };
    },
  );
  // In a text Where Every Word Is Capital capitals tell nothing.
  const telling = tokens.filter(({ word }) => isUpper(word)).length < 0.7 * tokens.length;
  const names: Value[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const run = runFrom(text, tokens, index);
    const kept = trimmed(run, text, { isSpoken, isMentioned }, telling);
    if (kept.length === 0) continue;
    const [at, end] = [kept[0]!.at, kept.at(-1)!.end];
    const title = TITLE.exec(text.whole.slice(at, end))?.[0].length ?? 0;
    const told = around(text, at, end);
    // "the Glacier Vault" is a vault.
    const type = [...told.type, ...(kept.length > 1 ? words(kept.at(-1)!.word).map(term).filter(isSpoken) : [])];
    names.push({ ...told, kind: 'name', text: text.whole.slice(at + title, end), sure: true, type });
    text.mask(at, end);
    index += run.length - 1;
  }
  return names;
}

/** Capitalised words in a row, with little words between them ("Lord of the Rings", "Avatar: The Way of Water"). */
function runFrom(text: Text, tokens: readonly Token[], start: number): Token[] {
  const first = tokens[start]!;
  // `O-`, `A+`: a member of some list.
  if (/^[+-](?!\w)/.test(text.whole.slice(first.end))) return [];
  if (!isCapital(first.word) || (isNumber(first.word) && !isUpper(tokens[start + 1]?.word ?? ''))) return [];
  const run = [first];
  for (let at = start + 1; at < Math.min(tokens.length, start + MAX_RUN); at++) {
    const { word, end } = tokens[at]!;
    const gap = text.rest.slice(run.at(-1)!.end, tokens[at]!.at);
    const isTitle = TITLE.test(`${run.at(-1)!.word} X`) && /^\.\s$/.test(gap);
    if (!isTitle && !/^[\s:-][\s:,-]?$/.test(gap)) break;
    if (!isCapital(word)) {
      // Little words belong to the name only when a capital follows.
      const ahead = tokens.slice(at + 1, at + 3).findIndex((one) => isCapital(one.word));
      const between = tokens.slice(at, at + 1 + ahead);
      const isInner = between.every((one) => INNER.test(one.word)) && !/^(?:and|or|for|in|on|to|vs)$/i.test(word);
      if (ahead < 0 || !isInner || text.rest.slice(end, tokens[at + 1]!.at).trim() !== '') break;
      run.push(...between);
      at += ahead;
    } else run.push(tokens[at]!);
  }
  return run;
}

/** A run without words at its ends that are no part of a name: a verb that begins the sentence, a noun of the tools. */
function trimmed(run: readonly Token[], text: Text, { isSpoken, isMentioned }: Said, telling: boolean): Token[] {
  let kept = [...run];
  const isPlain = ({ word, first, end }: Token) => {
    const lower = words(word).join(' ');
    if (/^(?:i|i'm|i'd|i'll|ok|hi|hello)$/i.test(word)) return true;
    const commands = /^\s+(?:the|an?|all|every|each|my|our|this|these|those)\s/i.test(text.whole.slice(end));
    // One capital that begins a sentence shows nothing, unless something is its own.
    const isSubject = /^(?:['’]s|\s+(?:is|was|has|had|will|wants|needs|just)\b)/.test(text.whole.slice(end));
    const isAlone = run.length === 1 && !isSubject;
    return first && (isAlone || commands || verbClasses(lower).length > 0 || isSpoken(term(lower)) || inLexicon(lower));
  };
  const isSpokenOf = ({ word }: Token) => {
    const lower = words(word).join(' ');
    return (
      STOPWORDS.has(lower) ||
      (/^\p{Lu}{2,5}$/u.test(word) && isMentioned(term(lower))) ||
      (isSpoken(term(lower)) && (word.length <= 4 || inLexicon(lower)))
    );
  };
  while (kept.length > 0 && isPlain(kept[0]!)) kept = kept.slice(1);
  while (kept.length > 0 && INNER.test(kept[0]!.word) && !isUpper(kept[0]!.word)) kept = kept.slice(1);
  while (kept.length > 1 && isNumber(kept.at(-1)!.word)) kept = kept.slice(0, -1);
  // One word that the tools speak of, or abbreviations of theirs, are topics.
  const isAcronym = ({ word }: Token) => /^\p{Lu}{2,5}$/u.test(word);
  const surely = telling && kept.length > 1 && !kept.some(({ first }) => first) && !kept.every(isAcronym);
  if (!surely && kept.every(isSpokenOf)) return [];
  const last = kept.at(-1)!;
  // "Nordlys AS" is called so, whatever "as" says elsewhere.
  const isOther = isSpokenOf(last) && !STOPWORDS.has(last.word.toLowerCase());
  return kept.length > 1 && isOther && /^\p{Lu}+$/u.test(last.word) ? kept.slice(0, -1) : kept;
}

const USER =
  /\b(?:(?<=\b(?:to|by|with|of|for|from)\s+)me|(?<=\b(?:do|did|am|have|had|will|must|should|that|which)\s+)i|my(?:\s+own)?|mine)\b(?!\s+(?:need|want)\b)/gi;

/** Who is asking, where it says whose things are meant: "my jobs", "assigned to me", "do I have". */
export function takeUser(text: Text, { name, id, creates }: { name: string; id: string; creates: boolean }): Value[] {
  const isReceiver = (before: string) =>
    /\b(?:give|show|tell|list|find|get|send)\b.*(?<!ed|belongs?|due)\s+to\s+$|\bfor\s+$/is.test(before);
  const [owner] = text.take(USER, (match, before) => (isReceiver(before) ? undefined : match[0]));
  // "Add a task for me": whose it is, where that must be told, and else only polite.
  const [receiver] = owner || !creates ? [] : text.take(/(?<=\bfor\s+)me\b(?!\s+(?:and|or)\b)/gi, ([match]) => match);
  const found = owner ?? receiver;
  if (found === undefined) return [];
  const told = around(text, found.at, found.end);
  const owns = /^m(?:y|ine)/i.test(found.value);
  const address = /^\S+@\S+\.\S+$/.test(id) && { address: id };
  return [
    {
      ...told,
      kind: 'name',
      text: name,
      self: true,
      sure: true,
      ...address,
      ...((owns || receiver) && { type: [], ties: [] }),
      ...(receiver && { optional: true }),
    },
  ];
}

// Words as the planner compares them: their own form, their root, and the concepts that the lexicon files them under.

import { NOUNS } from './nouns.ts';
import { lemma, root } from './stem.ts';
import { STOPWORDS } from './stopwords.ts';
import { VALUE_GROUPS } from './values.ts';

export type Term = {
  /** Unique while the process lives: pairs are remembered by it. */
  id: number;
  /** As written, lower case; parts of a phrase apart by spaces. */
  text: string;
  lemma: string;
  root: string;
  /** Numbers of the synonym lines that hold it. */
  groups: readonly number[];
};

const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const groupsOf = new Map<string, number[]>();
const rootGroups = new Map<string, number[]>();
const phrases = new Map<string, string[][]>();

const put = (map: Map<string, number[]>, key: string, group: number) => {
  const present = map.get(key);
  if (present === undefined) map.set(key, [group]);
  else if (!present.includes(group)) present.push(group);
};

const phraseLemma = (parts: readonly string[]) => parts.map(lemma).join(' ');

for (const [group, line] of lines(`${NOUNS}\n${VALUE_GROUPS}`).entries()) {
  for (const entry of line.split(/\s+/)) {
    const parts = entry.split('_');
    put(groupsOf, phraseLemma(parts), group);
    if (parts.length === 1) put(rootGroups, root(entry), group);
    else {
      const first = lemma(parts[0]!);
      phrases.set(
        first,
        [...(phrases.get(first) ?? []), parts.map(lemma)].sort((a, b) => b.length - a.length),
      );
    }
  }
}
const NONE: readonly number[] = [];
const known = new Map<string, Term>();
const read = new Map<string, readonly Term[]>();
let nextId = 1;

/** The term of a word, or of a phrase whose parts are apart by spaces. */
export function term(text: string): Term {
  const present = known.get(text);
  if (present !== undefined) return present;
  const parts = text.split(' ');
  const own = phraseLemma(parts);
  const made: Term = {
    id: nextId++,
    text,
    lemma: own,
    root: parts.length > 1 ? own : root(text),
    groups:
      groupsOf.get(own) ?? (parts.length > 1 ? undefined : (groupsOf.get(text) ?? rootGroups.get(root(text)))) ?? NONE,
  };
  // Words of documents come from outside: the memory of them is bounded.
  if (known.size + read.size > 50_000) {
    known.clear();
    read.clear();
  }
  known.set(text, made);
  return made;
}

/** Whether the lexicon knows the word in this form. */
export const inLexicon = (word: string) => groupsOf.has(lemma(word)) || STOPWORDS.has(word);

/** The words of an identifier or of prose, lower case: `accountId`, `account_id`, `Account ID` → account, id. */
export function words(text: string): string[] {
  return (
    text
      // kVA, kWh and kWp are one word each.
      .replace(/\b[a-z][A-Z]{1,2}[hp]?\b/g, (unit) => unit.toLowerCase())
      .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
      .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
      .toLowerCase()
      .replace(/\be-(?=mails?\b)/g, 'e')
      .replace(/n['’]t\b/g, ' not')
      .replace(/['’](?:s|d|ll|re|ve|m)\b/g, '')
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word !== '')
  );
}

/** Joins words to the phrases of the lexicon: team, member → `team member`. */
export function joinPhrases(list: readonly string[]): string[] {
  const joined: string[] = [];
  for (let at = 0; at < list.length; ) {
    const candidates = phrases.get(lemma(list[at]!)) ?? [];
    const isPhrase = (parts: readonly string[]) => parts.every((part, index) => lemma(list[at + index] ?? '') === part);
    // "Set it to done" is nothing to do.
    const found = list[at] === 'to' && list[at + 1] === 'done' ? undefined : candidates.find(isPhrase);
    const length = found?.length ?? 1;
    joined.push(list.slice(at, at + length).join(' '));
    at += length;
  }
  return joined;
}

/** The terms of an identifier or of prose. Tools say the same names again and again: short ones are remembered. */
export function allTerms(text: string): readonly Term[] {
  const present = read.get(text);
  if (present !== undefined) return present;
  const made = joinPhrases(words(text)).map(term);
  if (text.length < 100) read.set(text, made);
  return made;
}

/** Each once, in whatever form it comes. */
export const distinct = (list: readonly Term[]) =>
  list.filter((one, index) => list.findIndex((other) => other.lemma === one.lemma) === index);

/** Without words that say nothing. */
export const terms = (text: string): Term[] => allTerms(text).filter((one) => !STOPWORDS.has(one.text));

/** The words of a name of something; one that is nothing but a little word ("show", "use") is one, too. */
export const named = (text: string): readonly Term[] => {
  const told = terms(text);
  return told.length > 0 ? told : allTerms(text);
};

/** Where the lines of states and kinds begin among the synonym lines. */
const FIRST_VALUE = lines(NOUNS).length;

/** As `likeness`, for states and kinds ("unpaid" is open): names of things are no synonyms there. */
export function sameState(a: Term, b: Term): number {
  if (a.lemma === b.lemma) return 1;
  if (a.root === b.root) return 0.8;
  return a.groups.some((group) => group >= FIRST_VALUE && b.groups.includes(group)) ? 0.8 : 0;
}

const pairs = new Map<number, number>();

const shares = (a: readonly number[], b: readonly number[]) => a.some((one) => b.includes(one));

/** How alike two terms are: 1 the same word, 0.8 a synonym or of one family, 0 strangers. */
export function likeness(a: Term, b: Term): number {
  if (a === b) return 1;
  const pair = a.id * 0x400_0000 + b.id;
  const present = pairs.get(pair);
  if (present !== undefined) return present;
  if (pairs.size > 500_000) pairs.clear();
  const alike = compared(a, b);
  pairs.set(pair, alike);
  return alike;
}

function compared(a: Term, b: Term): number {
  if (a.lemma === b.lemma) return 1;
  if (shares(a.groups, b.groups)) return 0.8;
  if (a.root === b.root) return 0.8;
  return a.text.includes(' ') || b.text.includes(' ') ? partly(a, b) : 0;
}

/** A phrase is a little like its head, the last word. */
function partly(a: Term, b: Term): number {
  const head = (one: Term) => (one.text.includes(' ') ? term(one.text.slice(one.text.lastIndexOf(' ') + 1)) : one);
  const [x, y] = [head(a), head(b)];
  return x.lemma === y.lemma ? 0.7 : shares(x.groups, y.groups) ? 0.55 : 0;
}

/** The best likeness of a term to any of a list. */
export const best = (one: Term, list: readonly Term[]) =>
  list.reduce((most, other) => Math.max(most, likeness(one, other)), 0);

/** Whether two terms are one word, in whatever form. */
export const isSame = (a: Term, b: Term) =>
  a.lemma === b.lemma || a.root === b.root || `${a.text}d` === b.text || `${b.text}d` === a.text;

/** Whether a term is one of a list, in whatever form. */
export const isAmong = (one: Term, list: readonly Term[]) => list.some((other) => isSame(one, other));

/** How much of `wanted` is found in `offered`, 0 … 1. */
export const overlap = (wanted: readonly Term[], offered: readonly Term[]) =>
  wanted.length === 0 ? 0 : wanted.reduce((sum, one) => sum + best(one, offered), 0) / wanted.length;

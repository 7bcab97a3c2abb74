// Words as the planner compares them: their own form, their root, and the concepts that the lexicon files them under.
import { KINDS, NOUNS } from './nouns.ts';
import { lemma, root } from './stem.ts';
import { STOPWORDS } from './stopwords.ts';
import { VALUE_GROUPS } from './values.ts';
import { VERB_GROUPS } from './verbs.ts';

export type Term = {
  /** Unique while the process lives: pairs are remembered by it. */
  id: number;
  /** As written, lower case; parts of a phrase apart by spaces. */
  text: string;
  lemma: string;
  root: string;
  /** Numbers of the synonym lines that hold it. */
  groups: readonly number[];
  /** Numbers of the kinds that it is one of, and of the kind that it names (negative: −1 − n). */
  kinds: readonly number[];
};

const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const groupsOf = new Map<string, number[]>();
const rootGroups = new Map<string, number[]>();
const phrases = new Map<string, string[][]>();
const kindsOf = new Map<string, number[]>();

const put = (map: Map<string, number[]>, key: string, group: number) => {
  const present = map.get(key);
  if (present === undefined) map.set(key, [group]);
  else if (!present.includes(group)) present.push(group);
};

const phraseLemma = (parts: readonly string[]) => parts.map(lemma).join(' ');

for (const [group, line] of lines(`${NOUNS}\n${VERB_GROUPS}\n${VALUE_GROUPS}`).entries()) {
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
for (const [kind, line] of lines(KINDS).entries()) {
  const [name = '', members = ''] = line.split(':');
  put(kindsOf, phraseLemma(name.split('_')), -1 - kind);
  for (const member of members.trim().split(/\s+/)) put(kindsOf, phraseLemma(member.split('_')), kind);
}

const NONE: readonly number[] = [];
const known = new Map<string, Term>();
let nextId = 1;
const pairs = new Map<number, number>();

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
    kinds: kindsOf.get(own) ?? NONE,
  };
  // Words of documents come from outside: the memory of them is bounded.
  if (known.size > 50_000) known.clear();
  known.set(text, made);
  return made;
}

/** Whether the lexicon knows the word in this form. */
export const inLexicon = (word: string) => groupsOf.has(lemma(word)) || STOPWORDS.has(word);

/** The words of an identifier or of prose, lower case: `accountId`, `account_id`, `Account ID` → account, id. */
export function words(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .replace(/['’]s\b/g, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** Joins words to the phrases of the lexicon: team, member → `team member`. */
export function joinPhrases(list: readonly string[]): string[] {
  const joined: string[] = [];
  for (let at = 0; at < list.length; ) {
    const candidates = phrases.get(lemma(list[at]!)) ?? [];
    const found = candidates.find((parts) => parts.every((part, index) => lemma(list[at + index] ?? '') === part));
    const length = found?.length ?? 1;
    joined.push(list.slice(at, at + length).join(' '));
    at += length;
  }
  return joined;
}

/** The terms of an identifier or of prose, without words that say nothing. */
export function terms(text: string): Term[] {
  return joinPhrases(words(text))
    .filter((word) => !STOPWORDS.has(word))
    .map(term);
}

/** All the terms, stop words too. */
export const allTerms = (text: string): Term[] => joinPhrases(words(text)).map(term);

const shares = (a: readonly number[], b: readonly number[]) => a.some((one) => b.includes(one));

/** How alike two terms are: 1 the same word, 0.8 a synonym or of one family, 0.6 a kind of it, 0 strangers. */
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
  if (a.kinds.length > 0 && b.kinds.length > 0 && a.kinds.some((kind) => b.kinds.includes(-1 - kind))) return 0.6;
  if (a.text.includes(' ') || b.text.includes(' ')) return partly(a, b);
  return nearlySpelt(a.lemma, b.lemma) ? 0.7 : 0;
}

/** A phrase is a little like its head, the last word. */
function partly(a: Term, b: Term): number {
  const head = (one: Term) => (one.text.includes(' ') ? term(one.text.slice(one.text.lastIndexOf(' ') + 1)) : one);
  const [x, y] = [head(a), head(b)];
  return x.lemma === y.lemma ? 0.7 : shares(x.groups, y.groups) ? 0.55 : 0;
}

/** One letter added, lost, changed or two swapped, in words of six letters or more that begin alike. */
function nearlySpelt(a: string, b: string): boolean {
  if (a.length < 6 || b.length < 6 || Math.abs(a.length - b.length) > 1 || a[0] !== b[0]) return false;
  let left = 0;
  while (left < a.length && a[left] === b[left]) left++;
  let right = 0;
  while (right < Math.min(a.length, b.length) - left && a.at(-1 - right) === b.at(-1 - right)) right++;
  const [x, y] = [a.slice(left, a.length - right), b.slice(left, b.length - right)];
  return (x.length <= 1 && y.length <= 1) || (x.length === 2 && y === `${x[1]}${x[0]}`);
}

/** The best likeness of a term to any of a list. */
export const best = (one: Term, list: readonly Term[]) =>
  list.reduce((most, other) => Math.max(most, likeness(one, other)), 0);

/** Where the lines of states and kinds begin among the synonym lines. */
const FIRST_VALUE = lines(`${NOUNS}\n${VERB_GROUPS}`).length;

/** As `likeness`, for states and kinds ("unpaid" is open): names of things are no synonyms there. */
export function sameState(a: Term, b: Term): number {
  if (a.lemma === b.lemma) return 1;
  if (a.root === b.root) return 0.8;
  return a.groups.some((group) => group >= FIRST_VALUE && b.groups.includes(group)) ? 0.8 : 0;
}

/** How much of `wanted` is found in `offered`, 0 … 1. */
export const overlap = (wanted: readonly Term[], offered: readonly Term[]) =>
  wanted.length === 0 ? 0 : wanted.reduce((sum, one) => sum + best(one, offered), 0) / wanted.length;

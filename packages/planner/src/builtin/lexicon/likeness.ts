import { type Term, term } from './words.ts';

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
export const isSame = (a: Term, b: Term) => a.lemma === b.lemma || a.root === b.root;

/** How much of `wanted` is found in `offered`, 0 … 1. */
export const overlap = (wanted: readonly Term[], offered: readonly Term[]) =>
  wanted.length === 0 ? 0 : wanted.reduce((sum, one) => sum + best(one, offered), 0) / wanted.length;

// Names that no capital letter shows: words that nothing else accounts for, where a name may stand.
import type { Clause, Intent } from '../intent/intent.ts';
import { Text } from '../intent/text.ts';
import { around, type Value } from '../intent/value.ts';
import { lemma } from '../lexicon/stem.ts';
import { inLexicon, terms } from '../lexicon/words.ts';
import { verbClasses } from '../tools/action.ts';
import type { Catalog } from '../tools/catalog.ts';
import type { Left, Rated } from './draft.ts';

/** Drafts whose left-over words are tried as names. */
const TRIED = 4;

export type Renaming = { clause: Clause; intent: Intent };

/** The clause read again, with the words that the nearest drafts leave over as names. */
export function renamings(rated: readonly Rated[], intent: Intent, catalog: Catalog): Renaming[] {
  const near = rated
    .filter(({ draft, left }) => draft.missing.length <= 1 && left.length > 0 && left.every(({ at }) => at >= 0))
    .sort((a, b) => a.left.length - b.left.length || b.total - a.total);
  const seen = new Set<string>();
  const made: Renaming[] = [];
  for (const { left, scope } of near) {
    const key = left.map(({ at, end }) => `${at}-${end}`).join();
    if (seen.has(key)) continue;
    seen.add(key);
    const renamed = rename(left, scope.clause, intent, catalog);
    if (renamed !== undefined) made.push(renamed);
    if (seen.size >= TRIED) break;
  }
  return made;
}

function rename(left: readonly Left[], clause: Clause, intent: Intent, catalog: Catalog): Renaming | undefined {
  const text = new Text(clause.text);
  let values = [...intent.values];
  let topics = clause.topics;
  for (const { at, end } of left) {
    if (clause.denials.some((denial) => denial.at >= at && denial.at < end)) return undefined;
    const touches = (value: Value) =>
      value.kind === 'name' && !value.fromContext && value.at >= clause.at && isNext(intent.text, value, { at, end });
    const beside = values.filter(touches);
    // Verbs and comparisons stand beside names, and are no part of them.
    const words = intent.text.slice(at, end).toLowerCase().split(/\s+/);
    const isPart = (word: string, ahead: boolean) =>
      !/(?:ed|er|est|ly)$/.test(word) &&
      verbClasses(word).length === 0 &&
      verbClasses(lemma(word)).length === 0 &&
      !(ahead && (inLexicon(word) || word.endsWith('ing')));
    // "What does the Fleet Monitor cost?"
    if (beside.some(({ ties }) => ties.some((one) => words.includes(one.text)))) return undefined;
    const ahead = beside.every((one) => one.at >= end);
    if (!words.every((word) => isPart(word, ahead))) return undefined;
    const [from, to] = [Math.min(at, ...beside.map((one) => one.at)), Math.max(end, ...beside.map((one) => one.end))];
    if (values.some((one) => one.at < to && one.end > from && !beside.includes(one))) return undefined;
    const told = around(text, from - clause.at, to - clause.at);
    // A word that some tool has is no name by itself.
    if (terms(intent.text.slice(at, end)).some((one) => catalog.mentions(one))) return undefined;
    if (beside.length === 0 && !told.type.some((one) => catalog.isThing(one))) return undefined;
    const sure = beside.length > 0 && beside.some((one) => one.sure);
    values = values.filter((one) => !beside.includes(one));
    values.push({ ...told, kind: 'name', text: intent.text.slice(from, to), at: from, end: to, sure });
    topics = topics.filter((topic) => topic.at < from || topic.at >= to);
  }
  return { clause: { ...clause, topics }, intent: { ...intent, values } };
}

const isNext = (text: string, a: { at: number; end: number }, b: { at: number; end: number }) =>
  (a.end <= b.at && /^\s*$/.test(text.slice(a.end, b.at))) || (b.end <= a.at && /^\s*$/.test(text.slice(b.end, a.at)));

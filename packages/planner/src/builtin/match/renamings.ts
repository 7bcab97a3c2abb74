// Names that no capital letter shows: words that nothing else accounts for, beside a name or behind the noun of what is called so.
import type { Clause, Intent } from '../intent/intent.ts';
import { Text } from '../intent/text.ts';
import { around, type Value } from '../intent/value.ts';
import { lemma } from '../lexicon/stem.ts';
import { STOPWORDS } from '../lexicon/stopwords.ts';
import { inLexicon, terms } from '../lexicon/words.ts';
import { isVerb } from '../tools/action.ts';
import type { Catalog } from '../tools/catalog.ts';
import type { Left, Rated } from './draft.ts';

/** Drafts whose left-over words are tried as names. */
const TRIED = 4;

/** Where a name may stand: behind a little word or what asks, with or without "the". */
const PLACED = /\b(?:(?:of|to|for|with|at|in|on|from|does|did|do|is|has|was)\s+(?:the\s+)?|the\s+)$/i;

export type Renaming = { clause: Clause; intent: Intent };

/** The clause read again, with the words that the nearest drafts leave over as names. */
export function renamings(rated: readonly Rated[], intent: Intent, catalog: Catalog): Renaming[] {
  const near = rated
    .filter(({ draft, left }) => draft.missing.length <= 1 && left.length > 0 && left.every(({ at }) => at >= 0))
    .sort((a, b) => a.left.length - b.left.length || b.total - a.total);
  const different = new Map(
    near.map((one) => [one.left.map(({ at, end }) => `${at}-${end}`).join(), one]).reverse() as [string, Rated][],
  );
  return [...different.values()]
    .reverse()
    .slice(0, TRIED)
    .flatMap(({ left, scope }) => rename(left, scope.clause, intent, catalog) ?? []);
}

function rename(left: readonly Left[], clause: Clause, intent: Intent, catalog: Catalog): Renaming | undefined {
  const text = new Text(clause.text);
  let { values } = intent;
  let { topics } = clause;
  for (const { at, end } of left) {
    const isNext = (one: Value) => intent.text.slice(Math.min(end, one.end), Math.max(at, one.at)).trim() === '';
    const beside = values.filter(
      (one) => one.kind === 'name' && !one.fromContext && !one.self && one.at >= clause.at && isNext(one),
    );
    const [from, to] = [Math.min(at, ...beside.map((one) => one.at)), Math.max(end, ...beside.map((one) => one.end))];
    const words = intent.text.slice(at, end).toLowerCase().split(/\s+/);
    const told = around(text, from - clause.at, to - clause.at);
    const isNobody = words.every((word) => !inLexicon(word) && !/(?:ing|ed|ment|ion|ness)$/.test(word));
    // Verbs and comparisons stand beside names, and are no part of them; "What does the Fleet Monitor cost?"
    const isAhead = beside.every((one) => one.at >= end);
    const isPart = (word: string) =>
      (!/(?:ed|er|est|ly)$|^(?:average|mean|avg|total|sum)$/.test(word) || isNobody) &&
      (lemma(word) === word || word.endsWith('s')) &&
      !isVerb(word) &&
      !isVerb(lemma(word)) &&
      !(isAhead && (inLexicon(word) || word.endsWith('ing'))) &&
      !beside.some(({ ties }) => ties.some((one) => one.text === word));
    // "33 quarry road"
    const numbers = values.filter(
      ({ kind, unit, compare, ...one }) => kind === 'number' && one.at === at && !(unit ?? compare),
    );
    // "Winter Shelter 2026", where no year is asked for.
    const isBehind = beside.some((one) => one.end <= at);
    const own = [...beside, ...(words.length > 1 || isBehind ? numbers : [])];
    const isTaken = values.some((one) => one.at < to && one.end > from && !own.includes(one));
    const isDenied = clause.denials.some((denial) => denial.at >= at && denial.at < end);
    // A word that some tool has is no name by itself.
    const isKnown = terms(intent.text.slice(at, end)).some((one) => catalog.mentions(one));
    // "of agnes tully", "sven's", "bao tran email"
    const before = clause.text.slice(0, from - clause.at);
    const isDone = clause.verb !== undefined && before.trim().toLowerCase().endsWith(clause.verb.text);
    const isPlaced = PLACED.test(before) || isDone || /^['’]s\b/.test(intent.text.slice(to));
    const isAlone = words.length > 1 && words.length < 4 && clause.verb === undefined && from - clause.at <= 1;
    // "For premium customers": what stands before a noun says more of it.
    const [next = ''] = intent.text.slice(to).match(/^\s+\p{L}+/u) ?? [];
    const isWhole = next === '' || STOPWORDS.has(next.trim().toLowerCase()) || isVerb(next.trim().toLowerCase());
    const isNamed =
      beside.length > 0 ||
      told.type.some((one) => one.text === one.lemma && catalog.isThing(one)) ||
      (isNobody && (isAlone || (isPlaced && isWhole)));
    if (isDenied || isTaken || isKnown || !isNamed || !words.every(isPart)) return undefined;
    const sure = beside.some((one) => one.sure);
    const name: Value = { ...told, kind: 'name', text: intent.text.slice(from, to), at: from, end: to, sure };
    values = [...values.filter((one) => !own.includes(one)), name];
    topics = topics.filter((topic) => topic.at < from || topic.at >= to);
  }
  return { clause: { ...clause, topics }, intent: { ...intent, values } };
}

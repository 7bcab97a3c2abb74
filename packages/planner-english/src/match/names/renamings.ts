// Other readings of what a clause names: words that nothing else accounts for, where a name may stand, and names with little words in them.
import type { Clause, Intent } from '../../intent/intent.ts';
import { Text } from '../../intent/text.ts';
import { around, type Value } from '../../intent/value.ts';
import { lemma } from '../../lexicon/stem.ts';
import { STOPWORDS } from '../../lexicon/stopwords.ts';
import { inLexicon, term, terms } from '../../lexicon/words.ts';
import { isVerb } from '../../tools/action.ts';
import type { Catalog } from '../../tools/catalog.ts';
import type { Rated } from '../draft.ts';

/** Drafts whose left-over words are tried as names. */
const TRIED = 4;

/** Where a name may stand: behind a little word or what asks, with or without "the". */
const PLACED =
  /\b(?:(?:of|to|for|with|at|in|on|from|into|does|did|do|is|has|was)\s+(?:(?:the|an?|our|my)\s+)?|(?:the|an?|our)\s+)$/i;
/** What stands between two parts of one name: "Bread for Beginners", "The Cartographer's Daughter". */
const JOINT = /^(?:['’]s)?\s+(?:(?:and|or|for|by|at|in|on|of|to|from|with|&)\s+)?(?:(?:the|an?)\s+)?$/i;

const SUBJECT = /^\s+(?:has|have|is|was|will|does|wants?|needs?)\b/i;
/** Little words in titles, rather than between two who are named. */
const TITLED = /^\s+(?:for|by|at|in|on|of|to)\s+(?:(?:the|an?)\s+)?$/i;

export type Renaming = { clause: Clause; intent: Intent };
type Span = { at: number; end: number };

/** The clause read again, with the words that the nearest drafts leave over as names. */
export function renamings(rated: readonly Rated[], intent: Intent, catalog: Catalog): Renaming[] {
  const near = rated
    .filter(
      ({ draft, left, scope: { clause } }) =>
        draft.missing.length <= 1 &&
        (left.some(({ at }) => at >= 0) || (clause.stated > 0 && draft.missing.length > 0)),
    )
    .sort((a, b) => a.left.length - b.left.length || b.total - a.total);
  const keyOf = ({ left }: Rated) => left.map(({ at, end }) => `${at}-${end}`).join();
  const different = near.filter((one, index) => near.findIndex((other) => keyOf(other) === keyOf(one)) === index);
  return different.slice(0, TRIED).flatMap(({ left, scope }) => {
    const spans = [...left.filter(({ at }) => at >= 0), ...statedNames(scope.clause, catalog)];
    const wide = spans.map((one) => widened(one, scope.clause, intent));
    const isWider = wide.some(({ at, end }, index) => at !== spans[index]!.at || end !== spans[index]!.end);
    return [spans, ...(isWider ? [wide] : [])].flatMap((list) => rename(list, scope.clause, intent, catalog) ?? []);
  });
}

/** "The chess congress will be 85 guests now, please change that": words of a statement that no tool has, neighbours together. */
function statedNames({ topics, text, at: start }: Clause, catalog: Catalog): Span[] {
  const open = topics.filter(({ isStated, term: one }) => isStated && !catalog.mentions(one));
  return open.reduce<Span[]>((spans, { at, term: { text: word } }) => {
    const last = spans.at(-1);
    const end = at + word.length;
    if (last !== undefined && text.slice(last.end - start, at - start).trim() === '') last.end = end;
    else spans.push({ at, end });
    return spans;
  }, []);
}

/**
 * The clause with names that are one: across a little word, or with the number behind.
 * @param surely only those that hardly are two: "Bread for Beginners", and not "Nora Lund with Kim Osei"
 */
export function joinedNames(clause: Clause, intent: Intent, surely = false): Renaming[] {
  const end = clause.at + clause.text.length;
  const parts = intent.values
    .filter(({ kind, at, fromContext, self, ...one }) => {
      const isPart = kind === 'name' ? self !== true : kind === 'number' && !(one.unit ?? one.compare ?? one.money);
      // What rows have is whole.
      return (
        isPart && one.seen === undefined && !fromContext && at >= clause.at && at < end && one.copy === clause.copy
      );
    })
    .sort((a, b) => a.at - b.at);
  const joints = parts.slice(1).flatMap((value, index) => {
    const last = parts[index]!;
    const gap = intent.text.slice(last.end, value.at);
    const isOne = !surely || (TITLED.test(gap) && !/\s/.test(last.text));
    const isJoint = value.kind === 'number' ? gap === ' ' : JOINT.test(gap) && isOne;
    return last.kind === 'name' && isJoint ? [{ at: last.at, end: value.end }] : [];
  });
  // "Engage Sentry for the Carols by Candlelight": an article begins another name, if any does.
  const isLoose = ({ at, end: to }: Span) => /\s(?:the|an?)\s/i.test(intent.text.slice(at, to));
  return [...joints]
    .sort((a, b) => Number(isLoose(a)) - Number(isLoose(b)))
    .map((joint) => {
      const inside = parts.filter(({ at }) => at >= joint.at && at < joint.end);
      return renamed(joint, inside, { clause, intent });
    });
}

/** A left-over word with those beside it that say nothing by a little word, up to what is a value or a little word. */
function widened({ at, end }: Span, { text, at: start, verb }: Clause, { values }: Intent): Span {
  const isFree = (from: number, to: number) => !values.some((one) => one.at < to && one.end > from);
  const isPart = (word: string) => !STOPWORDS.has(word.toLowerCase()) && word.toLowerCase() !== verb?.text;
  const [before] = /\p{L}+ $/u.exec(text.slice(0, at - start)) ?? [];
  const [after] = /^ \p{L}+/u.exec(text.slice(end - start)) ?? [];
  if (after && isPart(after.trim()) && isFree(end, end + after.length)) return { at, end: end + after.length };
  if (before && isPart(before.trim()) && isFree(at - before.length, at)) return { at: at - before.length, end };
  return { at, end };
}

function rename(left: readonly Span[], clause: Clause, intent: Intent, catalog: Catalog): Renaming | undefined {
  const reading = { clause, intent };
  const made = left.reduce((read, span) => nameAt(span, read, catalog) ?? read, reading);
  return made === reading ? undefined : made;
}

/** A reading in which a span is a name, with the names and numbers beside it. Nothing where it stands as something else. */
function nameAt({ at, end }: Span, reading: Renaming, catalog: Catalog): Renaming | undefined {
  const { clause, intent } = reading;
  const { values } = intent;
  const isNext = (one: Value) => intent.text.slice(Math.min(end, one.end), Math.max(at, one.at)).trim() === '';
  const beside = values.filter(
    (one) => one.kind === 'name' && !(one.seen ?? one.fromContext) && !one.self && one.at >= clause.at && isNext(one),
  );
  // "The norvik 27"
  const behind = values.find(
    ({ kind, unit, compare, money, ...one }) =>
      kind === 'number' && one.at === end + 1 && !(unit ?? compare ?? money) && beside.length === 0,
  );
  const parts = [...beside, ...(behind ? [behind] : [])];
  const [from, to] = [Math.min(at, ...parts.map((one) => one.at)), Math.max(end, ...parts.map((one) => one.end))];
  const words = intent.text
    .slice(at, end)
    .toLowerCase()
    .split(/\s+(?:&\s+)?/);
  const isNobody = words.every((word) => !inLexicon(word) && !/(?:ing|ed|ment|ion|ness)$/.test(word));
  // Verbs and comparisons stand beside names, and are no part of them; "What does the Fleet Monitor cost?"
  const isAhead = beside.length > 0 && beside.every((one) => one.at >= end);
  // "The office move"
  const isTitle = words.length > 1 && /\bthe\s+$/i.test(clause.text.slice(0, from - clause.at));
  const isPart = (word: string) =>
    (!/(?:ed|er|est|ly)$|^(?:average|mean|avg|total|sum|most|least|popular|first|last|next|current|recent|main)$/.test(
      word,
    ) ||
      isNobody) &&
    (lemma(word) === word || word.endsWith('s')) &&
    (isTitle || (!isVerb(word) && !isVerb(lemma(word)))) &&
    !(isAhead && (inLexicon(word) || word.endsWith('ing'))) &&
    !beside.some(({ ties }) => ties.some((one) => one.text === word));
  // "33 quarry road"
  const numbers = values.filter(
    ({ kind, unit, compare, ...one }) => kind === 'number' && one.at === at && !(unit ?? compare),
  );
  // "Winter Shelter 2026", where no year is asked for.
  const isBehind = beside.some((one) => one.end <= at);
  const own = [...parts, ...(words.length > 1 || isBehind ? numbers : [])];
  const isTaken = values.some((one) => one.at < to && one.end > from && !own.includes(one));
  const isDenied = clause.denials.some((denial) => denial.at >= at && denial.at < end);
  // A word that some tool has is no name by itself, and one of several may be part of one.
  const said = terms(intent.text.slice(at, end));
  const known = said.filter((one) => catalog.mentions(one));
  const isKnown = known.length > 0 && (known.length === said.length || beside.length > 0);
  // "of agnes tully", "sven's", "bao tran email"
  const before = clause.text.slice(0, from - clause.at);
  const isDone = clause.verb !== undefined && before.trim().toLowerCase().endsWith(clause.verb.text);
  // "By olga brandt", and not "by weather".
  const isDoer = words.length > 1 && /\bby\s+$/i.test(before);
  const isPlaced = PLACED.test(before) || isDoer || isDone || /^['’]s?\s/.test(intent.text.slice(to));
  const isAlone = words.length > 1 && words.length < 4 && clause.verb === undefined && from - clause.at <= 1;
  // "Liam carey has a new address"
  const isSubject = before.trim() === '' && words.length > 1 && SUBJECT.test(intent.text.slice(to));
  // "For premium customers": what stands before a noun says more of it.
  const next = (/^\s+\p{L}+/u.exec(intent.text.slice(to))?.[0] ?? '').trim().toLowerCase();
  const isMany = (word: string) => lemma(word) !== word && inLexicon(lemma(word));
  const isWhole =
    next === '' || STOPWORDS.has(next) || isVerb(next) || !(catalog.isThing(term(lemma(next))) || isMany(next));
  // "The lead actor of Breaking Bad": what is asked of a thing, where a tool knows a word of it.
  const isAsked = known.length > 0 && /^(?:of|in|for|from)$/.test(next);
  const { type } = around(new Text(clause.text), from - clause.at, to - clause.at);
  const isNamed =
    beside.length > 0 ||
    type.some((one) => one.text === one.lemma && catalog.isThing(one)) ||
    (said.length > 1
      ? isPlaced && isWhole && !isAsked && !isMany(words.at(-1)!)
      : isNobody && isPlaced && isWhole && !/\ban?\s+$/i.test(before)) ||
    (isNobody && (isAlone || isSubject));
  if (isDenied || isTaken || isKnown || !isNamed || !words.every(isPart)) return undefined;
  return renamed({ at: from, end: to }, own, reading);
}

/** A reading in which a span is one name, in place of values that are parts of it. */
function renamed({ at, end }: Span, parts: readonly Value[], { clause, intent }: Renaming): Renaming {
  const told = around(new Text(clause.text), at - clause.at, end - clause.at);
  const sure = parts.some((one) => one.sure);
  const { copy, verb } = clause;
  const type = told.type.filter((one) => one.text !== verb?.text);
  const text = intent.text.slice(at, end);
  const name: Value = { ...told, type, kind: 'name', text, at, end, sure, ...(copy !== undefined && { copy }) };
  const values = [...intent.values.filter((one) => !parts.includes(one)), name];
  const topics = clause.topics.filter((topic) => topic.at < at || topic.at >= end);
  return { clause: { ...clause, topics }, intent: { ...intent, values } };
}

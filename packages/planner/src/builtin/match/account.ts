// What of an intent a draft accounts for. A word or a value that nothing takes is told, and the draft is no plan: a wrong answer
// looks like a right one.

import { isOrdered, sumField } from '../answer/result.ts';
import type { Clause, Topic } from '../intent/intent.ts';
import type { Value } from '../intent/value.ts';
import { best, isSame } from '../lexicon/likeness.ts';
import { GENERIC, REPORTS, STOPWORDS } from '../lexicon/stopwords.ts';
import { type Term, term, words } from '../lexicon/words.ts';
import type { Catalog } from '../tools/catalog.ts';
import { referenceNouns } from '../tools/sources.ts';
import type { Draft, Scope, Step } from './draft.ts';

/** Words or a value that nothing takes, as the intent writes them; `at` is −1 where they do not stand in it. */
export type Left = { text: string; at: number; end: number };

/** What a draft leaves over of an intent. */
export function leftOver(draft: Draft, scope: Scope, catalog: Catalog): Left[] {
  const values = scope.free.filter((value) => mustBeUsed(value, scope) && !draft.used.has(value));
  const topics = [
    ...[...scope.clause.topics, ...narrowing(scope)].filter((topic) => !accounts(topic, draft, scope, catalog)),
    ...untold(draft, scope, catalog),
  ];
  const denied = scope.clause.denials.filter(({ at }) => !draft.denied.has(at));
  const uncounted = uncut(draft, scope, catalog).map((text) => ({ text, at: -1, end: -1 }));
  return [...phrases([...values, ...topics.map(spanOf), ...denied], scope), ...uncounted];
}

/** The order, the count or the sum that the answer cannot have. */
function uncut(draft: Draft, { writes, clause }: Scope, catalog: Catalog): string[] {
  const { top, count, aggregate } = clause.picking;
  const { outline } = draft.goal.operation;
  const spoken = (word: string) => draft.steps.some((step) => speaks(strong(step), term(word), catalog));
  if (writes) return [];
  // "The latest sales of Q4 2023" are those of Q4 2023.
  const dated = top?.recent === true && [...draft.used].some(({ kind }) => kind === 'period' || kind === 'moment');
  if (
    top !== undefined &&
    !dated &&
    !isOrdered(draft.goal, clause.picking) &&
    !words(top.said).every((one) => STOPWORDS.has(one) || spoken(one))
  )
    return [top.said];
  if (
    count &&
    outline.rows === undefined &&
    outline.total === undefined &&
    outline.lists.length !== 1 &&
    !spoken('count')
  )
    return ['how many'];
  if (aggregate === undefined || sumField(clause.picking, outline.rows?.fields ?? [], clause) !== undefined) return [];
  const said = /\b(?:total|sum|average|mean|avg)\b/i.exec(clause.text)?.[0];
  return said === undefined || spoken(said) || weakly(draft, said, catalog) ? [] : [said];
}

const weakly = (draft: Draft, word: string, catalog: Catalog) =>
  draft.steps.some((step) => speaks(weak(step), term(word), catalog));

/** Whether the first thing that is spoken of is what the goal is about, answers or takes. */
export function isAbout({ goal, said, steps }: Draft, { clause }: Scope, catalog: Catalog): boolean {
  const told = new Set([...said, ...goal.filled.flatMap((one) => one.said)]);
  const [first] = clause.topics.filter(({ term: one, weight }) => weight >= 0.5 && !told.has(one) && !isFree(one));
  const joined = steps.filter(({ purpose }) => purpose === 'join');
  return (
    first === undefined ||
    [goal, ...joined].some((step) =>
      speaks([...strong(step), ...weak(step), ...step.operation.service], first.term, catalog),
    )
  );
}

/** Whether what is done on the way was spoken of: by a value that it takes, or by its name. */
export function isCalledFor(draft: Draft, { clause }: Scope): boolean {
  return draft.steps.every(
    (step) =>
      step.purpose !== 'lookup' ||
      step.filled.some(({ used }) => used.length > 0) ||
      clause.topics.some(
        ({ term }) =>
          best(term, [
            ...step.operation.nouns,
            ...step.operation.marks,
            ...step.operation.outline.lists.flatMap(({ names }) => names),
          ]) >= 0.7,
      ),
  );
}

/** What a clause that asks for more of what was found ("and who owns them") says beyond what some drafts bring. */
export function leftOfMore(drafts: readonly Draft[], clause: Clause, scope: Scope, catalog: Catalog): Left[] {
  const end = clause.at + clause.text.length;
  const free = scope.intent.values.filter(({ at, fromContext }) => !fromContext && at >= clause.at && at < end);
  // "Who looks after them": only the things that are asked about need a place.
  const topics =
    clause.picking.asks.length === 0 ? clause.topics : clause.topics.filter((topic) => isThing(topic, clause));
  const more = { ...scope, clause: { ...clause, topics }, free, writes: false };
  const lefts = drafts.map((draft) => leftOver(draft, more, catalog));
  return lefts.sort((a, b) => a.length - b.length)[0] ?? [];
}

const isThing = ({ at }: Topic, clause: Clause) =>
  /\b(?:the|an?|their|its|his|her|each|every|which|what)\s+(?:\p{L}+\s+)?$/iu.test(
    clause.text.slice(0, at - clause.at),
  );

/** What is asked of a thing that rows only refer to, where neither a further call nor a field tells it: "the pupil's email". */
function untold({ goal, steps }: Draft, scope: Scope, catalog: Catalog): Topic[] {
  if (scope.writes) return [];
  const { outline, nouns } = goal.operation;
  const fields = outline.rows?.fields ?? outline.fields;
  return askedOf(scope).flatMap(({ owner, asked }) => {
    const refers = fields.some((field) => referenceNouns(field).some((noun) => isSame(noun, owner.term)));
    if (!refers || nouns.some((noun) => isSame(noun, owner.term))) return [];
    const inRows = fields.some(({ names }) => [owner, asked].every(({ term }) => speaks(names, term, catalog)));
    const got = steps.some((step) => step.purpose === 'join' && speaks(weak(step), asked.term, catalog));
    return inRows || got ? [] : [owner, asked];
  });
}

/** "the pupil's email", "the email of the pupil": what is asked of what, unless a name says which one. */
function askedOf({ clause: { topics, text, at: start }, free }: Scope): { owner: Topic; asked: Topic }[] {
  return topics.flatMap((owner, index) => {
    const from = owner.at - start;
    const [next, last] = [topics[index + 1], topics[index - 1]];
    if (next !== undefined && /^['’]s?\s/.test(text.slice(from + owner.term.text.length)))
      return [{ owner, asked: next }];
    const isOne =
      free.some(({ type }) => type.some((one) => isSame(one, owner.term))) ||
      (next !== undefined && text.slice(from + owner.term.text.length, next.at - start).trim() === '');
    const isOf = /\bof\s+(?:the|each|every|their|its)\s+$/.test(text.slice(0, from));
    return isOf && last !== undefined && !isOne ? [{ owner, asked: last }] : [];
  });
}

/** Words that any answer could be called by, and values that only tell how many rows there are to be, need no place. */
const isFree = ({ lemma }: Term) => GENERIC.has(lemma) || REPORTS.has(lemma);

function mustBeUsed(value: Value, { intent, clause }: Scope): boolean {
  if (value.fromContext)
    return intent.narrowed && (value.kind === 'period' || value.compare !== undefined || value.kind === 'name');
  return !(value.ordinal === true && clause.picking.top !== undefined);
}

/** The words of a context count when it narrows what is asked. */
const narrowing = ({ intent }: Scope): readonly Topic[] =>
  intent.narrowed ? intent.background.filter(({ at, weight }) => at >= 0 && weight >= TOLD) : [];
/** Who or what is named: "painted by Ana" is another tie to her than the one that a tool knows. */
const NAMED = new Set<Value['kind']>(['name', 'quoted', 'email', 'id']);
/** Weight of the words of a context; those of a wanted schema weigh less. */
const TOLD = 0.35;

/** Whether words speak of a thing: as they are, or by a synonym when no tool has the word itself. */
const speaks = (list: readonly Term[], one: Term, catalog: Catalog) =>
  list.some((other) => isSame(one, other)) || (!catalog.knows(one) && best(one, list) >= 0.7);

function accounts(topic: Topic, draft: Draft, scope: Scope, catalog: Catalog): boolean {
  const one = topic.term;
  // "The number of the invoice" is a field of it.
  const isNumber = one.lemma === 'number' && /^\S+\s+of\b/i.test(scope.clause.text.slice(topic.at - scope.clause.at));
  if ((isFree(one) && !isNumber) || draft.said.has(one)) return true;
  // "came in last week": a word that ties a value to the rest, and that no tool has, says no more than the value does.
  const here = scope.clause.text.slice(0, topic.at - scope.clause.at);
  if (one.lemma === 'one' && /\b(?:each|every)\s+$/i.test(here)) return true;
  if (namesService(topic, draft, scope)) return true;
  const follows = (value: Value) => value.end <= topic.at && here.slice(value.end - scope.clause.at).trim() === '';
  const tied = [...draft.used].filter(({ ties, kind }) => ties.includes(one) && !NAMED.has(kind));
  if (tied.length > 0 && !catalog.mentions(one) && !scope.free.some((value) => follows(value) && !tied.includes(value)))
    return true;
  if (draft.steps.some((step) => speaks(strong(step), one, catalog))) return true;
  const { goal } = draft;
  if (qualifies(topic, goal, scope)) return speaks(goal.operation.claim, one, catalog);
  return draft.steps.some((step) =>
    scope.writes
      ? step.operation.about.some((other) => isSame(one, other))
      : speaks(weak(step), one, catalog) || step.operation.about.some((other) => isSame(one, other)),
  );
}

/** "in the sales desk": a word of the name of a service, where it is named as a place or as a whole, or only ends a filter. */
function namesService({ term: one, at }: Topic, { steps }: Draft, { clause }: Scope): boolean {
  const before = clause.text.slice(0, at - clause.at);
  const isPlace = /\b(?:in|at|on|from|into|to|via|through|with|using)\s+(?:(?:the|our|my|your)\s+)?$/i.test(before);
  const said = (name: Term) => clause.topics.some(({ term }) => isSame(term, name));
  // "aggressive bees": a filter says more than the word behind it.
  const filters = steps.flatMap(({ filled }) => filled.flatMap((fill) => fill.said.map(({ text }) => text)));
  const isBehind = filters.some((filter) => before.trimEnd().toLowerCase().endsWith(` ${filter}`));
  return steps.some(
    ({ operation: { service } }) =>
      service.some((name) => isSame(name, one)) && (isPlace || isBehind || (service.length > 1 && service.every(said))),
  );
}

/** What a step is about, and what its arguments are. */
function strong({ operation, filled }: Step): Term[] {
  const own = [...operation.nouns, ...operation.marks, ...operation.parents];
  return [
    ...own,
    ...(operation.verb === undefined ? [] : [operation.verb]),
    ...filled.flatMap(({ slot, said }) => [...said, ...slot.names, ...slot.noun, ...slot.aboutNoun]),
  ];
}

/** What its answer holds; of a look-up only what leads on. */
function weak({ operation: { outline }, purpose }: Step): Term[] {
  const all = outline.rows?.fields ?? outline.fields;
  const fields = purpose === 'lookup' ? all.filter((field) => referenceNouns(field).length > 0) : all;
  return [...fields.flatMap(({ names }) => names), ...outline.lists.flatMap(({ names }) => names)];
}

/** "open tickets", "tickets that are open": what narrows the things themselves is no matter of what their answer holds. */
function qualifies({ at, term: { text }, fromContext }: Topic, goal: Step, { clause, free }: Scope): boolean {
  if (fromContext) return false;
  const here = at - clause.at;
  const before = clause.text.slice(0, here);
  // "were placed this year": what ties a value to the things is told by the value.
  const rest = clause.text.slice(here + text.length);
  const isTie = free.some(
    (value) => value.at > at && !value.fromContext && isIdle(rest.slice(0, value.at - at - text.length)),
  );
  if (/\b(?:is|are|was|were|be|been|being|currently|still|already|not)\s+$/i.test(before)) return !isTie;
  const after = clause.topics.find((other) => other.at > at);
  if (after === undefined || !speaksOf(after.term, goal)) return false;
  return /^[\s,-]*(?:(?:and|or)\s+)?$/.test(clause.text.slice(here + text.length, after.at - clause.at));
}

const isIdle = (text: string) => words(text).every((word) => STOPWORDS.has(word)) && !/[.,;]/.test(text);

const speaksOf = (one: Term, { operation }: Step) => best(one, operation.nouns) >= 0.8;

const spanOf = ({ at, term: { text }, fromContext }: Topic): Left => ({
  at: fromContext ? -1 : at,
  end: at + text.length,
  text,
});

/** What is left over in the words of the intent, neighbours together. */
function phrases(left: readonly Left[], { intent }: Scope): Left[] {
  const told: Left[] = [];
  for (const { at, end, text } of [...left].sort((a, b) => a.at - b.at)) {
    const last = told.at(-1);
    const joins = at >= 0 && last !== undefined && last.at >= 0 && /^[\s-]*$/.test(intent.text.slice(last.end, at));
    if (joins) {
      last.end = Math.max(end, last.end);
      last.text = intent.text.slice(last.at, last.end);
    } else told.push({ at, end, text: at < 0 ? text : intent.text.slice(at, end) });
  }
  return told.filter(({ text }, index) => told.findIndex((one) => one.text === text) === index);
}

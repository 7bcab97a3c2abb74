// Finds reads whose answers hold an id that another call needs.
import { asType, bind, join, output } from '../answer/jsonata.ts';
import { isPaged, largestPage, withPages } from '../answer/pages.ts';
import { isOfSeveral } from '../answer/result.ts';
import type { Value } from '../intent/value.ts';
import { GENERIC } from '../lexicon/stopwords.ts';
import { best, likeness, type Term } from '../lexicon/words.ts';
import { type Catalog, worth } from '../tools/catalog.ts';
import type { Slot } from '../tools/inputs.ts';
import type { Operation } from '../tools/operation.ts';
import { type Source, tellingOf } from '../tools/sources.ts';
import { draftId, type Filled, isName, type Scope, type Step, type Way } from './draft.ts';
import { identityOf, nameField, pickByName, pickFirst } from './names/lookup.ts';

const DEPTH = 3;
/** Number of sources tried for an id: lists of the thing itself, and fields that refer to it. */
const TRIED = { main: 8, other: 6 };

type Search = {
  readonly scope: Scope;
  readonly catalog: Catalog;
  /** Steps that are in the plan already. */
  readonly taken: readonly Step[];
  readonly depth: number;
  /** The arguments of an operation that values tell by themselves. */
  readonly byValues: (operation: Operation, scope: Scope) => { fills: readonly Filled[]; open: readonly Slot[] };
};

/** How well a source tells what a slot identifies, 0 … 1. */
export function nounMatch({ noun, aboutNoun }: Slot, { nouns, main }: Source): number {
  const weight = (one: Term) =>
    Math.max(0, ...nouns.map((other, index) => likeness(one, other) * (index === 0 ? 1 : main ? 0.72 : 0.85)));
  // "Id of the part order" is of an order, and of no part; a "time entry" is of time.
  const headOf = (list: readonly Term[]) => list.findLastIndex(({ lemma }) => !GENERIC.has(lemma));
  const weights = (list: readonly Term[], most: number) =>
    list.map((one, index) => weight(one) * (index < headOf(list) ? 0.6 : most));
  return Math.max(0, ...weights(noun, 1), ...weights(aboutNoun, 0.95));
}

/** Ways to fill an id slot, best first. */
export function waysTo(slot: Slot, user: Operation, search: Search): Way[] {
  const { scope, taken, depth } = search;
  if (depth >= DEPTH) return [];
  const nouns = [...slot.noun, ...slot.aboutNoun];
  const values = scope.free.map(({ at, text }) => `${at}${text}`);
  const key = [depth, ...nouns.map(({ id }) => id), ...values, ...taken.map(({ id }) => id)].join();
  const ways = scope.memory.ways.get(key) ?? searchWays(slot, nouns, search);
  scope.memory.ways.set(key, ways);
  return ways.filter(({ steps }) => steps.every(({ operation }) => operation !== user)).slice(0, 6);
}

function searchWays(slot: Slot, nouns: readonly Term[], search: Search): Way[] {
  const { scope, catalog } = search;
  const named = scope.free.some(isName);
  const takesName = ({ slots }: Operation) => slots.some((one) => one.use === 'search' || isNameSlot(one));
  const sources = [...new Set(nouns.flatMap((noun) => catalog.sources(noun)))]
    .map((source) => ({ source, match: nounMatch(slot, source) }))
    .filter(({ match }) => match >= 0.55)
    .map(({ source, match }) => ({
      source,
      match,
      rough:
        match * 2 +
        relevance(source.operation, scope, catalog) +
        (source.main ? 0.5 : 0) +
        (named && takesName(source.operation) ? 0.5 : 0),
    }))
    .sort((a, b) => b.rough - a.rough);
  const worthOf = ({ score, doubt }: Way) => score - 0.8 * doubt;
  return [
    ...sources.filter(({ source }) => source.main).slice(0, TRIED.main),
    ...sources.filter(({ source }) => !source.main).slice(0, TRIED.other),
  ]
    .flatMap(({ source, match }) => waysThrough(tellingOf(source, slot), match, slot, search))
    .sort((a, b) => worthOf(b) - worthOf(a))
    .slice(0, 10);
}

/**
 * Ways to what is named within a thing that the call takes, too: "the task “Order laptop” of Katya", for `/employees/{id}/tasks/{task}`.
 * @param given what the call takes already
 */
export function waysWithin(slot: Slot, given: readonly Filled[], search: Search): Way[] {
  const nouns = [...slot.noun, ...slot.aboutNoun];
  const isOf = ({ type }: Value, { nouns: things }: Operation) =>
    type.every((one) => !search.catalog.isThing(one) || best(one, [...nouns, ...things]) >= 0.7);
  return [...new Set(nouns.flatMap((noun) => search.catalog.sources(noun)))]
    .filter((source) => source.main && nounMatch(slot, source) >= 0.75 && within(source.operation, given).length > 0)
    .flatMap((source) =>
      search.scope.free
        .filter((value) => isName(value) && !value.self && isOf(value, source.operation))
        .flatMap((value) => byName(tellingOf(source, slot), value, search, given) ?? []),
    );
}

/** What a list needs to be told and a call is told already, by the same name. */
export const within = ({ slots }: Operation, given: readonly Filled[]): Step['args'] =>
  slots.flatMap((slot) => {
    const same = given.find((one) => one.slot.use === 'id' && one.slot.name === slot.name);
    return slot.required && slot.use === 'id' && same !== undefined ? [{ slot, value: same.value }] : [];
  });

/** How much of the clause's words a reading operation speaks of, less what it is about and nobody asked for. */
function relevance(operation: Operation, scope: Scope, catalog: Catalog): number {
  const { nouns, parents, marks, about } = operation;
  const said = [...nouns, ...parents, ...marks];
  const spoken = scope.clause.topics.reduce((sum, { term, weight }) => {
    const sure = Math.max(best(term, said), 0.4 * best(term, about));
    return sum + (sure >= 0.3 ? sure * weight * worth(catalog, term) : 0);
  }, 0);
  const topics = [...scope.clause.topics, ...scope.intent.background].map(({ term }) => term);
  const foreign = parents.filter((one) => best(one, topics) < 0.6).length;
  const strange = marks.filter((one) => best(one, topics) < 0.6 && best(one, nouns) < 0.8).length;
  return spoken - 0.3 * Math.min(3, strange) - 0.1 * Math.min(3, foreign);
}

const typeOf = ({ fields, id }: Source) => fields.find(({ path }) => path.join() === id.join())?.shape.type;

function waysThrough(source: Source, match: number, slot: Slot, search: Search): Way[] {
  const { scope, depth } = search;
  const { operation, rows, main } = source;
  const ways: Way[] = [];
  for (const value of main || rows !== undefined ? scope.free.filter(isName) : []) {
    const way = byName(source, value, search);
    const score = match * 2 + typed(value, slot, operation) - depth * 0.3;
    if (way !== undefined) ways.push({ ...way, score: way.score + score, doubt: way.doubt + 2 * (1 - match) });
  }
  return ways.length === 0 || depth < DEPTH - 1 ? [...ways, ...withoutName(source, match, search)] : ways;
}

/** Whether the words beside a name say that it is one of these. */
function typed({ type }: Value, { noun, aboutNoun }: Slot, { nouns }: Operation): number {
  const hit = Math.max(0, ...type.map((one) => best(one, [...noun, ...aboutNoun, ...nouns])));
  return hit >= 0.75 ? 1.2 * hit : 0;
}

/** A search by name, when the operation takes a name or lists rows that have one. */
function byName(
  source: Source,
  value: Value,
  { scope, catalog }: Search,
  given: readonly Filled[] = [],
): Way | undefined {
  const { operation, main } = source;
  const seen = value.seen?.get(operation.tool);
  // Rows that were looked at are called otherwise.
  if (value.seen !== undefined && seen === undefined && catalog.looked.has(operation.tool)) return undefined;
  const isMail = (slot: Slot) => slot.shape.format === 'email' || /e?mail/i.test(slot.name);
  const wanted = value.kind === 'email' ? isMail : isNameSlot;
  // A search by name need not find what is called so in another field, or in two.
  const isOther = seen !== undefined && (seen.startsWith('(') || seen !== identityOf(source.fields, value.kind));
  const search = isOther
    ? undefined
    : (operation.slots.find(wanted) ?? operation.slots.find(({ use }) => use === 'search'));
  const own = within(operation, given);
  if (operation.slots.some((slot) => slot.required && slot !== search && !own.some((one) => one.slot === slot)))
    return undefined;
  if (search === undefined && (source.rows === undefined || !main || (seen ?? nameField(source.fields)) === undefined))
    return undefined;
  const limit = operation.slots.find(({ use }) => use === 'limit');
  const filled: Filled[] = search
    ? [{ slot: search, value: partOfName(search, value), used: [value], said: [], sure: 3 }]
    : [];
  const args = [...own, ...filled.map((one) => ({ slot: one.slot, value: one.value }))];
  // Where no argument takes the name, it is sought among all rows.
  if (search === undefined && limit) args.push({ slot: limit, value: largestPage(limit) });
  const id = draftId(operation, `${value.text}${own.map((one) => JSON.stringify(one.value)).join('')}`);
  const found: Step = { id, operation, purpose: 'lookup', args, filled, reason: `Find ${value.text}` };
  const isMain = source.rows?.join() === operation.outline.rows?.path.join();
  const paged = search === undefined && isMain ? withPages(found) : undefined;
  const partly = search === undefined && paged === undefined && isPaged(found);
  const pick = pickByName(source, paged?.all ?? join(output(id), source.rows ?? []), value, {
    partly,
    ...(search && { by: search.name }),
  });
  const step: Step = { ...(paged ?? found), isByName: true };
  return {
    steps: [step],
    named: { operation, own: main },
    id: pick,
    type: typeOf(source),
    used: [value],
    score:
      2 +
      (search === undefined ? 0 : wanted(search) ? 0.5 : 0.35) +
      (main ? 0.4 : scope.writes ? -3 : -1.2) -
      (value.sure === false ? 0.3 : 0),
    doubt: (search === undefined ? 1 : 0) + (main ? 0 : 1),
  };
}

const EITHER_NAME =
  /\b(?:first|given)(?:\s+name)?\s+or\s+(?:(?:the|their)\s+)?(?:last|family)\s+name\b|\bfirst\s+name\s+or\s+(?:sur)name\b/i;
/** Of a whole name what an argument takes of it. */
function partOfName({ name, shape }: Slot, { text, kind }: Value): string {
  const [first = text, ...rest] = kind === 'name' ? text.split(' ') : [text];
  if (rest.length === 0) return text;
  // "Only those whose first or last name contains this": neither contains both.
  return /^(?:last|family)_?name$|^surname$/i.test(name) || EITHER_NAME.test(shape.description)
    ? rest.join(' ')
    : /^(?:first|given)_?name$/i.test(name)
      ? first
      : text;
}

const isNameSlot = ({ use, shape, name, sent }: Slot) =>
  use !== 'id' &&
  shape.type === 'string' &&
  shape.enum === undefined &&
  shape.format === undefined &&
  /^(?:title|.*name)$/i.test(name) &&
  !sent;

/** From a thing to others of its kind ("similar"): only when the intent speaks of that, else the id that is sought is needed first. */
function leadsOn({ nouns, marks }: Operation, need: Slot, scope: Scope): boolean {
  const own = [...nouns, ...marks].filter((one) => best(one, need.noun) < 0.75);
  return scope.clause.topics.some(({ term }) => best(term, own) >= 0.8);
}

/** The first of a list ("the most popular"), or a thing that another way leads to ("the network that made …"). */
function withoutName(source: Source, match: number, search: Search): Way[] {
  const { scope, catalog, depth, byValues } = search;
  const { operation } = source;
  if (source.some || operation.slots.some(({ use, required }) => use === 'search' && required)) return [];
  const unnamed = scope.free.filter(({ kind }) => kind !== 'name' && kind !== 'quoted');
  const { fills, open } = byValues(operation, { ...scope, free: unnamed });
  // A number of a thing is no id of it.
  const isOther = ({ slot, used }: Filled) =>
    used.some(({ kind, text }) => /^(?:id|number)$/.test(kind) && catalog.isNumbered(slot, text));
  if (fills.some(isOther)) return [];
  const own = fills.filter(({ slot, sure }) => slot.required || sure >= 2.5);
  const base = match * 2 + relevance(operation, scope, catalog) - depth * 0.3;
  const make = (more: Step['args'], before: Pick<Way, 'steps' | 'used' | 'score' | 'doubt' | 'named'>): Way => {
    const step: Step = {
      id: draftId(operation, before.steps.map((one) => one.id).join()),
      operation,
      purpose: 'lookup',
      args: [...own.map(({ slot, value }) => ({ slot, value })), ...more],
      filled: own,
      reason: `Get ${operation.nouns.map(({ text }) => text).join(' ') || operation.tool.operation}`,
    };
    return {
      steps: [...before.steps, step],
      ...(before.named && { named: { ...before.named, own: false } }),
      id: pickFirst(source, step.id),
      type: typeOf(source),
      used: [...before.used, ...own.flatMap((one) => one.used)],
      score: before.score,
      doubt: before.doubt + 2 * (1 - match),
    };
  };
  const [need, ...rest] = open;
  const { top } = scope.clause.picking;
  // Writing to "the first one" of a list would be a guess, and so is reading of it where several are spoken of.
  if (need === undefined)
    return source.rows !== undefined &&
      (scope.writes || (top === undefined && (source.refers || isOfSeveral({ operation }, scope.clause))))
      ? []
      : [make([], { steps: [], used: [], score: base, doubt: 0 })];
  if (need.use !== 'id' || rest.length > 0) return [];
  // Nor is what the first of several refers to that of all.
  const isGuess = source.refers || scope.writes;
  if (source.rows !== undefined && top === undefined && isGuess) return [];
  if (nounMatch(need, source) >= 0.75 && !leadsOn(operation, need, scope)) return [];
  const free = scope.free.filter((value) => !own.some(({ used }) => used.includes(value)));
  return waysTo(need, operation, { ...search, scope: { ...scope, free }, depth: depth + 1 })
    .slice(0, 3)
    .map((way) => {
      const score = base + way.score * 0.6 - (scope.writes ? 2 : 0.5);
      const value = bind(asType(way.id, way.type, need.shape.type));
      return make([{ slot: need, value }], { ...way, score, doubt: way.doubt + 0.2 });
    });
}

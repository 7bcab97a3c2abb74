// Finds reads whose answers hold an id that another call needs.

import { asType, bind, join, output } from '../answer/jsonata.ts';
import { isPaged, pagesOf } from '../answer/pages.ts';
import type { Value } from '../intent/value.ts';
import { best, likeness } from '../lexicon/likeness.ts';
import type { Term } from '../lexicon/words.ts';
import { type Catalog, worth } from '../tools/catalog.ts';
import type { Slot } from '../tools/inputs.ts';
import type { Operation } from '../tools/operation.ts';
import type { Source } from '../tools/sources.ts';
import type { Filled, Scope, Way } from './draft.ts';
import { draftId, type Step } from './draft.ts';
import { nameField, pickByName, pickFirst, pickFound } from './lookup.ts';

const DEPTH = 3;
/** Number of sources tried for an id: lists of the thing itself, and fields that refer to it. */
const TRIED = { main: 8, other: 6 };

/** How well a source tells what a slot identifies, 0 … 1. */
function nounMatch(slot: Slot, source: Source): number {
  const weight = (one: Term) =>
    source.nouns.reduce(
      (top, noun, index) => Math.max(top, likeness(one, noun) * (index === 0 ? 1 : source.main ? 0.72 : 0.85)),
      0,
    );
  const own = slot.noun.reduce(
    (top, one, index) => Math.max(top, weight(one) * (index === slot.noun.length - 1 ? 1 : 0.7)),
    0,
  );
  const told = slot.aboutNoun.reduce((top, one) => Math.max(top, weight(one) * 0.95), 0);
  return Math.max(own, told);
}

type Search = {
  readonly scope: Scope;
  readonly catalog: Catalog;
  /** Steps that are in the plan already; what they bring may be used again. */
  readonly taken: readonly Step[];
  readonly depth: number;
  /** The arguments of an operation that values tell by themselves. */
  readonly told: (operation: Operation, scope: Scope) => { fills: readonly Filled[]; open: readonly Slot[] };
};

/** Ways to fill an id slot, best first. */
export function waysTo(slot: Slot, user: Operation, search: Search): Way[] {
  const { scope, taken, depth } = search;
  if (depth >= DEPTH) return [];
  const nouns = [...slot.noun, ...slot.aboutNoun];
  const key = [
    depth,
    ...nouns.map(({ id }) => id),
    ...scope.free.map(({ at, text }) => `${at}${text}`),
    ...taken.map(({ id }) => id),
  ].join();
  let ways = scope.memory.ways.get(key);
  if (ways === undefined) {
    ways = searchWays(slot, nouns, search);
    scope.memory.ways.set(key, ways);
  }
  return ways.filter(({ steps }) => steps.every(({ operation }) => operation !== user)).slice(0, 6);
}

function searchWays(slot: Slot, nouns: readonly Term[], search: Search): Way[] {
  const { scope, catalog } = search;
  const named = scope.free.some(({ kind }) => kind === 'name' || kind === 'quoted' || kind === 'email');
  const sources = [...new Set(nouns.flatMap((noun) => catalog.sources(noun)))]
    .map((source) => ({ source, match: nounMatch(slot, source) }))
    .filter(({ match }) => match >= 0.55)
    .map((one) => ({
      ...one,
      rough:
        one.match * 2 +
        relevance(one.source.operation, scope, catalog) +
        (one.source.main ? 0.5 : 0) +
        (named && takesName(one.source.operation) ? 0.5 : 0),
    }))
    .sort((a, b) => b.rough - a.rough);
  const tried = [
    ...sources.filter(({ source }) => source.main).slice(0, TRIED.main),
    ...sources.filter(({ source }) => !source.main).slice(0, TRIED.other),
  ];
  return tried
    .flatMap(({ source, match }) => waysThrough(source, match, slot, search))
    .sort((a, b) => b.score - 0.8 * b.doubt - (a.score - 0.8 * a.doubt))
    .slice(0, 10);
}

const takesName = ({ slots }: Operation) => slots.some((slot) => slot.use === 'search' || isNameSlot(slot));

/** How much of the clause's words a reading operation speaks of beyond its own noun. */
function relevance(operation: Operation, scope: Scope, catalog: Catalog): number {
  const said = [...operation.nouns, ...operation.parents, ...operation.marks];
  const spoken = scope.clause.topics.reduce((sum, { term, weight }) => {
    const sure = Math.max(best(term, said), 0.4 * best(term, operation.about));
    return sum + (sure >= 0.3 ? sure * weight * worth(catalog, term) : 0);
  }, 0);
  const topics = [...scope.clause.topics, ...scope.intent.background].map(({ term }) => term);
  const foreign = operation.parents.filter((one) => best(one, topics) < 0.6).length;
  const strange = operation.marks.filter(
    (mark) => best(mark, topics) < 0.6 && best(mark, operation.nouns) < 0.8,
  ).length;
  return spoken - 0.3 * Math.min(3, strange) - 0.1 * Math.min(3, foreign);
}

function waysThrough(source: Source, match: number, slot: Slot, search: Search): Way[] {
  const { scope, taken, depth } = search;
  const { operation } = source;
  const present = taken.find((step) => step.operation === operation && step.forEach === undefined);
  const names = scope.free.filter(({ kind }) => kind === 'name' || kind === 'quoted' || kind === 'email');
  const ways: Way[] = [];
  if (present !== undefined && source.rows === undefined) {
    ways.push({
      steps: [],
      id: pickFirst(source, present.id),
      type: typeOf(source),
      used: [],
      score: match * 2 + 0.8,
      doubt: 1 - match,
    });
  } else if (present !== undefined && /\b(?:it|them|him|her|this|that|those|these|their)\b/i.test(scope.clause.text)) {
    // "find the contact and email her": what was found, when it is one.
    ways.push({
      steps: [],
      id: pickFound(source, present.id, scope.writes),
      type: typeOf(source),
      used: [],
      score: match * 2 + 0.9,
      doubt: 1 - match,
    });
  }
  for (const value of source.main || source.rows !== undefined ? names : []) {
    const way = byName(source, value, search);
    if (way === undefined) continue;
    ways.push({
      ...way,
      score: way.score + match * 2 + typed(value, slot, source) - depth * 0.3,
      doubt: way.doubt + 2 * (1 - match),
    });
  }
  if (ways.length === 0 || depth < DEPTH - 1) ways.push(...withoutName(source, match, search));
  return ways;
}

const typeOf = ({ fields, id }: Source) => fields.find(({ path }) => path.join() === id.join())?.shape.type;

/** Whether the words beside a name say that it is one of these. */
function typed(value: Value, slot: Pick<Slot, 'noun' | 'aboutNoun'>, source: Source): number {
  const kinds = [...slot.noun, ...slot.aboutNoun, ...source.operation.nouns];
  const hits = value.type.map((one) => best(one, kinds));
  return Math.max(0, ...hits) >= 0.75 ? 1.2 * Math.max(...hits) : 0;
}

/** A search by name, when the operation takes a name or lists rows that have one. */
function byName(source: Source, value: Value, { scope, told: tell }: Search): Way | undefined {
  const { operation } = source;
  const wanted =
    value.kind === 'email' ? (slot: Slot) => slot.shape.format === 'email' || /e?mail/i.test(slot.name) : isNameSlot;
  const search = operation.slots
    .filter((slot) => slot.use === 'search' || wanted(slot))
    .sort((a, b) => Number(wanted(b)) - Number(wanted(a)))[0];
  const others = operation.slots.filter((slot) => slot.required && slot !== search);
  const told =
    others.length === 0
      ? []
      : tell(operation, {
          ...scope,
          free: scope.free.filter((one) => one !== value && one.kind !== 'name'),
        }).fills.filter(({ slot }) => others.includes(slot));
  if (others.some((slot) => !told.some((one) => one.slot === slot))) return undefined;
  if (search === undefined && (source.rows === undefined || !source.main || nameField(source.fields) === undefined))
    return undefined;
  const id = draftId(operation, value.text);
  const args = told.map(({ slot, value: filled }) => ({ slot, value: filled }));
  if (search !== undefined) args.push({ slot: search, value: value.text });
  const filled: Filled[] =
    search === undefined ? [...told] : [...told, { slot: search, value: value.text, used: [value], said: [], sure: 3 }];
  if (search === undefined) args.push(...widest(operation));
  const step: Step = { id, operation, purpose: 'lookup', args, filled, reason: `Find ${value.text}` };
  const rows = join(output(id), source.rows ?? []);
  // Where no argument takes the name, it is sought among all rows.
  const isMain = source.rows?.join() === operation.outline.rows?.path.join();
  const pages = search === undefined && isMain ? pagesOf(step) : undefined;
  const partly = search === undefined && pages === undefined && isPaged(step);
  return {
    steps: [step, ...(pages?.steps ?? [])],
    named: { operation, own: source.main },
    id: pickByName(source, pages?.all ?? rows, value, partly),
    type: typeOf(source),
    used: [value, ...told.flatMap(({ used }) => used)],
    score:
      2 +
      (search === undefined ? 0 : wanted(search) ? 0.5 : 0.35) +
      (source.main ? 0.4 : scope.writes ? -3 : -1.2) -
      (value.sure === false ? 0.3 : 0),
    doubt: (search === undefined ? 1 : 0) + (source.main ? 0 : 1),
  };
}

/** The largest page that an operation gives, for rows that are sifted here. */
function widest(operation: Operation): { slot: Slot; value: number }[] {
  const limit = operation.slots.find(({ use }) => use === 'limit');
  return limit === undefined ? [] : [{ slot: limit, value: Math.min(limit.shape.maximum ?? 100, 1000) }];
}

const isNameSlot = (slot: Slot) =>
  slot.use !== 'id' &&
  slot.shape.type === 'string' &&
  slot.shape.enum === undefined &&
  slot.shape.format === undefined &&
  /^(name|full_?name|title|display_?name|.*_?name)$/i.test(slot.name) &&
  !slot.sent;

/** From a thing to others of its kind ("similar"): only when the intent speaks of that, else the id that is sought is needed first. */
function leadsOn(operation: Operation, need: Slot, scope: Scope): boolean {
  const own = [...operation.nouns, ...operation.marks].filter((one) => best(one, need.noun) < 0.75);
  return scope.clause.topics.some(({ term }) => best(term, own) >= 0.8);
}

/** Several of the things are spoken of, and the first of them is not what is meant. */
const isMany = ({ nouns }: Operation, { clause }: Scope): boolean =>
  clause.picking.top === undefined &&
  clause.topics.some(({ term: { text, lemma } }) => text !== lemma && nouns.some((noun) => noun.lemma === lemma));

/** The first of a list ("the most popular"), or a thing that another way leads to ("the network that made …"). */
function withoutName(source: Source, match: number, search: Search): Way[] {
  const { scope, catalog, depth, told: tell } = search;
  const { operation } = source;
  if (operation.slots.some(({ use, required }) => use === 'search' && required)) return [];
  const usable = scope.free.filter(({ kind }) => kind !== 'name' && kind !== 'quoted');
  const { fills, open } = tell(operation, { ...scope, free: usable });
  const own = fills.filter(({ slot, sure }) => slot.required || sure >= 2.5);
  const base = match * 2 + relevance(operation, scope, catalog) - depth * 0.3;
  const make = (
    more: { slot: Slot; value: ReturnType<typeof bind> }[],
    { steps: before, used, score, doubt, named }: Pick<Way, 'steps' | 'used' | 'score' | 'doubt' | 'named'>,
  ): Way => {
    const step: Step = {
      id: draftId(operation, before.map((one) => one.id).join()),
      operation,
      purpose: 'lookup',
      args: [...own.map(({ slot, value }) => ({ slot, value })), ...more],
      filled: own,
      reason: `Get ${operation.nouns.map(({ text }) => text).join(' ') || operation.tool.operation}`,
    };
    return {
      steps: [...before, step],
      ...(named && { named: { ...named, own: false } }),
      id: pickFirst(source, step.id),
      type: typeOf(source),
      used: [...used, ...own.flatMap((one) => one.used)],
      score,
      doubt: doubt + 2 * (1 - match),
    };
  };
  if (open.length === 0) {
    // Writing to "the first one" of a list would be a guess.
    if (source.rows !== undefined && (scope.writes || isMany(operation, scope))) return [];
    return [make([], { steps: [], used: [], score: base, doubt: 0 })];
  }
  const [need, ...rest] = open;
  if (need === undefined || need.use !== 'id' || rest.length > 0) return [];
  if (nounMatch(need, source) >= 0.75 && !leadsOn(operation, need, scope)) return [];
  const free = scope.free.filter((value) => !own.some(({ used }) => used.includes(value)));
  return waysTo(need, operation, { ...search, scope: { ...scope, free }, depth: depth + 1 })
    .slice(0, 3)
    .map((way) =>
      make([{ slot: need, value: bind(asType(way.id, way.type, need.shape.type)) }], {
        ...way,
        score: base + way.score * 0.6 - (scope.writes ? 2 : 0.5),
        doubt: way.doubt + 0.2,
      }),
    );
}

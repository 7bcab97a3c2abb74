// One assignment of what an intent says to what an operation takes: each value goes to one argument, by way of a look-up to one,
// or to a condition on the rows; each argument takes one.

import { asType, bind } from '../answer/jsonata.ts';
import type { Value } from '../intent/value.ts';
import { best, isAmong, type Term } from '../lexicon/words.ts';
import type { Catalog } from '../tools/catalog.ts';
import type { Slot } from '../tools/inputs.ts';
import { type Operation, rowFieldsOf } from '../tools/operation.ts';
import { waysTo } from './chain.ts';
import { conditionFor } from './conditions.ts';
import { type Filled, isName, type Scope, type Step, type Way } from './draft.ts';
import { fitOf } from './fit/fit.ts';
import { constants, fromWords } from './fit/fit-words.ts';
import { has, isPlain } from './fit/slots.ts';

/** One thing that may be done with a value. */
type Offer = {
  fills: readonly Filled[];
  steps: readonly Step[];
  used: readonly Value[];
  /** A condition on the rows. */
  predicate?: string;
  sure: number;
  doubt: number;
};

/** What becomes of all values. */
export type Assignment = Offer & { predicates: readonly string[]; open: readonly Slot[] };

export type Target = {
  readonly operation: Operation;
  readonly scope: Scope;
  /** Where names are looked up; without it names go to arguments as they are. */
  readonly catalog?: Catalog;
  /** The id of what is described, and not named: values may be left for its description. */
  readonly described?: Slot;
  /** Steps whose outputs may be used. */
  readonly before?: readonly Step[];
};

/** Assignments that are kept while the next value is placed. */
const BEAM = 24;
/** What it costs to leave a value over. */
const UNPLACED = 3;
/** How sure it is that whose things are meant is the user. */
const OF_USER = 2;
/** Uses that say how rows are cut, not which. */
const CUTS = new Set<Slot['use']>(['limit', 'offset', 'page', 'plumbing', 'sort', 'order']);

/** The arguments that values tell without look-ups. */
export const alone = (operation: Operation, scope: Scope): Assignment => assign({ operation, scope })[0]!;

/** The best assignments, best first. */
export function assign(target: Target): Assignment[] {
  const { operation, scope, described } = target;
  const slots = operation.slots.filter(({ use }) => !CUTS.has(use));
  const offers = scope.free.map((value) => ({ value, offers: offersOf(value, slots, target) }));
  let states: Assignment[] = [{ fills: [], steps: [], used: [], predicates: [], open: [], sure: 0, doubt: 0 }];
  // What fits few places is placed first.
  for (const { value, offers: own } of offers.sort((a, b) => a.offers.length - b.offers.length)) {
    states = states
      .flatMap((state) => {
        if (state.used.includes(value)) return [state];
        const isFree = value.fromContext || value.ordinal || value.optional || value.self || described !== undefined;
        const lost = isFree ? 0 : UNPLACED;
        return [{ ...state, sure: state.sure - lost }, ...own.flatMap((offer) => combine(state, offer))];
      })
      .sort(byWorth)
      .slice(0, BEAM);
  }
  return states.map((state) => complete(state, slots, operation, scope));
}

function combine(state: Assignment, offer: Offer): Assignment[] {
  const taken = offer.fills.some(({ slot }) => state.fills.some((one) => one.slot === slot));
  if (taken || offer.used.some((value) => state.used.includes(value))) return [];
  return [
    {
      ...state,
      fills: [...state.fills, ...offer.fills],
      steps: [...state.steps, ...offer.steps.filter((step) => !state.steps.some(({ id }) => id === step.id))],
      used: [...state.used, ...offer.used],
      predicates: offer.predicate === undefined ? state.predicates : [...state.predicates, offer.predicate],
      sure: state.sure + offer.sure,
      doubt: state.doubt + offer.doubt,
    },
  ];
}

const isTime = (used: readonly Value[]) => used.some(({ kind }) => kind === 'moment' || kind === 'period');

/** Adds what words say ("open", "archived") and what a schema leaves no choice about. */
function complete(state: Assignment, slots: readonly Slot[], operation: Operation, scope: Scope): Assignment {
  const fills = [...state.fills];
  const free = (slot: Slot) => !fills.some((one) => one.slot === slot);
  const told = slots
    .filter(free)
    .flatMap((slot) => fromWords(slot, operation, scope) ?? [])
    .sort((a, b) => b.sure - a.sure);
  for (const one of told) {
    // "Reported this month" is when, and no state; "due this month" is both.
    const isState = (word: Term) => !/(?:ed|en|ing)$/.test(word.text) && one.value === word.text;
    const spent = fills.some(({ said, used }) =>
      said.some((word) => one.said.includes(word) && (used.length === 0 || (isTime(used) && !isState(word)))),
    );
    if (!spent) fills.push(one);
  }
  fills.push(...constants(slots.filter(free)));
  return { ...state, fills, open: slots.filter((slot) => slot.required && free(slot)) };
}

function offersOf(value: Value, slots: readonly Slot[], target: Target): Offer[] {
  const { operation, scope, catalog } = target;
  const offers: Offer[] = [];
  for (const slot of slots) {
    if (slot === target.described) continue;
    // "For me" is only polite where nobody has to be told.
    if (value.self && value.optional && !(slot.required && slot.sent)) continue;
    const holds = referenceOf(slot, value, catalog);
    if (catalog !== undefined && (holds || slot.use === 'id'))
      offers.push(...lookedUp(value, slot, holds ?? slot, target));
    // Who asks is looked up, and sent to nobody as a text.
    if (value.self) offers.push(...asUser(slot, value, catalog));
    if (holds !== undefined || value.self) continue;
    // What is said to be another thing is no text of this one.
    const other =
      value.kind === 'name' &&
      !slot.sent &&
      value.type.some((one) => catalog?.isThing(one) && best(one, [...slot.names, ...operation.nouns]) < 0.7);
    // "Donor 2041", where donors have a number beside their id.
    const isNumbered =
      isNumber(value) && (catalog?.isNumbered(slot, value.text) || catalog?.isOfOther(slot, value.text)) === true;
    const fit = other || isNumbered ? undefined : fitOf(slot, value, operation, scope);
    if (fit === undefined) continue;
    const { sure, also = [], said = [], more = [] } = fit;
    const used = [value, ...also];
    const fills = [{ slot, value: fit.value }, ...more].map((one) => ({ ...one, used, said, sure }));
    offers.push({ fills, steps: [], used, sure, doubt: 0 });
  }
  const isOther =
    isNumber(value) && !has(operation.nouns, value.type) && catalog?.isNumbered(thingOf(value), value.text);
  const predicate = scope.writes || value.self || isOther ? undefined : conditionFor(value, operation);
  // What the service does not check itself it may also leave out of a page.
  if (predicate !== undefined) offers.push({ fills: [], steps: [], used: [value], predicate, sure: 1.2, doubt: 0.4 });
  return offers.sort(byWorth).slice(0, 8);
}

const isNumber = ({ kind }: Value) => kind === 'id' || kind === 'number';
const thingOf = ({ type }: Value) => ({ use: 'id', name: 'id', noun: type }) as const;

/** Who asks, where a slot takes people by their name or address. */
function asUser(slot: Slot, value: Value, catalog: Catalog | undefined): Offer[] {
  const { shape } = slot;
  const isMember = shape.enum?.some((one) => String(one) === value.text);
  const isName = isPlain(slot) && /\bname\b/i.test(shape.description);
  const sent = shape.format === 'email' ? value.address : isMember || isName ? value.text : undefined;
  if (sent === undefined || catalog?.isOfUser(slot) !== true) return [];
  const fills = [{ slot, value: sent, used: [value], said: [], sure: OF_USER }];
  return [{ fills, steps: [], used: [value], sure: OF_USER, doubt: 0 }];
}

const byWorth = (a: Offer, b: Offer) => b.sure - b.doubt - (a.sure - a.doubt);

/** A text that holds the code of a thing: a name is looked up for it, as it is for an id. */
function referenceOf(slot: Slot, { kind }: Value, catalog: Catalog | undefined): Slot | undefined {
  const { name, names, about, shape, use } = slot;
  const isCode = /\b(?:id|code|key|number|ref(?:erence)?|no)\b/i.test(shape.description) || /^[a-z]{1,2}id$/.test(name);
  if (kind !== 'name' || use !== 'value' || shape.type !== 'string' || shape.enum !== undefined || !isCode)
    return undefined;
  const noun = [...names, ...about].find((one) => catalog?.isThing(one));
  return noun && { ...slot, use: 'id', noun: [noun] };
}

/** Ways from a name to the id of what is called so. @param reference the slot as one that takes an id */
function lookedUp(value: Value, slot: Slot, reference: Slot, target: Target): Offer[] {
  const { operation, scope, before = [] } = target;
  const catalog = target.catalog!;
  const isTied = value.ties.some((one) => isAmong(one, [...slot.names, ...slot.about]));
  if (value.self && !catalog.isOfUser(slot) && !isTied) return [];
  // "Set the stage of the deal Rollout of Northwind": what stands after "of" says which, and is nothing to be set.
  const isSet = scope.writes && operation.action !== 'create' && slot.at[0] === 'body';
  if (!isName(value) || (isSet && /^(?:of|for|at|from|in|by)$/.test(value.preposition ?? ''))) return [];
  const search = { scope: { ...scope, free: [value] }, catalog, taken: before, depth: 0, byValues: alone };
  return waysTo(reference, operation, search)
    .filter((way) => way.used.includes(value))
    .slice(0, slot.required ? 4 : 2)
    .flatMap((way) => {
      const related = value.self ? OF_USER : relation(value, reference, way, { operation, catalog });
      if (related === undefined) return [];
      const sure = Math.min(4, related + 0.2 * Math.min(way.score, 4));
      const fills = [{ slot, value: bind(asType(way.id, way.type, slot.shape.type)), used: way.used, said: [], sure }];
      const steps = way.steps.filter((step) => !before.some(({ id }) => id === step.id));
      return [{ fills, steps, used: way.used, sure, doubt: way.doubt * 0.5 }];
    });
}

/**
 * How surely a name is one of what a slot refers to: by the words that say what it is, by those that tie it to the rest, else by
 * its little word. Nothing when words say that it is something else.
 */
function relation(
  { type, ties, owned = [], preposition = '' }: Value,
  slot: Slot,
  { named, steps }: Way,
  { operation, catalog }: { operation: Operation; catalog: Catalog },
): number | undefined {
  const kinds = [...slot.noun, ...slot.aboutNoun];
  const things = named?.operation.nouns ?? [];
  const hit = (list: readonly Term[], words: readonly Term[]) => Math.max(0, ...list.map((one) => best(one, words)));
  const typed = hit(type, named?.own === false ? things : [...kinds, ...things]);
  // "How much has Ana given", where `donor_id` is told to be who gave it.
  const field = rowFieldsOf(operation).find(({ name }) => name === slot.name);
  const isTold = ties.some((one) => isAmong(one, field?.about ?? []));
  const tied = Math.max(isTold ? 0.9 : 0, hit(ties, [...kinds, ...slot.names]));
  // "Set the stage of the deal Rollout": what is sent is not read from the deal, unless that is asked for.
  if (named?.own === false && slot.sent && tied < 0.8) return undefined;
  if (typed >= 0.8) return 1.2 + 1.6 * typed;
  if (type.some((one) => catalog.isThing(one))) return undefined;
  // "The jobs in Finance": one of several is not what they are in.
  const isOfMany = ties.some((one) => one.text !== one.lemma && things.some((thing) => thing.lemma === one.lemma));
  // Nor is Ana one of her invoices.
  const isOwner = owned.some((one) => isAmong(one, things));
  if ((isOfMany || isOwner) && named?.own !== false) return undefined;
  // "the owner of Contoso": by what is called so, although nobody says what that is.
  if (named?.own === false)
    return tied >= 0.8 && /^(?:of|for)$/.test(preposition) ? 1.4 : steps.length > 2 ? undefined : 0.4;
  if (slot.noun.some((one) => best(one, operation.nouns) >= 0.8)) {
    // "the contacts of Contoso" are several, so none of them is called so; "the call with Contoso" may be.
    if (ties.some((one) => one.text !== one.lemma && best(one, operation.nouns) >= 0.8)) return undefined;
    const { rows, fields } = operation.outline;
    if (
      hit(
        ties,
        (rows?.fields ?? fields).flatMap(({ names }) => names),
      ) >= 0.8
    )
      return 2;
    return ties.length > 0 ? undefined : 0.8;
  }
  if (tied >= 0.8) return 1 + 1.6 * tied;
  return preposition === '' && ties.length === 0 ? 0.6 : 1.2;
}

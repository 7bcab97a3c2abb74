// One assignment of what an intent says to what an operation takes: each value goes to one argument, by way of a look-up to one,
// or to a condition on the rows; each argument takes one.

import type { Value } from '../intent/value.ts';
import { best, type Term, words } from '../lexicon/words.ts';
import type { Catalog } from '../tools/catalog.ts';
import type { Slot } from '../tools/inputs.ts';
import { type Operation, rowFieldsOf } from '../tools/operation.ts';
import { conditionFor } from './conditions.ts';
import { type Assignment, isName, type Offer, type Scope, type Target } from './draft.ts';
import { heldCode } from './fit/codes.ts';
import { fitOf } from './fit/fit.ts';
import { constants, fromWords } from './fit/fit-words.ts';
import { has, isPlain } from './fit/slots.ts';
import { calledSo } from './names/lookup.ts';
import { lookedUp, OF_USER, referenceOf, referredTo } from './names/naming.ts';
import { referredThrough } from './names/through.ts';

/** Assignments that are kept while the next value is placed. */
const BEAM = 24;
/** What it costs to leave a value over. */
const UNPLACED = 3;
/** Uses that say how rows are cut, not which. */
const CUTS = new Set<Slot['use']>(['limit', 'offset', 'page', 'plumbing', 'sort', 'order']);

/** The arguments that values tell without look-ups. */
export const alone = (operation: Operation, scope: Scope): Assignment => assign({ operation, scope })[0]!;

/** The best assignments, best first. */
export function assign(given: Target): Assignment[] {
  const target = { ...given, byValues: alone };
  const { operation, scope, described } = target;
  const slots = operation.slots.filter(({ use }) => !CUTS.has(use));
  const offers = scope.free.map((value) => ({ value, offers: offersOf(value, slots, target) }));
  let states: Assignment[] = [
    { fills: [], steps: [], used: [], predicates: [], refers: [], open: [], sure: 0, doubt: 0 },
  ];
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
  // Two names are not both what one row is called.
  const isTwice =
    (offer.called !== undefined && state.called !== undefined) ||
    (offer.refers !== undefined && state.refers.includes(offer.refers));
  if (taken || isTwice || offer.used.some((value) => state.used.includes(value))) return [];
  return [
    {
      ...state,
      fills: [...state.fills, ...offer.fills],
      steps: [...state.steps, ...offer.steps.filter((step) => !state.steps.some(({ id }) => id === step.id))],
      used: [...state.used, ...offer.used],
      predicates: offer.predicate === undefined ? state.predicates : [...state.predicates, offer.predicate],
      called: offer.called ?? state.called,
      refers: offer.refers === undefined ? state.refers : [...state.refers, offer.refers],
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
    const isOther = other || isNumbered || isElsewhere(value, slot, target);
    const fit = isOther ? undefined : fitOf(slot, value, operation, scope);
    // "CL-504": a number of a claim, or of a policy.
    if (fit === undefined || (fit.guessed && !scope.writes && catalog?.isOfAny(slot))) continue;
    const { sure, also = [], said = [], more = [] } = fit;
    const used = [value, ...also];
    const fills = [{ slot, value: fit.value }, ...more].map((one) => ({ ...one, used, said, sure }));
    offers.push({ fills, steps: [], used, sure, doubt: 0 });
  }
  const isOther =
    isNumber(value) && !has(operation.nouns, value.type) && catalog?.isNumbered(thingOf(value), value.text);
  const predicate = scope.writes || value.self || isOther ? undefined : conditionFor(value, operation);
  // What the service does not check itself it may also leave out of a page.
  const told = { fills: [], steps: [], used: [value] };
  const isCoded = rowFieldsOf(operation).some((field) => heldCode(value, field) !== undefined);
  if (predicate !== undefined) offers.push({ ...told, predicate, sure: isCoded ? 3 : 1.2, doubt: 0.4 });
  const isOpen = !scope.writes && !value.self && predicate === undefined && catalog !== undefined;
  const called = isOpen ? calledSo(value, operation, { ...scope, catalog }) : undefined;
  if (called !== undefined) offers.push({ ...told, ...called, called: value, doubt: 0.4 });
  if (!scope.writes && isName(value) && !value.self && !offers.some(({ steps }) => steps.length > 0))
    offers.push(...referredTo(value, target, predicate === undefined ? 1.6 : 0.9));
  // What is named is two things away.
  if (!scope.writes && !offers.some(({ steps, sure }) => steps.length < 2 && sure >= 1))
    offers.push(...referredThrough(value, target));
  return offers.sort(byWorth).slice(0, 8);
}

/** A text that rows have in another field is no text of this one, nothing that it is changed to, and none of those of a list without it. */
function isElsewhere(
  { seen }: Value,
  { name, use }: Slot,
  { operation: { action, tool }, catalog, scope }: Target,
): boolean {
  if (seen === undefined || action === 'create') return false;
  if (!scope.writes && catalog?.looked.has(tool) && !seen.has(tool)) return true;
  return use !== 'search' && ![...seen.values()].some((at) => words(at).some((word) => words(name).includes(word)));
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

const byWorth = (a: Pick<Offer, 'sure' | 'doubt'>, b: Pick<Offer, 'sure' | 'doubt'>) =>
  b.sure - b.doubt - (a.sure - a.doubt);

// One assignment of what an intent says to what an operation takes: each value goes to one argument, by way of a look-up to one,
// or to a condition on the rows; each argument takes one.

import { asType, bind } from '../answer/jsonata.ts';
import { conditionFor } from '../intent/conditions.ts';
import type { Value } from '../intent/value.ts';
import type { Catalog } from '../tools/catalog.ts';
import type { Slot } from '../tools/inputs.ts';
import type { Operation } from '../tools/operation.ts';
import { waysTo } from './chain.ts';
import type { Filled, Scope, Step, Way } from './draft.ts';
import { fitOf } from './fit/fit.ts';
import { constants, fromWords } from './fit/fit-words.ts';
import { relation } from './relation.ts';

/** One thing that may be done with a value. */
type Offer = {
  fills: readonly Filled[];
  steps: readonly Step[];
  used: readonly Value[];
  /** A condition on the rows, as JSONata. */
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
  /** Steps whose outputs may be used. */
  readonly before?: readonly Step[];
};

/** Assignments that are kept while the next value is placed. */
const BEAM = 24;
/** What it costs to leave a value over. */
const UNPLACED = 3;
/** Uses that say how rows are cut, not which. */
const CUTS = new Set<Slot['use']>(['limit', 'offset', 'page', 'plumbing', 'sort', 'order']);

/** The arguments that values tell without look-ups. */
export const alone = (operation: Operation, scope: Scope): Assignment => assign({ operation, scope })[0]!;

/** The best assignments, best first. */
export function assign(target: Target): Assignment[] {
  const { operation, scope } = target;
  const slots = operation.slots.filter(({ use }) => !CUTS.has(use));
  const offers = scope.free.map((value) => ({ value, offers: offersOf(value, slots, target) }));
  let states: Assignment[] = [{ fills: [], steps: [], used: [], predicates: [], open: [], sure: 0, doubt: 0 }];
  // What fits few places is placed first.
  for (const { value, offers: own } of offers.sort((a, b) => a.offers.length - b.offers.length)) {
    states = states
      .flatMap((state) => {
        if (state.used.includes(value)) return [state];
        const lost = value.fromContext || value.ordinal ? 0 : UNPLACED;
        return [{ ...state, sure: state.sure - lost }, ...own.flatMap((offer) => combine(state, offer))];
      })
      .sort((a, b) => b.sure - b.doubt - (a.sure - a.doubt))
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

/** Adds what words say ("open", "archived") and what a schema leaves no choice about. */
function complete(state: Assignment, slots: readonly Slot[], operation: Operation, scope: Scope): Assignment {
  const fills = [...state.fills];
  const free = (slot: Slot) => !fills.some((one) => one.slot === slot);
  const told = slots
    .filter(free)
    .flatMap((slot) => fromWords(slot, operation, scope) ?? [])
    .sort((a, b) => b.sure - a.sure);
  for (const one of told) {
    const spent = fills.some(({ said, used }) => used.length === 0 && said.some((word) => one.said.includes(word)));
    if (!spent) fills.push(one);
  }
  fills.push(...constants(slots.filter(free)));
  return { ...state, fills, open: slots.filter((slot) => slot.required && free(slot)) };
}

function offersOf(value: Value, slots: readonly Slot[], target: Target): Offer[] {
  const { operation, scope } = target;
  const offers: Offer[] = [];
  for (const slot of slots) {
    const reference = target.catalog && referenceOf(slot, value, target.catalog);
    if (reference !== undefined)
      offers.push(
        ...lookedUp(value, reference, target).map((offer) => ({
          ...offer,
          fills: offer.fills.map((one) => ({ ...one, slot })),
        })),
      );
    else
      for (const { value: sent, sure, also = [], said = [], more = [] } of fitOf(slot, value, operation, scope)) {
        const used = [value, ...also];
        const fills = [{ slot, value: sent }, ...more].map((one) => ({ ...one, used, said, sure }));
        offers.push({ fills, steps: [], used, sure, doubt: 0 });
      }
    if (target.catalog !== undefined && slot.use === 'id') offers.push(...lookedUp(value, slot, target));
  }
  const predicate = scope.writes ? undefined : conditionFor(value, operation);
  if (predicate !== undefined)
    // What the service does not check itself it may also leave out of a page.
    offers.push({ fills: [], steps: [], used: [value], predicate, sure: 1.2, doubt: 0.4 });
  return offers.sort((a, b) => b.sure - b.doubt - (a.sure - a.doubt)).slice(0, 8);
}

/** A text that holds the code of a thing: a name is looked up for it, as it is for an id. */
function referenceOf(slot: Slot, value: Value, catalog: Catalog): Slot | undefined {
  if (value.kind !== 'name' || slot.use !== 'value' || slot.shape.type !== 'string' || slot.shape.enum !== undefined)
    return undefined;
  if (
    !/\b(?:id|code|key|number|ref(?:erence)?|no)\b/i.test(slot.shape.description) &&
    !/^[a-z]{1,2}id$/.test(slot.name)
  )
    return undefined;
  const noun = [...slot.names, ...slot.about].filter((one) => catalog.isThing(one));
  return noun.length === 0 ? undefined : { ...slot, use: 'id', noun: noun.slice(0, 1) };
}

/** Ways from a name to the id of what is called so. */
function lookedUp(value: Value, slot: Slot, target: Target): Offer[] {
  if (!isName(value) || narrowsOnly(value, slot, target)) return [];
  return waysOf(value, slot, target)
    .slice(0, slot.required ? 4 : 2)
    .flatMap((way) => {
      const related = relation(value, slot, way, { operation: target.operation, catalog: target.catalog! });
      if (related === undefined) return [];
      const sure = Math.min(4, related + 0.2 * Math.min(way.score, 4));
      const fills = [{ slot, value: bind(asType(way.id, way.type, slot.shape.type)), used: way.used, said: [], sure }];
      const steps = way.steps.filter((step) => !(target.before ?? []).some(({ id }) => id === step.id));
      return [{ fills, steps, used: way.used, sure, doubt: way.doubt * 0.5 }];
    });
}

const isName = ({ kind }: Value) => kind === 'name' || kind === 'quoted' || kind === 'email';

const waysOf = (value: Value, slot: Slot, { operation, scope, catalog, before }: Target): readonly Way[] =>
  waysTo(slot, operation, {
    scope: { ...scope, free: [value] },
    catalog: catalog!,
    taken: before ?? [],
    depth: 0,
    told: alone,
  }).filter((way) => way.used.includes(value));

/** "Set the stage of the deal Rollout of Northwind": what stands after "of" says which, and is nothing to be set. */
const narrowsOnly = ({ preposition }: Value, slot: Slot, { operation, scope }: Target): boolean =>
  scope.writes &&
  operation.action !== 'create' &&
  slot.at[0] === 'body' &&
  /^(?:of|for|at|from|in|by)$/.test(preposition ?? '');

// Puts the values of an intent into the slots of an operation.

import type { Json } from '@errand/contracts';
import type { Topic } from '../intent/intent.ts';
import type { Value } from '../intent/value.ts';
import { best, likeness } from '../lexicon/likeness.ts';
import { allTerms, sameState, type Term } from '../lexicon/words.ts';
import type { Slot } from '../tools/inputs.ts';
import type { Operation } from '../tools/operation.ts';
import type { Filled, Filling, Scope } from './draft.ts';
import { fitOf } from './fit.ts';
import { enumOf } from './render.ts';

/** Fills what can be filled from the intent and the context; `open` holds what is required and still empty. */
export function fill(operation: Operation, scope: Scope, allowNames: boolean): Filling {
  const known = scope.memory.fillings.get(operation) ?? new Map<string, Filling>();
  scope.memory.fillings.set(operation, known);
  const key = `${allowNames}${scope.free.map(({ at, text }) => `${at}${text}`).join()}`;
  const present = known.get(key) ?? filling(operation, scope, allowNames);
  known.set(key, present);
  return present;
}

function filling(operation: Operation, scope: Scope, allowNames: boolean): Filling {
  const offers: Filled[] = [];
  for (const slot of operation.slots) {
    if (
      slot.use === 'limit' ||
      slot.use === 'offset' ||
      slot.use === 'page' ||
      slot.use === 'plumbing' ||
      slot.use === 'sort' ||
      slot.use === 'order'
    )
      continue;
    for (const value of scope.free) {
      if (value.kind === 'name' && !allowNames && slot.shape.enum === undefined) continue;
      const fit = fitOf(slot, value, operation, scope);
      if (fit !== undefined)
        offers.push({
          slot,
          value: fit.value,
          used: [value, ...(fit.also ?? [])],
          said: fit.said ?? [],
          sure: fit.sure,
        });
    }
    const told = fromWords(slot, operation, scope);
    if (told !== undefined) offers.push(told);
  }
  offers.sort((a, b) => b.sure - a.sure);
  const filled: Filled[] = [];
  const spent = new Map<Value, Filled[]>();
  for (const offer of offers) {
    if (filled.some(({ slot }) => slot === offer.slot)) continue;
    const [main] = offer.used;
    const others = main === undefined ? [] : (spent.get(main) ?? []);
    // A period fills a year and a quarter, or both bounds; everything else is used once, times at both ends of a meeting.
    if (others.length > 0 && !mayRepeat(main!, offer, others)) continue;
    if (
      filled.some(
        ({ said }) =>
          said.length > 0 &&
          offer.said.length > 0 &&
          offer.used.length === 0 &&
          said.some((one) => offer.said.includes(one)),
      )
    )
      continue;
    filled.push(offer);
    if (main !== undefined) spent.set(main, [...others, offer]);
  }
  completeWithConstants(operation, filled);
  const open = operation.slots.filter((slot) => slot.required && !filled.some((one) => one.slot === slot));
  return { filled, open };
}

const same = (a: Json, b: Json) => JSON.stringify(a) === JSON.stringify(b);

function mayRepeat(value: Value, offer: Filled, others: readonly Filled[]): boolean {
  if (value.kind !== 'period' && value.kind !== 'moment') return false;
  // A meeting has two ends that one moment tells, with a duration or an end of its own.
  if (value.kind === 'moment' && offer.slot.bound === undefined)
    return others.length === 1 && others[0]!.slot.bound === undefined && !same(others[0]!.value, offer.value);
  const temporal = others.every(({ slot }) => slot.bound !== undefined);
  if (offer.slot.bound !== undefined) return temporal && others.every(({ slot }) => slot.bound !== offer.slot.bound);
  return value.kind === 'period' && !temporal
    ? others.every(({ slot }) => slot.bound === undefined) && offer.sure >= 2
    : false;
}

/** Enumerations and switches that a word of the intent names: "open invoices", "archived". */
function fromWords(slot: Slot, operation: Operation, scope: Scope): Filled | undefined {
  const topics = [...scope.clause.topics, ...scope.intent.background];
  if (slot.shape.type === 'boolean') return switchOf(slot, topics, scope);
  if (slot.shape.enum === undefined || slot.bound !== undefined) return undefined;
  const said = allTerms(scope.clause.text).concat(scope.intent.background.map(({ term }) => term));
  // The name of what is listed is no filter of it.
  const isResource = (one: Term) => !scope.writes && best(one, operation.nouns) >= 0.8;
  const spoken = said.filter((one) => slot.required || !isResource(one));
  const verb = scope.clause.verb;
  const found = enumOf(
    slot.shape,
    spoken.filter((one) => one !== verb || scope.writes),
    slot.required ? likeness : sameState,
  );
  if (found === undefined) return undefined;
  const inQuestion =
    !scope.writes && scope.clause.verb !== undefined && found.by.some((one) => one.text === scope.clause.verb!.text);
  if (inQuestion) return undefined;
  // A loose synonym fills what is needed; an optional filter wants the word itself or a close one.
  if (found.sure < 0.75 && !slot.required) return undefined;
  return { slot, value: found.value, used: [], said: found.by, sure: (slot.required ? 2.5 : 1.5) + found.sure };
}

function switchOf(slot: Slot, topics: readonly Topic[], scope: Scope): Filled | undefined {
  const own = slot.names.filter(({ lemma }) => !/^(is|include|only|has|with|show|adult)$/.test(lemma));
  const hit = topics.find(
    ({ term, weight }) => weight >= 0.3 && own.some((name) => likeness(term, name) >= (own.length > 1 ? 1 : 0.95)),
  );
  if (hit === undefined || own.length > 2) return undefined;
  const before = scope.clause.text.slice(0, Math.max(0, hit.at - scope.clause.at)).toLowerCase();
  const denied = /\b(?:not|non|no|without|un|never|except)[\s-]*$/.test(before);
  return { slot, value: !denied, used: [], said: [hit.term], sure: 1.2 };
}

/** What a schema leaves no choice about. */
function completeWithConstants(operation: Operation, filled: Filled[]): void {
  for (const slot of operation.slots) {
    if (!slot.required || filled.some((one) => one.slot === slot)) continue;
    const { enum: values, default: preset } = slot.shape;
    const only = values?.length === 1 ? values[0] : preset;
    if (only !== undefined && only !== null && slot.use !== 'id')
      filled.push({ slot, value: only as Json, used: [], said: [], sure: 0.1 });
  }
}

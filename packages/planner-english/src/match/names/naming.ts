// What a name is a name of: of what an argument refers to, or of what rows refer to.
import { asType, bind, path } from '../../answer/jsonata.ts';
import type { Value } from '../../intent/value.ts';
import { best, isAmong, type Term } from '../../lexicon/words.ts';
import type { Catalog } from '../../tools/catalog.ts';
import type { Slot } from '../../tools/inputs.ts';
import { type Operation, rowFieldsOf } from '../../tools/operation.ts';
import { referenceNouns } from '../../tools/sources.ts';
import { waysTo } from '../chain.ts';
import { isName, type Offer, type Target, type Way } from '../draft.ts';
import { isCode } from '../fit/codes.ts';
import { endsWith } from '../fit/slots.ts';

/** How sure it is that whose things are meant is the user. */
export const OF_USER = 2;

/** A text that holds the code of a thing: a name is looked up for it, as it is for an id. */
export function referenceOf(slot: Slot, { kind }: Value, catalog: Catalog | undefined): Slot | undefined {
  const { name, names, about, shape, use } = slot;
  const isNumber =
    /\b(?:id|code|key|number|ref(?:erence)?|no)\b/i.test(shape.description) || /^[a-z]{1,2}id$/.test(name);
  const isOther = !isNumber || isCode(slot);
  if (kind !== 'name' || use !== 'value' || shape.type !== 'string' || shape.enum !== undefined || isOther)
    return undefined;
  const noun = [...names, ...about].find((one) => catalog?.isThing(one));
  return noun && { ...slot, use: 'id', noun: [noun] };
}

/** Ways from a name to the id of what is called so. @param reference the slot as one that takes an id */
export function lookedUp(value: Value, slot: Slot, reference: Slot, target: Target): Offer[] {
  const { operation, scope, before = [] } = target;
  const catalog = target.catalog!;
  const isTied = value.ties.some((one) => isAmong(one, [...slot.names, ...slot.about]));
  if (value.self && !catalog.isOfUser(slot) && !isTied) return [];
  // "Set the stage of the deal Rollout of Northwind": what stands after "of" says which, and is nothing to be set.
  const isSet = scope.writes && operation.action !== 'create' && slot.at[0] === 'body';
  if (!isName(value) || (isSet && /^(?:of|for|at|from|in|by)$/.test(value.preposition ?? ''))) return [];
  const search = { scope: { ...scope, free: [value] }, catalog, taken: before, depth: 0, byValues: target.byValues! };
  return waysTo(reference, operation, search)
    .filter((way) => way.used.includes(value))
    .slice(0, slot.required ? 4 : 2)
    .flatMap((way) => {
      const type = target.ofRow ? value.type.filter((one) => !isAmong(one, operation.nouns)) : value.type;
      const related = value.self ? OF_USER : relation({ ...value, type }, reference, way, { operation, catalog });
      // "A cleaning by Elena Ferraro": who does it is no thing that it is done to.
      const isDoer = scope.isWrite && value.preposition === 'by' && !catalog.isOfUser(slot);
      if (related === undefined || isDoer) return [];
      const sure = Math.min(4, related + 0.2 * Math.min(way.score, 4));
      const fills = [{ slot, value: bind(asType(way.id, way.type, slot.shape.type)), used: way.used, said: [], sure }];
      const steps = way.steps.filter((step) => !before.some(({ id }) => id === step.id));
      return [{ fills, steps, used: way.used, sure, doubt: way.doubt * 0.5 }];
    });
}

/** Rows that refer to people or companies: to what is called by a name of its own. */
const isOfSomebody = (operation: Operation, catalog: Catalog): boolean =>
  rowFieldsOf(operation).some(
    (field) =>
      /^(?:customer|client|member|person|patient|owner|donor|account|employee|grower|user|contact|tenant|guest|company)$/.test(
        referenceNouns(field)[0]?.lemma ?? '',
      ) && catalog.sources(referenceNouns(field)[0]!).length > 0,
  );

/**
 * How surely a name is one of what a slot refers to: by the words that say what it is, by those that tie it to the rest, else by
 * its little word. Nothing when words say that it is something else.
 */
function relation(
  { kind, type, ties, owned = [], preposition = '' }: Value,
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
  // "Complaints about Beacon Tower", where `building_id` is told to be the "Building it is about".
  const isOf = endsWith(slot, preposition) || (field !== undefined && endsWith(field, preposition));
  if (isOf && ties.every((one) => isAmong(one, operation.nouns))) return 3;
  const isTold = ties.some((one) => isAmong(one, field?.about ?? []));
  const tied = Math.max(isTold ? 0.9 : 0, hit(ties, [...kinds, ...slot.names]));
  // "Set the stage of the deal Rollout": what is sent is not read from the deal, unless that is asked for.
  if (named?.own === false && slot.sent && tied < 0.8) return undefined;
  if (typed >= 0.8) return 1.2 + 1.6 * typed;
  if (type.some((one) => catalog.isThing(one))) return undefined;
  // "The jobs in Finance": one of several is not what they are in.
  const isOfMany = ties.some((one) => one.text !== one.lemma && things.some((thing) => thing.lemma === one.lemma));
  // Nor is Ana one of her invoices.
  // "His resident permit" is a permit, and no resident.
  const head = owned.find((one) => isAmong(one, operation.nouns));
  const isOwner = (head === undefined ? owned : [head]).some((one) => isAmong(one, things));
  if ((isOfMany || isOwner) && named?.own !== false) return undefined;
  // Her permits are those that she holds, and not those of her zone.
  const holders = [...operation.slots.map((one) => one.noun), ...rowFieldsOf(operation).map(referenceNouns)];
  const isHeld = holders.some(([one]) => one !== undefined && isAmong(one, things.slice(-1)));
  if (named?.own === false && isHeld && tied < 0.8) return undefined;
  // "the owner of Contoso": by what is called so, although nobody says what that is.
  if (named?.own === false)
    return tied >= 0.8 && /^(?:of|for)$/.test(preposition) ? 1.4 : steps.length > 2 ? undefined : 0.4;
  if (slot.noun.some((one) => best(one, operation.nouns) >= 0.8)) {
    // "the contacts of Contoso" are several, so none of them is called so; "the call with Contoso" may be.
    if (ties.some((one) => one.text !== one.lemma && best(one, operation.nouns) >= 0.8)) return undefined;
    // "The booking of Priya Raman" is hers, where bookings tell whose they are.
    const isHers =
      kind === 'name' && /^(?:of|by)$/.test(preposition) && ties.some((one) => isAmong(one, operation.nouns));
    if (isHers && things.length > 0 && isOfSomebody(named!.operation, catalog)) return undefined;
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
  // "Ana's trips"
  const owns = owned.some((one) => isAmong(one, operation.nouns));
  return preposition === '' && ties.length === 0 && !owns ? 0.6 : 1.2;
}

/** "The Northgate copy", where copies tell the library that they are of and no argument asks for it: rows that refer to what is called so. */
export function referredTo(value: Value, target: Target, most: number): Offer[] {
  if (target.catalog === undefined) return [];
  return rowFieldsOf(target.operation).flatMap((field) => {
    const noun = referenceNouns(field);
    const isOwn = noun.some((one) => isAmong(one, target.operation.nouns));
    if (noun.length === 0 || isOwn || field.path.length > 1) return [];
    const slot: Slot = {
      ...field,
      at: field.path,
      required: false,
      use: 'id',
      many: false,
      sent: false,
      noun: [...noun].reverse(),
      aboutNoun: [],
    };
    // Only what is looked up by its very name: what it leads to would be a guess.
    const direct = lookedUp(value, slot, slot, { ...target, ofRow: true }).filter(({ steps }) => steps.length === 1);
    return direct.map(({ fills: [fill], ...offer }): Offer => {
      // In a filter names are members of the row; `$$` is the whole.
      const id = (fill!.value as { $: string }).$.replace(/\bsteps\./g, () => '$$.steps.');
      return {
        ...offer,
        fills: [],
        refers: field.name,
        predicate: `${path(field.path)} = ${id}`,
        sure: Math.min(most, offer.sure),
        doubt: offer.doubt + 0.5,
      };
    });
  });
}

import { best } from '../lexicon/likeness.ts';
import type { Slot } from '../tools/inputs.ts';
import type { Operation } from '../tools/operation.ts';
import type { Scope } from './draft.ts';

/** Filters and references that are not needed, but by which a name of the intent can be honoured. */
export function optionalIds(operation: Operation, scope: Scope, filled: readonly Slot[]): Slot[] {
  if (!scope.free.some(({ kind }) => kind === 'name' || kind === 'quoted' || kind === 'email')) return [];
  const about = [
    ...scope.clause.topics.map(({ term }) => term),
    ...scope.free.flatMap(({ before, after }) => [...before.slice(0, 2), ...after.slice(0, 1)]),
  ];
  return operation.slots
    .filter((slot) => slot.use === 'id' && !slot.required && !filled.includes(slot))
    .sort((a, b) => mention(b, about) - mention(a, about))
    .slice(0, 4);
}

const mention = (slot: Slot, about: readonly Parameters<typeof best>[0][]) =>
  about.reduce((top, one) => Math.max(top, best(one, slot.noun)), 0);

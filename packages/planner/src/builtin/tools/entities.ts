// What rows are, told by their fields: rows of `/tv/popular` have the fields of `/tv/{id}`, those of a cast the fields of a person.

import type { Term } from '../lexicon/words.ts';
import type { Operation } from './operation.ts';
import type { Field } from './outputs.ts';

export type Entities = {
  /** Nouns of the thing that has these fields, when one clearly does. */
  of(fields: readonly Field[], hints: readonly Term[]): readonly Term[];
};

/** Fields that tell nothing, since most things have them. */
const COMMON = new Set([
  'id',
  'name',
  'title',
  'description',
  'created_at',
  'updated_at',
  'createdat',
  'updatedat',
  'status',
  'type',
  'url',
]);
const LEAST = 3;
/** A field that more kinds of things have than this tells too little to be looked at. */
const TOO_COMMON = 40;

/** Learns the kinds of things from the operations that return one by its id. */
export function entitiesOf(operations: readonly Operation[]): Entities {
  const byField = new Map<string, number[]>();
  const nouns: (readonly Term[])[] = [];
  for (const operation of operations) {
    const slot = operation.slots.find(
      ({ use, at, required }) => use === 'id' && required && (at[0] === 'path' || at.length === 1),
    );
    const own = operation.tool.path === undefined || operation.tool.path.endsWith('}');
    if (operation.action !== 'get' || slot === undefined || !own) continue;
    const number = nouns.push([...slot.noun].reverse()) - 1;
    for (const { path, name } of operation.outline.fields) {
      const key = name.toLowerCase();
      if (path.length > 1 || COMMON.has(key)) continue;
      const list = byField.get(key);
      if (list === undefined) byField.set(key, [number]);
      else list.push(number);
    }
  }
  return {
    of: (fields, hints) => {
      const counts = new Map<number, number>();
      const telling = fields.filter(({ path, name }) => path.length === 1 && !COMMON.has(name.toLowerCase()));
      for (const { name } of telling) {
        const list = byField.get(name.toLowerCase()) ?? [];
        if (list.length <= TOO_COMMON) for (const number of list) counts.set(number, (counts.get(number) ?? 0) + 1);
      }
      const hinted = (number: number) =>
        nouns[number]!.some(({ lemma }) => hints.some((hint) => hint.lemma === lemma)) ? 0.15 : 0;
      const found = [...counts]
        .map(([number, count]) => ({ number, count, share: count / telling.length + hinted(number) }))
        .filter(({ count, share }) => count >= LEAST && share >= 0.5)
        .sort((a, b) => b.share - a.share);
      return found[0] === undefined ? [] : nouns[found[0].number]!;
    },
  };
}

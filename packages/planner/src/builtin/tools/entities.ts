// What rows are, told by their fields: rows of `/tv/popular` have the fields of `/tv/{id}`, those of a cast the fields of a person.
import type { Term } from '../lexicon/words.ts';
import type { Operation } from './operation.ts';
import type { Field } from './outputs.ts';

export type Entities = {
  /** Nouns of the thing that has these fields, when one clearly does. */
  of(fields: readonly Field[], hints: readonly Term[]): readonly Term[];
};

/** Fields that tell nothing, since most things have them. */
const COMMON = /^(?:id|name|title|description|(?:created|updated)_?at|status|type|url)$/i;
const LEAST = 3;
/** A field that more kinds of things have than this tells too little to be looked at. */
const TOO_COMMON = 40;

const tellingOf = (fields: readonly Field[]) =>
  fields.flatMap(({ path, name }) => (path.length === 1 && !COMMON.test(name) ? [name.toLowerCase()] : []));

/** Learns the kinds of things from the operations that return one by its id. */
export function entitiesOf(operations: readonly Operation[]): Entities {
  const kinds = new Map<string, (readonly Term[])[]>();
  for (const { slots, tool, action, outline } of operations) {
    const slot = slots.find(
      ({ use, at, required }) => use === 'id' && required && (at[0] === 'path' || at.length === 1),
    );
    if (action !== 'get' || slot === undefined || tool.path?.endsWith('}') === false) continue;
    const nouns = [...slot.noun].reverse();
    for (const key of tellingOf(outline.fields)) kinds.set(key, [...(kinds.get(key) ?? []), nouns]);
  }
  return {
    of: (fields, hints) => {
      const telling = tellingOf(fields);
      const counts = new Map<readonly Term[], number>();
      for (const list of telling.map((key) => kinds.get(key) ?? []))
        if (list.length <= TOO_COMMON) for (const nouns of list) counts.set(nouns, (counts.get(nouns) ?? 0) + 1);
      const isHinted = (nouns: readonly Term[]) =>
        nouns.some(({ lemma }) => hints.some((hint) => hint.lemma === lemma));
      const [found] = [...counts]
        .map(([nouns, count]) => ({ nouns, count, share: count / telling.length + (isHinted(nouns) ? 0.15 : 0) }))
        .filter(({ count, share }) => count >= LEAST && share >= 0.5)
        .sort((a, b) => b.share - a.share);
      return found?.nouns ?? [];
    },
  };
}

// What a step speaks of: by itself, or by what its answer holds.
import { GENERIC, REPORTS } from '../../lexicon/stopwords.ts';
import { best, isAmong, type Term } from '../../lexicon/words.ts';
import type { Catalog } from '../../tools/catalog.ts';
import { fieldsOf } from '../../tools/operation.ts';
import { referenceNouns } from '../../tools/sources.ts';
import type { Step } from '../draft.ts';

/** Words that any answer could be called by need no place. */
export const isFree = ({ lemma }: Term) => GENERIC.has(lemma) || REPORTS.has(lemma);

/** Whether words speak of a thing: as they are, or by a synonym when no tool has the word itself. */
export const speaks = (list: readonly Term[], one: Term, catalog: Catalog) =>
  isAmong(one, list) || (!catalog.knows(one) && best(one, list) >= 0.7);

/** What a step is about, and what its arguments are. */
export const strong = ({ operation: { nouns, marks, parents, verbs }, filled }: Step): Term[] => [
  ...[nouns, marks, parents, verbs].flat(),
  ...filled.flatMap(({ slot, said }) => [...said, ...slot.names, ...slot.noun, ...slot.aboutNoun]),
];

/** What its answer holds; of a look-up only what leads on. */
export function weak({ operation, purpose }: Step): Term[] {
  const all = fieldsOf(operation);
  const fields = purpose === 'lookup' ? all.filter((field) => referenceNouns(field).length > 0) : all;
  // Switches are spoken of as a whole. What describes the members of an enumeration is said of them.
  const told = fields.flatMap(({ names, about, shape }) =>
    shape.type === 'boolean' ? [] : shape.enum ? names : [...names, ...about],
  );
  return [...told, ...operation.outline.lists.flatMap(({ names }) => names)];
}

import type { Value } from '../intent/value.ts';
import { best } from '../lexicon/likeness.ts';
import type { Term } from '../lexicon/words.ts';
import type { Catalog } from '../tools/catalog.ts';
import type { Slot } from '../tools/inputs.ts';
import type { Operation } from '../tools/operation.ts';
import type { Way } from './draft.ts';

/**
 * How surely a name is one of what a slot refers to: by the words that say what it is, by those that tie it to the rest, else by
 * its little word. Nothing when words say that it is something else.
 */
export function relation(
  value: Value,
  slot: Slot,
  way: Way,
  { operation, catalog }: { operation: Operation; catalog: Catalog },
): number | undefined {
  const kinds = [...slot.noun, ...slot.aboutNoun];
  const things = way.named?.operation.nouns ?? [];
  const hit = (list: readonly Term[], words: readonly Term[]) =>
    list.reduce((top, one) => Math.max(top, best(one, words)), 0);
  const typed = hit(value.type, way.named?.own === false ? things : [...kinds, ...things]);
  if (typed >= 0.8) return 1.2 + 1.6 * typed;
  if (value.type.some((one) => catalog.isThing(one))) return undefined;
  const tied = hit(value.ties, [...kinds, ...slot.names]);
  // "the owner of Contoso": by what is called so, although nobody says what that is.
  if (way.named?.own === false)
    return tied >= 0.8 && /^(?:of|for)$/.test(value.preposition ?? '') ? 1.4 : way.steps.length > 2 ? undefined : 0.4;
  const own = slot.noun.some((one) => best(one, operation.nouns) >= 0.8);
  // "the deals of Contoso" are not called so; "the owner of Contoso" is told by what is called so.
  // "the contacts of Contoso" are several, so none of them is called so; "the call with Contoso" may be.
  if (own && value.ties.some((one) => one.text !== one.lemma && best(one, operation.nouns) >= 0.8)) return undefined;
  if (own) return hit(value.ties, fieldNames(operation)) >= 0.8 ? 2 : value.ties.length > 0 ? undefined : 0.8;
  if (tied >= 0.8) return 1 + 1.6 * tied;
  return value.preposition === undefined && value.ties.length === 0 ? 0.6 : 1.2;
}

const fieldNames = ({ outline }: Operation) => (outline.rows?.fields ?? outline.fields).flatMap(({ names }) => names);

// Arguments that words of the intent tell: members of enumerations, switches; and those that a schema leaves no choice about.

import type { Json } from '@errand/contracts';
import { isSame, likeness } from '../../lexicon/likeness.ts';
import { allTerms, sameState, type Term } from '../../lexicon/words.ts';
import type { Slot } from '../../tools/inputs.ts';
import type { Operation } from '../../tools/operation.ts';
import type { Filled, Scope } from '../draft.ts';
import { enumOf } from '../enum.ts';

/** Enumerations and switches that a word of the intent names: "open invoices", "archived". */
export function fromWords(slot: Slot, operation: Operation, scope: Scope): Filled | undefined {
  if (slot.shape.enum === undefined || slot.bound !== undefined) return undefined;
  const { clause, intent } = scope;
  const said = allTerms(unquoted(scope)).concat(intent.background.map(({ term }) => term));
  // The name of what is listed is no filter of it, nor is the verb that asks.
  const spoken = said.filter(
    (one) =>
      (scope.writes || slot.required || !operation.nouns.some((noun) => isSame(noun, one))) &&
      (scope.writes || one !== clause.verb),
  );
  const found = enumOf(slot.shape, spoken, slot.required ? likeness : sameState);
  // A loose synonym fills what is needed; an optional filter wants the word itself or a close one.
  if (found === undefined || (found.sure < 0.75 && !slot.required)) return undefined;
  return { slot, value: found.value, used: [], said: found.by, sure: (slot.required ? 2.5 : 1.5) + found.sure };
}

/** A clause without the values in it: a word of a name or of a quoted text says nothing else. */
function unquoted({ clause, free }: Scope): string {
  let text = clause.text;
  for (const { kind, at, end, fromContext } of free) {
    if (fromContext || (kind !== 'quoted' && kind !== 'name' && kind !== 'text')) continue;
    const [from, to] = [Math.max(0, at - clause.at), Math.max(0, end - clause.at)];
    text = `${text.slice(0, from)}${' '.repeat(to - from)}${text.slice(to)}`;
  }
  return text;
}

/** What a schema leaves no choice about. */
export const constants = (slots: readonly Slot[]): Filled[] =>
  slots.flatMap((slot) => {
    const { enum: values, default: preset } = slot.shape;
    const only = values?.length === 1 ? values[0] : preset;
    if (!slot.required || only === undefined || only === null || slot.use === 'id') return [];
    return [{ slot, value: only as Json, used: [], said: [] as Term[], sure: 0.1 }];
  });

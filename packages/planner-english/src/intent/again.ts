// What is spoken of again in the next clause: "then close it".
import type { Term } from '../lexicon/words.ts';
import type { Value } from './value.ts';

type Spoken = {
  text: string;
  at: number;
  moods: readonly string[];
  topics: readonly { term: Term; at: number }[];
  copy?: number;
};

/** "Reply to ticket 5: …. Then close it": the thing that the clause before names, once more. */
export function lent(clauses: readonly Spoken[], values: readonly Value[]): Value[] {
  const lendings: Value[] = [];
  for (const [index, clause] of clauses.entries()) {
    const last = clauses[index - 1];
    const it = /\b(?:it|(?:its|their|his|her)(?=\s+\p{L}))\b/iu.exec(
      clause.text.replace(/["“][^"”]*["”]/g, (quoted) => ' '.repeat(quoted.length)),
    );
    const isCommand = [last, clause].every(
      (one) => one?.moods.some((mood) => mood !== 'read') && one.copy === undefined,
    );
    if (last === undefined || it === null || !isCommand) continue;
    const within = ({ at }: Value, { at: from, text }: Spoken) => at >= from && at < from + text.length;
    const isIts = it[0].toLowerCase() !== 'it';
    const isThing = ({ kind, adjacent, compare, self }: Value) =>
      kind === 'id' ||
      (kind === 'name' && isIts && !self) ||
      (kind === 'number' && adjacent === true && compare === undefined);
    const own = values.some((one) => isThing(one) && within(one, clause));
    const [thing, ...more] = own ? [] : [...values, ...lendings].filter((one) => isThing(one) && within(one, last));
    const [first] = last.topics;
    // "Create an invoice for customer 5 and send it": it is the invoice.
    const isObject = thing !== undefined && first !== undefined && thing.at < first.at;
    const isFirst =
      isIts || first === undefined || isObject || thing?.type.some((one) => one.lemma === first.term.lemma);
    if (thing === undefined || more.length > 0 || !isFirst) continue;
    const at = clause.at + it.index;
    lendings.push({ ...thing, at, end: at + it[0].length, text: thing.text, ties: [], after: [], optional: true });
  }
  return lendings;
}

// "Move A and B to C": one clause for each of several things that are named in a row.
import type { VerbClass } from '../lexicon/verbs.ts';
import type { Value } from './value.ts';

type Read = { text: string; moods: readonly VerbClass[]; copy?: number };

/** The clause, or one for each value of a list with "and"; each has all other values, too. Offsets are within the clause. */
export function spread<R extends Read>(clause: R, values: readonly Value[]): { clause: R; values: readonly Value[] }[] {
  const writes = clause.moods.some((mood) => mood !== 'read');
  const lists = listsOf(clause.text, values).filter(([first]) => mayDiffer(first!, writes));
  const [list] = lists;
  if (list === undefined || lists.length > 1) return [{ clause, values }];
  const [first] = list;
  return list.map((value, copy) => {
    const { before, type, ties, adjacent, preposition } = first!;
    const own = { ...value, before, type, ties, adjacent, preposition, copy };
    // The others, with what joins them, are blanked.
    let { text } = clause;
    for (const { at, end } of list) if (at !== value.at) text = blank(text, at, end);
    return {
      clause: { ...clause, text, copy },
      values: copy === 0 ? [...values.filter((one) => !list.includes(one)), own] : [own],
    };
  });
}

const blank = (text: string, at: number, end: number) =>
  `${text.slice(0, at)}${' '.repeat(end - at)}${text.slice(end)}`;

/** Values of one kind in a row, the last of them after "and". */
function listsOf(text: string, values: readonly Value[]): Value[][] {
  const sorted = [...values].sort((a, b) => a.at - b.at);
  const lists: Value[][] = [];
  for (const [index, value] of sorted.entries()) {
    const last = sorted[index - 1];
    const between = last === undefined || last.kind !== value.kind ? '' : text.slice(last.end, value.at);
    if (/^\s*(?:,|,?\s*and(?:\s+also)?)\s+$/i.test(between)) lists.at(-1)!.push(value);
    else lists.push([value]);
  }
  return lists.filter((list) => list.length > 1 && /\band\s+(?:also\s+)?$/i.test(text.slice(0, list.at(-1)!.at)));
}

/** Whether what holds of one thing is asked of each: not of two people who meet, nor of the ends of a range. */
function mayDiffer({ kind, preposition = '', compare, unit, money, adjacent, ordinal, self }: Value, writes: boolean) {
  const isThing = /^(?:name|quoted|id)$/.test(kind) && self !== true;
  const isNumbered = kind === 'number' && adjacent === true && !(compare ?? unit ?? money ?? ordinal);
  return (isThing || isNumbered) && (writes ? /^(?:|of)$/.test(preposition) : !/^(?:with|between)$/.test(preposition));
}

// Sums, counts and averages over rows, for schemas that want totals where the service gives lines.

import { best } from '../lexicon/likeness.ts';
import { type Term, term } from '../lexicon/words.ts';
import type { Field } from '../tools/outputs.ts';
import { path } from './jsonata.ts';
import { fieldScore, type Wanted } from './mapping.ts';

const list = (text: string) => text.split(' ').map(term);
const COUNT = list('count number');
const SUM = list('total sum');
const AVERAGE = list('average mean avg');
const MONEY = list('amount total value price cost revenue');

const isNumber = (wanted: { shape: { type: string } }) =>
  wanted.shape.type === 'number' || wanted.shape.type === 'integer';
const says = (wanted: Wanted, words: readonly Term[], least = 1) =>
  wanted.names.some((one) => best(one, words) >= least);
const isCount = (wanted: Wanted, fields: readonly Field[]) =>
  says(wanted, COUNT) ||
  (wanted.shape.type === 'integer' && says(wanted, SUM) && !fields.some((field) => fieldScore(wanted, field) >= 0.6));

/** Whether a property wants a number over many rows. */
export const isSum = (wanted: Wanted) => isNumber(wanted);

/** The number field that a total is over: one named like it, else the amount. */
function addend(wanted: Wanted, fields: readonly Field[]): Field | undefined {
  const numbers = fields.filter((field) => isNumber(field) && !/(^id|Id|_id|year)$/.test(field.name));
  const named = numbers
    .map((field) => ({ field, score: fieldScore(wanted, field) }))
    .sort((a, b) => b.score - a.score)[0];
  if (named !== undefined && named.score >= 0.4) return named.field;
  return (
    numbers.find(({ names }) => names.some((one) => best(one, MONEY) >= 0.8)) ??
    (numbers.length === 1 ? numbers[0] : undefined)
  );
}

/** JSONata over rows for a count, a sum or an average. Sums are rounded to six decimals: the noise of binary fractions goes, cents stay. */
function over(wanted: Wanted, fields: readonly Field[]): ((rows: string) => string) | undefined {
  if (isCount(wanted, fields)) return (rows) => `$count(${rows})`;
  const field = addend(wanted, fields);
  if (field === undefined) return says(wanted, COUNT, 0.8) ? (rows) => `$count(${rows})` : undefined;
  const at = path(field.path);
  if (says(wanted, AVERAGE)) return (rows) => `$average(${rows}.${at})`;
  if (wanted.names.some(({ lemma }) => /^(max|maximum|largest|highest|biggest)$/.test(lemma)))
    return (rows) => `$max(${rows}.${at})`;
  if (wanted.names.some(({ lemma }) => /^(min|minimum|smallest|lowest)$/.test(lemma)))
    return (rows) => `$min(${rows}.${at})`;
  return (rows) => `$round($sum(${rows}.${at}), 6)`;
}

/** A total for a property of the whole, when it asks for one. */
export function aggregateOf(
  wanted: Wanted,
  rows: string,
  fields: readonly Field[],
): { expression: string; score: number } | undefined {
  if (!isNumber(wanted)) return undefined;
  if (isCount(wanted, fields)) {
    return { expression: `$count(${rows})`, score: 0.8 };
  }
  const expression = over(wanted, fields);
  return expression === undefined
    ? undefined
    : { expression: expression(`(${rows})`), score: says(wanted, [...SUM, ...AVERAGE], 0.8) ? 0.8 : 0.45 };
}

type Grouping = {
  keys: { wanted: Wanted; field: Field }[];
  sums: { wanted: Wanted; expression: (rows: string) => string }[];
};

/** How rows can be grouped so that an item has its keys and its sums; undefined when it does not ask for that. */
export function groupKeys(plain: readonly Wanted[], fields: readonly Field[]): Grouping | undefined {
  const numbers = plain.filter(isNumber);
  const keys = plain
    .filter((wanted) => !isNumber(wanted))
    .flatMap((wanted) => {
      const field = fields.map((one) => ({ one, score: fieldScore(wanted, one) })).sort((a, b) => b.score - a.score)[0];
      return field !== undefined && field.score >= 0.5 ? [{ wanted, field: field.one }] : [];
    });
  if (numbers.length === 0 || keys.length === 0 || keys.length + numbers.length < plain.length) return undefined;
  // A row per thing ("name", "id") is no group.
  if (keys.some(({ field }) => /^(id|name|title|.*_?id|.*Id)$/.test(field.name))) return undefined;
  const sums = numbers.flatMap((wanted) => {
    const expression = over(wanted, fields);
    return expression === undefined ? [] : [{ wanted, expression }];
  });
  return sums.length === numbers.length ? { keys, sums } : undefined;
}

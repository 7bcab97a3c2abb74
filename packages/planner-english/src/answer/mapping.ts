// Which field of rows or of an object, or which figure over rows, is a property of a wanted schema.
import { allTerms, best, overlap, type Term, term, terms } from '../lexicon/words.ts';
import type { Field } from '../tools/outputs.ts';
import { isNumeric, type Shape } from '../tools/shape.ts';
import { path } from './jsonata.ts';

export type Wanted = { name: string; shape: Shape; names: readonly Term[]; about: readonly Term[] };

export const wantedOf = (name: string, shape: Shape): Wanted => ({
  name,
  shape,
  names: allTerms(name),
  about: terms(shape.description),
});

const isId = (names: readonly Term[]) => names.some(({ lemma }) => lemma === 'id');

function canBe(wanted: Shape, { type, format }: Shape): boolean {
  if (isNumeric(wanted)) return /number|integer|any/.test(type) || /^(?:decimal|numeric|money)$/.test(format ?? '');
  if (wanted.type === 'boolean') return type === 'boolean';
  return (wanted.type === 'array') === (type === 'array') && !(wanted.type === 'string' && /boolean|object/.test(type));
}

/** How well a field serves as a property, 0 … about 1.1: by its name first, then by what the documents say of both. */
function fieldScore(wanted: Wanted, field: Field): number {
  if (!canBe(wanted.shape, field.shape)) return 0;
  const named = 0.65 * overlap(wanted.names, field.names) + 0.35 * overlap(field.names, wanted.names);
  const described = 0.25 * Math.max(overlap(wanted.about, field.names), overlap(wanted.about, field.about));
  const loose = 0.3 * overlap(wanted.names, field.about) + described;
  const strange = isId(field.names) === isId(wanted.names) ? 0 : 0.45;
  return Math.max(named + (named > 0 ? 0.4 * described : 0), loose) - strange - 0.03 * (field.path.length - 1);
}

export const bestField = (wanted: Wanted, fields: readonly Field[]) =>
  fields.map((field) => ({ field, score: fieldScore(wanted, field) })).sort((a, b) => b.score - a.score)[0];

/** Fields for all properties at once, each field for one property; the only number that is left over, too. */
export function assign(wanted: readonly Wanted[], fields: readonly Field[]): Map<Wanted, Field> {
  const found = new Map<Wanted, Field>();
  const isFree = (field: Field) => ![...found.values()].includes(field);
  const offers = wanted
    .flatMap((one) => fields.map((field) => ({ one, field, score: fieldScore(one, field) })))
    .filter(({ score }) => score >= 0.5)
    .sort((a, b) => b.score - a.score);
  for (const { one, field } of offers) if (!found.has(one) && isFree(field)) found.set(one, field);
  const [open, ...others] = wanted.filter((one) => !found.has(one) && isNumeric(one.shape));
  const [field, ...more] = fields.filter((one) => isFree(one) && isNumeric(one.shape) && !IDS.test(one.name));
  if (open && field && others.length + more.length === 0) found.set(open, field);
  return found;
}

const IDS = /(?:^id|Id|_id|year)$/;
const list = (text: string) => text.split(' ').map(term);
const [COUNT, SUM] = [list('count number'), list('total sum')];
const MONEY = list('amount total value price cost revenue');
const FUNCTIONS: Readonly<Record<string, readonly Term[]>> = {
  average: list('average mean avg'),
  max: list('max maximum largest highest'),
  min: list('min minimum smallest lowest'),
};

/** The figure over rows that a property asks for: how many, a sum, an average, an extreme. */
export function figureOf(
  wanted: Wanted,
  fields: readonly Field[],
): { over: (rows: string) => string; isNamed: boolean } | undefined {
  if (!isNumeric(wanted.shape)) return undefined;
  const says = (words: readonly Term[]) => wanted.names.some((one) => best(one, words) >= 1);
  const numbers = fields.filter(({ shape, name }) => isNumeric(shape) && !IDS.test(name));
  const named = bestField(wanted, numbers);
  const isCount = wanted.shape.type === 'integer' && says(SUM) && !(named && named.score >= 0.6);
  if (says(COUNT) || isCount) return { over: (rows) => `$count(${rows})`, isNamed: true };
  const field =
    named && named.score >= 0.4
      ? named.field
      : numbers.find(({ names }) => names.some((one) => best(one, MONEY) >= 0.8));
  if (field === undefined) return undefined;
  const extreme = Object.keys(FUNCTIONS).find((name) => says(FUNCTIONS[name]!));
  // Sums are rounded to six decimals: the noise of binary fractions goes, cents stay.
  const over = (rows: string) =>
    extreme === undefined ? `$round($sum(${rows}.${path(field.path)}), 6)` : `$${extreme}(${rows}.${path(field.path)})`;
  return { over, isNamed: extreme !== undefined || says(SUM) };
}

// Which field of an object is which property of a wanted schema: by name, synonym, description, type.

import { best, overlap } from '../lexicon/likeness.ts';
import { allTerms, type Term, term, terms } from '../lexicon/words.ts';
import { isTemporal } from '../match/render.ts';
import type { Field } from '../tools/outputs.ts';
import type { Shape } from '../tools/shape.ts';

export type Wanted = { name: string; shape: Shape; names: readonly Term[]; about: readonly Term[] };

export const wantedOf = (name: string, shape: Shape): Wanted => ({
  name,
  shape,
  names: allTerms(name),
  about: terms(shape.description),
});

const isNumber = ({ type }: Shape) => type === 'number' || type === 'integer';
const ID = term('id');

/** How well a field serves as a property, 0 … about 1.1; 0 when the types cannot meet. */
export function fieldScore(wanted: Wanted, field: Field): number {
  const { shape } = field;
  if (
    isNumber(wanted.shape) &&
    !isNumber(shape) &&
    shape.type !== 'any' &&
    !(shape.type === 'string' && /^(decimal|numeric|money)$/.test(shape.format ?? ''))
  )
    return 0;
  if (wanted.shape.type === 'boolean' && shape.type !== 'boolean') return 0;
  if (wanted.shape.type === 'string' && (shape.type === 'boolean' || shape.type === 'object')) return 0;
  if ((wanted.shape.type === 'array') !== (shape.type === 'array')) return 0;
  const forth = overlap(wanted.names, field.names);
  const back = overlap(field.names, wanted.names);
  const told =
    wanted.about.length > 0
      ? 0.25 * Math.max(overlap(wanted.about, field.names), overlap(wanted.about, field.about))
      : 0;
  const heard = 0.3 * overlap(wanted.names, field.about);
  const isId = (names: readonly Term[]) => names.some(({ lemma }) => lemma === 'id');
  const wrongId =
    isId(field.names) !== isId(wanted.names) && !(wanted.names.length === 1 && best(ID, wanted.names) >= 0.8)
      ? 0.45
      : 0;
  const temporal =
    wanted.shape.format !== undefined && isTemporal(wanted.shape, wanted.names) === isTemporal(shape, field.names)
      ? 0.1
      : 0;
  const deep = 0.03 * (field.path.length - 1);
  return Math.max(
    0,
    Math.max(0.65 * forth + 0.35 * back + 0.05 * (heard > 0 ? 1 : 0), heard + told) +
      (forth > 0 ? told * 0.4 : 0) +
      temporal -
      wrongId -
      deep,
  );
}

/** Fields for all properties at once, each field for one property; what is left over is matched by type when only one fits. */
export function assign(
  wanted: readonly Wanted[],
  fields: readonly Field[],
  least = 0.5,
): Map<Wanted, { field: Field; score: number }> {
  const offers = wanted
    .flatMap((one) => fields.map((field) => ({ one, field, score: fieldScore(one, field) })))
    .filter(({ score }) => score >= least)
    .sort((a, b) => b.score - a.score);
  const found = new Map<Wanted, { field: Field; score: number }>();
  const taken = new Set<Field>();
  for (const { one, field, score } of offers) {
    if (found.has(one) || taken.has(field)) continue;
    found.set(one, { field, score });
    taken.add(field);
  }
  for (const kind of [isNumber, (shape: Shape) => shape.type === 'string' && shape.format === undefined]) {
    const open = wanted.filter((one) => !found.has(one) && kind(one.shape));
    const free = fields.filter(
      (field) => !taken.has(field) && kind(field.shape) && !/(^id|Id|_id|year)$/.test(field.name),
    );
    if (open.length === 1 && free.length === 1 && fields.length <= 8)
      found.set(open[0]!, { field: free[0]!, score: 0.5 });
  }
  return found;
}

// "How many hours", where rows tell minutes.
import type { Term } from '../lexicon/words.ts';
import { DURATION, has } from '../match/fit/slots.ts';
import type { Field } from '../tools/outputs.ts';
import { isNumeric } from '../tools/shape.ts';

const SECONDS: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600 };

/** The only length that rows tell, and by what it is multiplied to be in the unit that is counted. */
export function lengthIn(fields: readonly Field[], { lemma }: Term): { field: Field; factor: number } | undefined {
  const wanted = SECONDS[lemma];
  const [field, ...more] = fields.filter(({ shape, names }) => isNumeric(shape) && has(names, DURATION));
  if (wanted === undefined || field === undefined || more.length > 0) return undefined;
  const [own] = /second|minute|hour/i.exec(`${field.name} ${field.shape.description}`) ?? [];
  return own === undefined ? undefined : { field, factor: SECONDS[own.toLowerCase()]! / wanted };
}

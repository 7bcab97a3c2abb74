// What fits a slot, and words of its name.
import type { Json } from '@errand/contracts';
import type { Value } from '../../intent/value.ts';
import { allTerms, best, type Term, terms, words } from '../../lexicon/words.ts';
import type { Slot } from '../../tools/inputs.ts';
import { isNumeric } from '../../tools/shape.ts';

export const DURATION = terms('duration length minutes');

export type Fit = {
  value: Json;
  sure: number;
  /** Nothing says that it is the id of such a thing, but that a tool takes one. */
  guessed?: boolean;
  /** Other values that it takes, too. */
  also?: readonly Value[];
  said?: readonly Term[];
  /** Other arguments that the value fills with it. */
  more?: readonly { slot: Slot; value: Json }[];
};

/** Words of a name that say which end of a thing is bounded, and not which thing. */
export const BOUNDS = new Set(
  'min max minimum maximum from to gte lte gt lt after before since until start end at date time on least most'.split(
    ' ',
  ),
);

/** Takes text of one's own, and no member of an enumeration. */
export const isPlain = ({ shape }: Slot) => /string|any/.test(shape.type) && shape.enum === undefined;

/** Whether names speak of one of some words. */
export const has = (names: readonly Term[], wanted: readonly Term[], least = 0.8) =>
  names.some((one) => best(one, wanted) >= least);

/** "Per word", where a name or a description says that a figure is of one: `rate_per_word`, "Price of a portion". */
export const isOfEach = ({ name, shape }: Pick<Slot, 'name' | 'shape'>, { lemma }: Term): boolean => {
  const told = allTerms(`${words(name).join(' ')}. ${shape.description.slice(0, 200)}`);
  return isNumeric(shape) && told.some((one, index) => one.lemma === lemma && EACH.test(told[index - 1]?.text ?? ''));
};
const EACH = /^(?:per|an?|one|each)$/;
/** What is told for one: "per word", "a portion" */
export const PER = /\b(?:per|each|for each|an?)\s+$/i;

/** Who is there, or will be: "guests that are coming". */
export const PRESENCE = /^(?:come|coming|expect(?:ed|ing)?|attend(?:ing|s)?)$/;

/** "More than 30 days" where no days are counted. */
export const isLength = ({ after: [next] }: Pick<Value, 'after'>, said: readonly Term[]): boolean =>
  next !== undefined &&
  /^(?:minute|hour|day|week|month|year)$/.test(next.lemma) &&
  !said.some(({ lemma }) => lemma === next.lemma || lemma === 'duration');

/** Whether a description ends with the little word that a value has: "Building it is about", "Colleague it is assigned to". */
export const endsWith = ({ shape: { description } }: Pick<Slot, 'shape'>, preposition = ''): boolean =>
  preposition !== '' &&
  new RegExp(`\\b(?:is|was|are|were|\\w+ed)\\s+${preposition}(?=\\W*$|[;,.(])`, 'i').test(description);

/** Minutes in the unit that a name and a description tell. */
export function lengthIn(minutes: number, { name, shape }: Pick<Slot, 'name' | 'shape'>): number {
  const told = `${name} ${shape.description}`;
  const scale = /second/i.test(told) ? 60 : /hour/i.test(told) && !/minute/i.test(told) ? 1 / 60 : 1;
  return Math.round(minutes * scale * 100) / 100;
}

/** What "where" asks for. */
export const LOCATED = terms('location place site room storage shelf address city town');

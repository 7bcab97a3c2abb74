// A pair of the context for the slot that its key names, bound so that a repeat takes the value of its own context.
import type { Json } from '@errand/contracts';
import { bind, join } from '../../answer/jsonata.ts';
import type { Value } from '../../intent/value.ts';
import { overlap } from '../../lexicon/likeness.ts';
import { allTerms, type Term } from '../../lexicon/words.ts';
import type { Slot } from '../../tools/inputs.ts';
import { renderPlain } from '../render.ts';

export type Fit = {
  value: Json;
  sure: number;
  /** Other values that it takes, too. */
  also?: readonly Value[];
  said?: readonly Term[];
  /** Other arguments that the value fills with it. */
  more?: readonly { slot: Slot; value: Json }[];
};

export function fitPair(slot: Slot, value: Value): Fit | undefined {
  const alike = (overlap(value.before, slot.names) + overlap(allTerms(slot.name).slice(0, 3), value.before)) / 2;
  if (alike < 0.75) return undefined;
  const rendered = renderPlain(value, slot);
  if (rendered === undefined) return undefined;
  return { value: isOpen(slot.shape) ? bound(value, rendered) : rendered, sure: 4 * alike, said: value.before };
}

/** Whether a slot takes any text or number: what fits it now is no hint of what will. */
const isOpen = ({ enum: members, format, pattern }: Slot['shape']) =>
  members === undefined && format === undefined && pattern === undefined;

/** A value of the context as a binding, when what is sent is what stands there. */
function bound({ key, text }: Value, rendered: Json): Json {
  if (key === undefined) return rendered;
  const pair = join('pairs', [key]);
  return rendered === text ? bind(pair) : typeof rendered === 'number' ? bind(`$number(${pair})`) : rendered;
}

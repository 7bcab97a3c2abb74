// Order and page size of a list: from "the 5 largest", and from how much the answer has to see.
import { largestPage } from '../answer/pages.ts';
import type { Picking } from '../intent/picking.ts';
import { best, isAmong, terms, words } from '../lexicon/words.ts';
import type { Slot } from '../tools/inputs.ts';
import { type Operation, rowFieldsOf } from '../tools/operation.ts';
import type { Field } from '../tools/outputs.ts';
import type { Step } from './draft.ts';
import { isTemporal } from './render.ts';

/** Sort, order and limit of a goal. `sifted`: rows are filtered here, so all of them are wanted. */
export function tune(operation: Operation, args: Step['args'], { top }: Picking, sifted: boolean): Step['args'] {
  const slotOf = (use: Slot['use']) =>
    operation.slots.find((slot) => slot.use === use && !args.some((arg) => arg.slot === slot));
  const [sort, order, limit] = [slotOf('sort'), slotOf('order'), slotOf('limit')];
  const made: Step['args'] = [];
  const told = top && sort && sortValue(sort, top, rowFieldsOf(operation));
  const values = (sort?.shape.enum ?? []).map(String);
  // A sort whose direction nobody tells brings the wrong end as likely as the right one.
  const isDirected = order !== undefined || values.some((one) => FALLS.test(one) || RISES.test(one));
  const value = isDirected ? told : undefined;
  if (sort !== undefined && value !== undefined) {
    made.push({ slot: sort, value });
    const way = top!.descending ? /^desc/i : /^asc/i;
    const direction = order?.shape.enum?.find((one) => way.test(String(one)));
    if (order !== undefined && direction !== undefined) made.push({ slot: order, value: String(direction) });
  }
  if (limit === undefined) return made;
  const most = largestPage(limit);
  const isSorted = value !== undefined && (order !== undefined || /desc|asc|^[-+]|[-+]$/i.test(value));
  const many = isSorted && !sifted ? (top!.many ?? 1) : most;
  return [...made, { slot: limit, value: Math.max(limit.shape.minimum ?? 1, Math.min(most, many)) }];
}

const FALLS = /(?:^-|desc|[._: -](?:down|high_low)|newest|latest)/i;
const RISES = /asc|^\+|oldest/i;

const plainOf = (value: string) => words(value.replace(/asc|desc/gi, ''));

/** Whether rows have a time that an order is called after. */
const isOfTime = (value: string, fields: readonly Field[]): boolean =>
  fields.some(({ name, names, shape }) => words(name).join() === plainOf(value).join() && isTemporal(shape, names));

/** The sort that some words mean; for values that hold a direction ("price_desc", "-price") the one asked for. */
function sortValue(
  { shape }: Slot,
  { by, descending, time, most }: NonNullable<Picking['top']>,
  fields: readonly Field[],
): string | undefined {
  const values = (shape.enum ?? []).filter((one): one is string => typeof one === 'string');
  const isTold = values.some((one) => FALLS.test(one));
  const [found] = values
    // "The largest events" are none of the latest.
    .filter((value) => time || !isOfTime(value, fields))
    // "The most seats" are no price of a seat.
    .filter((value) => !most || terms(plainOf(value).join(' ')).every((one) => isAmong(one, by)))
    // "The biggest customer" is not the one with the highest number.
    .filter((value) => !/(?:id|no|number|code|key|ref)s?$/i.test(value.replace(/[._: -]*(?:asc|desc)$/i, '')))
    .map((value) => {
      const parts = terms(value.replace(/asc|desc/gi, ''));
      const like = Math.max(0, ...by.map((one) => best(one, parts)));
      const isWay = FALLS.test(value) === descending;
      return { value, like, score: like + (RISES.test(value) || isTold ? (isWay ? 0.2 : -0.5) : 0) };
    })
    .filter(({ like }) => like >= 0.75)
    .sort((a, b) => b.score - a.score);
  return found?.value;
}

// Every page of a list: by the number of rows or pages that the service tells, by its cursors, or until a page is not full.
import type { PlanStep } from '@errand/contracts';
import { plural } from '../lexicon/stem.ts';
import type { Step } from '../match/draft.ts';
import type { Slot } from '../tools/inputs.ts';
import { thingOf } from '../tools/operation.ts';
import type { Field } from '../tools/outputs.ts';
import { ownIdOf } from '../tools/sources.ts';
import { join, output, path } from './jsonata.ts';

const MAX_PAGES = 50;
const CURSOR = /cursor|token|marker|bookmark|^(?:starting_?)?after$/i;
const NEXT =
  /^(?:next|cursor|marker|continuation|(?:next|end)_?(?:cursor|marker|bookmark|page_?token|token|key)|(?:page|continuation)_?token)$/i;
const PAGE_COUNT = /^(?:pages|(?:total|num|last)_?pages?|page_?count)$/i;

/** The most rows that a page is asked for. */
export const largestPage = ({ shape: { maximum = 100 } }: Slot) => Math.min(maximum, 1000);

const slotOf = ({ operation }: Step, use: Slot['use']) => operation.slots.find((slot) => slot.use === use);
const cursorOf = ({ operation }: Step) =>
  operation.slots.find(({ use, name, at }) => use === 'plumbing' && at[0] !== 'header' && CURSOR.test(name));
const fromZero = ({ shape }: Slot) => shape.minimum === 0 || shape.default === 0;

/** Whether a list comes in pages. */
export const isPaged = (step: Step): boolean =>
  (['limit', 'offset', 'page'] as const).some((use) => slotOf(step, use)) || cursorOf(step) !== undefined;

/** A step that reads all pages of what it lists, with its rows as `all`; undefined where there is no way to them. */
export function withPages(step: Step): Step | undefined {
  const { rows } = step.operation.outline;
  if (rows === undefined) return undefined;
  if (!isPaged(step)) return { ...step, all: join(output(step.id), rows.path) };
  const counter = slotOf(step, 'offset') ?? slotOf(step, 'page');
  const [into, next] = byCount(step, counter) ?? byCursor(step) ?? untilShort(step, counter) ?? [];
  if (into === undefined || next === undefined) return undefined;
  const pages: PlanStep['pages'] = {
    items: { $: join('page', rows.path) },
    next: { $: next },
    into: into.at.join('.'),
    max: MAX_PAGES,
    complete: true,
  };
  return { ...step, pages, all: output(step.id) };
}

/** Where the next page begins: `into`, and what leads there. */
type Next = [into: Slot, next: string];

const beginOf = (counter: Slot) =>
  counter.use === 'offset' ? 'itemCount' : fromZero(counter) ? 'pageCount' : 'pageCount + 1';

/** The service tells how many rows or pages there are. */
function byCount({ operation: { outline, nouns } }: Step, counter: Slot | undefined): Next | undefined {
  const pages = outline.fields.find(({ name, shape }) => shape.type === 'integer' && PAGE_COUNT.test(name));
  const { total } = outline;
  if (counter === undefined || (total ?? pages) === undefined) return undefined;
  if (total === undefined) return [counter, `pageCount < ${join('page', pages!.path)} ? ${beginOf(counter)}`];
  // Not fewer than the service said that there are: a total over a part of them would look right.
  const things = plural(thingOf({ nouns }));
  const begin = `$count(${join('page', outline.rows!.path)}) > 0 ? ${beginOf(counter)}`;
  return [
    counter,
    `itemCount < ${join('page', total.path)} ? (${begin} : $refuse("Not every page of the ${things} could be read."))`,
  ];
}

/** The answer holds the cursor of the next page, or says that there is one after its last row. */
function byCursor(step: Step): Next | undefined {
  const { outline } = step.operation;
  const cursor = cursorOf(step);
  const isText = ({ shape }: Field) => /string|any/.test(shape.type) && !/^ur[il]/.test(shape.format ?? '');
  const token = outline.fields.find((field) => isText(field) && NEXT.test(field.name));
  if (cursor === undefined || token !== undefined) return cursor && [cursor, join('page', token!.path)];
  const flag = outline.fields.find(
    ({ shape, name }) => shape.type === 'boolean' && /^(?:has_?)?(?:more|next)/i.test(name),
  );
  const key = ownIdOf(outline.rows!.fields);
  if (flag === undefined || key === undefined) return undefined;
  return [cursor, `${join('page', flag.path)} = true ? ${join('page', outline.rows!.path)}[-1].${path(key.path)}`];
}

/** A page after each full one. Where nobody says how long a page may be, an empty one is the last. */
function untilShort(step: Step, counter: Slot | undefined): Next | undefined {
  const limit = step.args.find(({ slot }) => slot.use === 'limit');
  const size = limit?.slot.shape.maximum === undefined ? undefined : limit.value;
  const isFull = `$count(${join('page', step.operation.outline.rows!.path)}) >= ${size}`;
  return counter && [counter, typeof size === 'number' ? `${isFull} ? ${beginOf(counter)}` : beginOf(counter)];
}

// Every page of a list: by the number of rows that the service tells, by its cursors, or until a page is not full.

import { plural } from '../lexicon/stem.ts';
import type { Step } from '../match/draft.ts';
import type { Slot } from '../tools/inputs.ts';
import type { Field } from '../tools/outputs.ts';
import { ownIdOf } from '../tools/sources.ts';
import { bind, join, output, path } from './jsonata.ts';

/** Pages after the first where their number is known before they are read. */
const MAX_PAGES = 50;
/** Pages after the first where each tells only whether there is another one. */
const MAX_FOLLOWED = 9;

const CURSOR = /cursor|token|marker|bookmark|^(?:starting_?)?after$/i;
const NEXT =
  /^(?:next|cursor|marker|continuation|(?:next|end)_?(?:cursor|marker|bookmark|page_?token|token|key)|(?:page|continuation)_?token)$/i;

/** The pages of a step after the first, and all rows as JSONata; undefined where there is no way to them. */
export type Pages = { steps: readonly Step[]; all: string };

const slotOf = (step: Step, use: Slot['use']) => step.operation.slots.find((slot) => slot.use === use);
const cursorOf = ({ operation }: Step) =>
  operation.slots.find(({ use, name, at }) => use === 'plumbing' && at[0] !== 'header' && CURSOR.test(name));

/** Whether a list comes in pages. */
export const isPaged = (step: Step): boolean =>
  (['limit', 'offset', 'page'] as const).some((use) => slotOf(step, use)) || cursorOf(step) !== undefined;

/** The pages of a step that lists rows; more of them than can be read end the run. */
export function pagesOf(step: Step): Pages | undefined {
  const { rows, total } = step.operation.outline;
  if (rows === undefined) return undefined;
  if (!isPaged(step)) return { steps: [], all: join(output(step.id), rows.path) };
  const limit = step.args.find(({ slot }) => slot.use === 'limit')?.value;
  const counter = slotOf(step, 'offset') ?? slotOf(step, 'page');
  if (total !== undefined && counter !== undefined) return counted(step, counter, total.path);
  const cursor = cursorOf(step);
  const next = cursor && nextOf(step);
  if (cursor !== undefined && next !== undefined) return followed(step, cursor, next);
  return counter && untilShort(step, counter, typeof limit === 'number' && bounded(step) ? limit : undefined);
}

/** Whether the document says how long a page may be: else what it holds may be less than what was asked for. */
const bounded = (step: Step) => slotOf(step, 'limit')?.shape.maximum !== undefined;
const held = (step: Step, id = step.id) => `$count(${join(output(id), step.operation.outline.rows!.path)})`;

const fromZero = ({ shape }: Slot) => shape.minimum === 0 || shape.default === 0;

/** One step for all pages, since their number is known. */
function counted(step: Step, counter: Slot, total: readonly string[]): Pages {
  const next = counter.use === 'offset' ? `item * ${held(step)}` : fromZero(counter) ? 'item' : 'item + 1';
  const pages: Step = {
    ...step,
    id: `${step.id}p`,
    purpose: 'pages',
    args: [...step.args.filter(({ slot }) => slot !== counter), { slot: counter, value: { $: next } }],
    forEach: `($s := ${held(step)}; $n := $s = 0 ? 0 : $ceil(${join(output(step.id), total)} / $s) - 1; $exists($n) and $n <= ${MAX_PAGES} ? [1..$n] : ${tooMany(step)})`,
    reason: 'Read the other pages',
  };
  const rows = step.operation.outline.rows!.path;
  // Not fewer than the service said that there are: a total over a part of them would look right.
  const both = `$append(${join(output(step.id), rows)}, ${join(output(pages.id), rows)})`;
  const all = `($a := ${both}; $o := ${output(step.id)}; $o = null or $count($a) >= $o.${path(total)} ? $a : $refuse("Not every page of the ${thingsOf(step)} could be read."))`;
  return { steps: [pages], all };
}

const thingsOf = ({ operation }: Step) => plural(operation.nouns.map(({ lemma }) => lemma).join(' ') || 'row');
const tooMany = (step: Step) => `$refuse("There are more ${thingsOf(step)} than can be read.")`;

/** How the next page is told: by a value that the answer has, or by its last row. */
type Next = { more: (id: string) => string; value: (id: string) => string };

function nextOf({ operation: { outline } }: Step): Next | undefined {
  const isText = ({ shape }: Field) =>
    (shape.type === 'string' || shape.type === 'any') && !/^ur[il]/.test(shape.format ?? '');
  const token = outline.fields.find((field) => isText(field) && NEXT.test(field.name));
  if (token !== undefined) {
    const at = (id: string) => join(output(id), token.path);
    return { more: (id) => `$boolean(${at(id)})`, value: at };
  }
  const flag = outline.fields.find(
    ({ shape, name }) => shape.type === 'boolean' && /^(?:has_?)?(?:more|next)/i.test(name),
  );
  const key = ownIdOf(outline.rows!.fields);
  if (flag === undefined || key === undefined) return undefined;
  return {
    more: (id) => `${join(output(id), flag.path)} = true`,
    value: (id) => `${join(output(id), outline.rows!.path)}[-1].${path(key.path)}`,
  };
}

/** A step for each page: each is read when the one before says that there is another. */
function followed(step: Step, cursor: Slot, { more, value }: Next): Pages {
  const follow: Follow = (before) => ({ when: more(before), arg: { slot: cursor, value: { $: value(before) } } });
  return chain(step, follow, more);
}

/** A page after each full one. @param size rows of a full page, where it is sure; else those of the first page */
function untilShort(step: Step, counter: Slot, size: number | undefined): Pages {
  const full = size ?? held(step);
  const isFull = (id: string) => `(${full} > 0 and ${held(step, id)} >= ${full})`;
  const first = counter.use === 'page' && !fromZero(counter) ? 1 : 0;
  const at = (index: number) =>
    counter.use === 'page' ? first + index : size === undefined ? bind(`${index} * ${full}`) : index * size;
  const follow: Follow = (before, index) => ({ when: isFull(before), arg: { slot: counter, value: at(index) } });
  return chain(step, follow, isFull);
}

type Follow = (before: string, index: number) => { when: string; arg: Step['args'][number] };

function chain(step: Step, follow: Follow, more: (id: string) => string): Pages {
  const rows = step.operation.outline.rows!.path;
  const steps: Step[] = [];
  let before = step.id;
  for (let index = 1; index <= MAX_FOLLOWED; index++) {
    const { when, arg } = follow(before, index);
    const id = `${step.id}p${index}x`;
    const args = [...step.args.filter(({ slot }) => slot !== arg.slot), arg];
    steps.push({ ...step, id, purpose: 'pages', args, when, reason: 'Read the next page' });
    before = id;
  }
  const parts = [step.id, ...steps.map(({ id }) => id)].map((id) => join(output(id), rows));
  const joined = parts.slice(1).reduce((all, part) => `$append(${all}, ${part})`, parts[0]!);
  return { steps, all: `(${more(before)} ? ${tooMany(step)} : ${joined})` };
}

// What a plan answers when nobody has said which shape the answer must have.

import type { Json } from '@errand/contracts';
import type { Clause } from '../intent/intent.ts';
import type { Picking } from '../intent/picking.ts';
import { best, isSame } from '../lexicon/likeness.ts';
import { type Term, term } from '../lexicon/words.ts';
import type { Draft, Joined, Step } from '../match/draft.ts';
import { has } from '../match/fit/slot-words.ts';
import { isTemporal } from '../match/render.ts';
import type { Field } from '../tools/outputs.ts';
import { isNumeric } from '../tools/shape.ts';
import { ownIdOf } from '../tools/sources.ts';
import { bind, join, output, path, string } from './jsonata.ts';
import { rowsOf } from './rows.ts';

const MONEY = ['amount', 'total', 'value', 'price', 'cost'].map(term);

/** Rows of "the latest" where nobody says how many. */
const MAX_SHOWN = 100;

/** Whether the answer needs every row, not only a page of them. */
export function needsAll(draft: Draft, clause: Clause, shaped: boolean): boolean {
  const { outline } = draft.goal.operation;
  if (outline.rows === undefined) return false;
  const { picking } = clause;
  const sorted = draft.goal.args.some(({ slot }) => slot.use === 'sort');
  return (
    (draft.conditions.length > 0 && !draft.narrowed) ||
    shaped ||
    (picking.top !== undefined && (picking.top.many !== Number.POSITIVE_INFINITY || picking.top.recent) && !sorted) ||
    sumField(picking, outline.rows.fields, clause) !== undefined ||
    (picking.count && !isToldCount(draft, clause))
  );
}

/** Whether the answer is a number over rows. */
export const isFigure = ({ goal }: Draft, { picking, topics }: Clause): boolean => {
  const { rows } = goal.operation.outline;
  return rows !== undefined && (picking.count || sumField(picking, rows.fields, { topics }) !== undefined);
};

/** Whether all that is asked is how many there are, and the service tells that. */
export const isToldCount = ({ goal, conditions }: Draft, { picking, topics }: Clause): boolean => {
  const { rows, total } = goal.operation.outline;
  return (
    picking.count &&
    rows !== undefined &&
    total !== undefined &&
    conditions.length === 0 &&
    sumField(picking, rows.fields, { topics }) === undefined
  );
};

/** The shortest page for a count that the service tells: none of its rows are looked at. */
export function onlyCounted(draft: Draft): Draft {
  const args = draft.goal.args.map((one) =>
    one.slot.use === 'limit' ? { ...one, value: Math.max(1, one.slot.shape.minimum ?? 1) } : one,
  );
  const goal = { ...draft.goal, args };
  return { ...draft, goal, steps: draft.steps.map((step) => (step === draft.goal ? goal : step)) };
}

/** The field that "total" or "average" speaks of. */
export function sumField(
  picking: Picking,
  fields: readonly Field[],
  clause: Pick<Clause, 'topics'>,
): Field | undefined {
  const { counted } = picking;
  if (picking.aggregate === undefined && counted === undefined) return undefined;
  const numbers = fields.filter(({ shape, name }) => isNumeric(shape) && !/(^id|Id|_id|year)$/.test(name));
  // "How many litres of fuel": a number of the rows, and not the rows.
  const amounts = counted === undefined ? [] : numbers.filter(({ names }) => names.some((one) => isSame(one, counted)));
  if (counted !== undefined || amounts.length > 0) return amounts[0];
  const asked = clause.topics.map(({ term: one }) => one);
  return (
    numbers.find(({ names }) => asked.some((one) => best(one, names) >= 0.8)) ??
    numbers.find(({ names }) => has(names, MONEY))
  );
}

/** Rows in the asked order, as many as asked. */
export function picked(rows: string, draft: Draft, picking: Picking): string {
  const { top } = picking;
  const fields = draft.goal.operation.outline.rows?.fields;
  if (top === undefined || fields === undefined) return rows;
  const whole = top.many === Number.POSITIVE_INFINITY;
  const cut = top.many === undefined ? '[0]' : whole ? '' : `[[0..${top.many - 1}]]`;
  if (draft.goal.args.some(({ slot }) => slot.use === 'sort'))
    return whole || (draft.conditions.length === 0 && top.many !== undefined) ? rows : `(${rows})${cut}`;
  const field = orderField(fields, top);
  const most = whole && top.recent ? `[[0..${MAX_SHOWN - 1}]]` : cut;
  return field === undefined ? rows : `(${rows})^(${top.descending ? '>' : '<'}${path(field.path)})${most}`;
}

/** Whether rows come, or can be put, in the order that is asked. */
export const isOrdered = ({ args, operation }: Step, { top }: Picking): boolean =>
  args.some(({ slot }) => slot.use === 'sort') ||
  (top !== undefined && orderField(operation.outline.rows?.fields ?? [], top) !== undefined);

/** The field that an order goes by. */
function orderField(fields: readonly Field[], top: NonNullable<Picking['top']>): Field | undefined {
  const fitting = fields.filter(({ shape, names }) =>
    top.time ? isTemporal(shape, names) : isNumeric(shape) || isTemporal(shape, names),
  );
  const named = fitting
    .map((field) => ({ field, like: closeness(top.by, field.names) }))
    .sort((a, b) => b.like - a.like)[0];
  return named !== undefined && named.like >= 0.6 ? named.field : top.time ? fitting[0] : undefined;
}

const closeness = (by: readonly Term[], names: readonly Term[]) =>
  by.reduce((top, one, index) => Math.max(top, best(one, names) - index * 0.05), 0);

/**
 * The natural answer: numbers, a list of rows, or an object; what they refer to stands in them, if it was asked for. Undefined: the
 * last output.
 */
export function naturalResult(draft: Draft, joined: readonly Joined[], clause: Clause): Json | undefined {
  const { goal } = draft;
  const { outline } = goal.operation;
  const { picking } = clause;
  const rows = rowsOf(draft);
  if (!goal.operation.reads) return undefined;
  const sum = outline.rows === undefined ? undefined : sumField(picking, outline.rows.fields, clause);
  if (outline.rows !== undefined && picking.count && sum === undefined) {
    const counted = isToldCount(draft, clause) ? join(output(goal.id), outline.total!.path) : `$count(${rows})`;
    return { count: bind(counted) };
  }
  if (sum !== undefined) {
    const values = join(rows, sum.path);
    return picking.aggregate === 'average'
      ? { average: bind(`$average(${values})`), count: bind(`$count(${rows})`) }
      : { total: bind(`$round($sum(${values}), 6)`), count: bind(`$count(${rows})`) };
  }
  const cut = picked(rows, draft, picking);
  if (outline.rows === undefined) {
    if (joined.length === 0) return draft.steps.at(-1) === goal ? undefined : bind(cut);
    const parts = joined.map(({ step, noun }) => `${string(keyOf(noun))}: ${output(step.id)}`);
    return bind(`$merge([${cut}, {${parts.join(', ')}}])`);
  }
  const isOne = picking.top !== undefined && picking.top.many === undefined;
  const whole = joined.reduce((list, one) => withEach(list, one), cut);
  return bind(isOne ? (joined.length === 0 ? cut : `[${whole}][0]`) : `[${whole}]`);
}

/** Rows, each with the thing that it refers to. */
function withEach(rows: string, { step, field, noun }: Joined): string {
  const key = string(keyOf(noun));
  if (step.forEach === undefined) return `(${rows}).$merge([$, {${key}: ${inside(output(step.id))}}])`;
  const own = ownIdOf(step.operation.outline.fields);
  const found =
    own === undefined
      ? `$zip([$distinct(${join('$r', field.path)})], $o)[$[0] = $k][1]`
      : `$o[$string(${path(own.path)}) = $string($k)][0]`;
  return `($r := ${rows}; $o := ${output(step.id)}; $r.($k := ${path(field.path)}; $merge([$, {${key}: ${found}}])))`;
}

/** A path from the root, where names are members of a row. */
const inside = (expression: string) => expression.replace(/^steps\b/, '$$$$.steps');

const keyOf = ({ text }: Term) => text.replace(/[\s_-]+(\w)/g, (_, letter: string) => letter.toUpperCase());

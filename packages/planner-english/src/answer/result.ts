// What a plan answers when nobody has said which shape the answer must have.

import type { Json } from '@errand/contracts';
import type { Clause, Topic } from '../intent/intent.ts';
import type { Picking } from '../intent/picking.ts';
import type { Value } from '../intent/value.ts';
import { plural } from '../lexicon/stem.ts';
import { best, isAmong, isSame, type Term, term, terms, words } from '../lexicon/words.ts';
import type { Draft, Joined, Step } from '../match/draft.ts';
import { isCurrency } from '../match/fit/codes.ts';
import { has } from '../match/fit/slots.ts';
import { identityOf } from '../match/names/lookup.ts';
import { isDue, isTemporal } from '../match/render.ts';
import { rowFieldsOf, thingOf } from '../tools/operation.ts';
import type { Field } from '../tools/outputs.ts';
import { isNumeric } from '../tools/shape.ts';
import { ownIdOf } from '../tools/sources.ts';
import { bind, join, output, path, string } from './jsonata.ts';
import { lengthIn } from './lengths.ts';
import { rowsOf } from './rows.ts';

const MONEY = terms('amount total value price cost');
const PIECES = terms('quantity pieces');

/** Rows of "the latest" where nobody says how many. */
const MAX_SHOWN = 100;

const isSorted = ({ args }: Step) => args.some(({ slot }) => slot.use === 'sort');

const sumOf = ({ goal }: Draft, { picking, topics }: Pick<Clause, 'picking' | 'topics'>) =>
  sumField(picking, rowFieldsOf(goal.operation), { topics });

/** Whether the answer needs every row, not only a page of them. */
export function needsAll(draft: Draft, clause: Clause, shaped: boolean): boolean {
  const { top, count } = clause.picking;
  const isCut = top !== undefined && !isSorted(draft.goal);
  const isSifted = draft.conditions.length > 0 && !draft.narrowed;
  const isFigured = sumOf(draft, clause) !== undefined || (count && !isToldCount(draft, clause));
  return draft.goal.operation.outline.rows !== undefined && (isSifted || shaped || isCut || isFigured);
}

/** Whether the answer is a number over rows. */
export const isFigure = (draft: Draft, clause: Clause): boolean =>
  draft.goal.operation.outline.rows !== undefined && (clause.picking.count || sumOf(draft, clause) !== undefined);

/** Whether all that is asked is how many there are, and the service tells that. */
export function isToldCount(draft: Draft, clause: Clause): boolean {
  const { rows, total } = draft.goal.operation.outline;
  const isPlain = draft.conditions.length === 0 && sumOf(draft, clause) === undefined;
  return clause.picking.count && rows !== undefined && total !== undefined && isPlain;
}

/** The shortest page for a count that the service tells: none of its rows are looked at. */
export function onlyCounted(draft: Draft): Draft {
  const args = draft.goal.args.map((one) =>
    one.slot.use === 'limit' ? { ...one, value: Math.max(1, one.slot.shape.minimum ?? 1) } : one,
  );
  const goal = { ...draft.goal, args };
  return { ...draft, goal, steps: draft.steps.map((step) => (step === draft.goal ? goal : step)) };
}

const numbersOf = (fields: readonly Field[]) =>
  fields.filter(({ shape, name }) => isNumeric(shape) && !/(?:^id|Id|_id|year|_number|Number|^number)$/.test(name));

/** The field that "total" or "average" speaks of. */
export function sumField(
  { counted, aggregate }: Picking,
  fields: readonly Field[],
  { topics }: Pick<Clause, 'topics'>,
): Field | undefined {
  const numbers = numbersOf(fields);
  // "How many litres of fuel": a number of the rows, and not the rows.
  if (counted !== undefined) return countedFields(fields, counted, topics)[0] ?? lengthIn(fields, counted)?.field;
  const asked = ({ names }: Field) =>
    Math.max(0, ...topics.map(({ term, isRate }) => (isRate ? 0 : best(term, names))));
  const [nearest] = [...numbers].sort((a, b) => asked(b) - asked(a));
  const isAsked = nearest !== undefined && asked(nearest) >= 0.8;
  // "How much does Ana owe": what is still to be paid, where rows tell it.
  const [owed, ...more] = numbers.filter(({ name }) => OWED.test(name));
  const isOwed = owed && more.length === 0 && topics.some(({ term: { text } }) => /^ow(?:e|es|ed|ing)$/.test(text));
  if (aggregate && isOwed) return owed;
  const inMoney = (least: number) =>
    numbers.find(({ names }) => has(names, MONEY, least) && (least === 1 || !has(names, PIECES, 1)));
  return aggregate && (isAsked ? nearest : (inMoney(1) ?? inMoney(0.8)));
}

/** "Paid in dues altogether", where rows tell the amount that is paid: a figure, and no state. */
export const isOfSum = ({ picking, topics }: Pick<Clause, 'picking' | 'topics'>, fields: readonly Field[], one: Term) =>
  picking.aggregate === 'sum' &&
  sumField(picking, fields, { topics })?.names.some(({ lemma }) => lemma === one.lemma) === true;

const OWED = /balance|outstanding|remaining|(?:^|_)due$|Due$|unpaid/;

/** Numbers of what "how many" counts; of "days taken" and "days left" those that other words speak of, too. */
export function countedFields(all: readonly Field[], counted: Term, topics: readonly Topic[]): Field[] {
  const fields = numbersOf(all).filter(({ names }) => isAmong(counted, names));
  const others = topics.filter(({ term: one }) => !isSame(one, counted));
  const worth = ({ names }: Field) => others.filter(({ term: one }) => best(one, names) >= 0.7).length;
  const most = Math.max(0, ...fields.map(worth));
  return fields.filter((one) => worth(one) === most);
}

/** Rows in the asked order, as many as asked. */
export function picked(rows: string, { goal, conditions }: Draft, { top }: Picking): string {
  const fields = goal.operation.outline.rows?.fields;
  if (top === undefined || fields === undefined) return rows;
  const whole = top.many === Number.POSITIVE_INFINITY;
  const cut = top.many === undefined ? '[0]' : whole ? '' : `[[0..${top.many - 1}]]`;
  if (isSorted(goal)) return whole || (conditions.length === 0 && top.many !== undefined) ? rows : `(${rows})${cut}`;
  const field = orderField(fields, top);
  const most = whole && top.recent ? `[[0..${MAX_SHOWN - 1}]]` : cut;
  // Rows without it have no place in the order, and the last match is none that is still to come.
  const isPlanned = /^last$/i.test(top.said) && field !== undefined && PLANNED.test(field.name);
  const past = isPlanned ? `[$substring(${path(field.path)}, 0, 16) <= $substring($$.now, 0, 16)]` : '';
  const told = `${field?.shape.nullable ? `[${path(field.path)} != null]` : ''}${past}`;
  return field === undefined ? rows : `(${rows})${told}^(${top.descending ? '>' : '<'}${path(field.path)})${most}`;
}

/** Whether rows come, or can be put, in the order that is asked. */
export const isOrdered = (goal: Step, { top }: Picking): boolean =>
  isSorted(goal) || (top !== undefined && orderField(rowFieldsOf(goal.operation), top) !== undefined);

/** Times of how a thing begins, and of what becomes of it. */
const MADE =
  /creat|add|join|start|begin|beg[au]n|open|regist|sign|issue|report|plac|order|receiv|purchas|bought|sent|post|submit|since|held|kick|schedul/i;
const LATER = /until|till|expir|valid|end|close|paid|done|complet|return|renew|cancel|updat|modif|chang|last/i;
const isLater = ({ name, names, shape }: Field) => LATER.test(name) || isDue(names, shape);

const PLANNED = /^(?:date|day|time|when)$|start|begin|kick|schedul|(?:visit|event|match|lesson|booking)/i;
const isPlainly = ({ name }: Field, by: readonly Term[]) => words(name).every((word) => isAmong(term(word), by));

/** The field that an order goes by. */
function orderField(fields: readonly Field[], { time, by, most }: NonNullable<Picking['top']>): Field | undefined {
  // "The largest events" are none of the latest, although a day may be called that of the event.
  const fitting = fields.filter(({ shape, names }) => (time ? isTemporal(shape, names) : isNumeric(shape)));
  const like = ({ names }: Field) => Math.max(0, ...by.map((one, index) => best(one, names) - index * 0.05));
  const [named, next] = [...fitting].sort((a, b) => like(b) - like(a));
  // "The most goals": of ours, or of theirs.
  if (most && next !== undefined && like(named!) === like(next) && !isPlainly(named!, by)) return undefined;
  if (named !== undefined && like(named) >= 0.6) return named;
  // The newest subscriber is the last who came, and not the one who is paused for longest.
  const made = fitting.find(({ name }) => MADE.test(name)) ?? fitting.find((one) => !isLater(one));
  const [only, ...more] = fitting;
  return time ? (made ?? (more.length === 0 && only && !isDue(only.names, only.shape) ? only : undefined)) : undefined;
}

/**
 * The natural answer: numbers, a list of rows, or an object; what they refer to stands in them, if it was asked for. Undefined: the
 * last output.
 */
export function naturalResult(draft: Draft, joined: readonly Joined[], clause: Clause): Json | undefined {
  const { goal } = draft;
  const { outline, reads } = goal.operation;
  const { picking } = clause;
  if (!reads) return undefined;
  const rows = rowsOf(draft);
  const sum = sumOf(draft, clause);
  // Where the call could not be made there is nothing to count.
  const figure = (expression: string) =>
    bind(`${output(goal.id)} = null ? null : ${unlessNone(draft, rows, expression)}`);
  const count = figure(`$count(${rows})`);
  if (sum !== undefined) {
    const pieces = piecesOf(sum, rowFieldsOf(goal.operation));
    const each = pieces ? `${rows}.(${path(sum.path)} * ${path(pieces.path)})` : join(rows, sum.path);
    const values = `${pieces ? `(${each})` : each}[$type($) = "number"]`;
    const isAverage = picking.aggregate === 'average';
    const { counted } = picking;
    const length = counted && !isAmong(counted, sum.names) ? lengthIn(rowFieldsOf(goal.operation), counted) : undefined;
    const scale = length === undefined || length.factor === 1 ? '' : ` * ${length.factor}`;
    const told = isAverage ? `$average(${values})` : `$round($sum([${values}])${scale}, 6)`;
    const one = figure(inOneCurrency(told, rows, goal, sum));
    return isAverage ? { average: one, count } : { total: one, count };
  }
  if (outline.rows !== undefined && picking.count)
    return {
      count: isToldCount(draft, clause)
        ? bind(unlessNone(draft, rows, join(output(goal.id), outline.total!.path)))
        : count,
    };
  const cut = picked(rows, draft, picking);
  if (outline.rows === undefined) {
    if (joined.length === 0) return draft.steps.at(-1) === goal ? undefined : bind(cut);
    const parts = joined.map((one) => `${string(keyOf(one.noun))}: ${broughtFor(one, join(cut, one.field.path))}`);
    return bind(`$merge([${cut}, {${parts.join(', ')}}])`);
  }
  const isOne = picking.top !== undefined && picking.top.many === undefined;
  const called = calledRows(goal, clause, cut);
  const whole = joined.reduce(withEach, called);
  const answer = isOne ? (joined.length === 0 ? called : `[${whole}][0]`) : `[${whole}]`;
  return bind(unlessNone(draft, cut, answer));
}

/** How many of what a row tells the price of one: what it comes to is both multiplied. */
function piecesOf({ names, shape }: Field, fields: readonly Field[]): Field | undefined {
  const isOfOne =
    names.some(({ lemma }) => lemma === 'unit') || /\b(?:of|for) (?:one|each|a single)\b/i.test(shape.description);
  const [pieces, ...more] = numbersOf(fields).filter((one) => has(one.names, PIECES, 1));
  return isOfOne && has(names, MONEY) && more.length === 0 ? pieces : undefined;
}

const MIXED = string('The amounts are in several currencies, which have no sum. Say which currency is meant.');

/** Amounts of several currencies have no sum. */
function inOneCurrency(figure: string, rows: string, { operation }: Step, { names, path: at }: Field): string {
  const beside = (field: Field) => field.path.slice(0, -1).join() === at.slice(0, -1).join();
  const [currency] = rowFieldsOf(operation).filter((field) => isCurrency(field.name) && beside(field));
  if (currency === undefined || !has(names, MONEY)) return figure;
  return `$count($distinct(${join(rows, currency.path)})) > 1 ? $refuse(${MIXED}) : ${figure}`;
}

/** An answer from rows; a name that the service knows nothing of is no empty answer. */
export function unlessNone({ goal, used, conditions }: Draft, rows: string, answer: string): string {
  const isSifted = ({ kind, text }: Value) =>
    kind === 'name' && conditions.some((one) => one.endsWith(`, ${string(text.toLowerCase())})`));
  const [name = goal.called ?? [...used].find(isSifted)] = namedIn(goal);
  if (name === undefined) return answer;
  const thing = thingOf(goal.operation);
  return `$count(${rows}) = 0 ? $refuse(${string(`I found no ${thing} for ${name.text}.`)}) : ${answer}`;
}

/** The rows that have the name by which the service searched. */
export function calledRows(goal: Step, clause: Clause, rows: string): string {
  const [name] = namedIn(goal);
  return name === undefined || isOfSeveral(goal, clause) ? rows : calledSo(goal, rows, name);
}

/** Names that the service searches by. */
const namedIn = ({ filled }: Step): Value[] =>
  filled.flatMap(({ slot, used }) =>
    slot.use === 'id' || slot.shape.enum !== undefined
      ? []
      : used.filter(({ kind, self }) => (kind === 'name' || (kind === 'id' && slot.use === 'search')) && !self),
  );

/** Things are spoken of as several: "clients named Bell", "movies about Bell". */
export const isOfSeveral = ({ operation: { nouns } }: Pick<Step, 'operation'>, { topics }: Clause): boolean =>
  topics.some(({ term: one }) => one.text !== one.lemma && isAmong(one, nouns));

/** Rows that are called so, where one thing is asked for: of two namesakes neither is picked. */
function calledSo({ operation, filled }: Step, rows: string, { text, kind }: Value): string {
  const { fields } = operation.outline.rows!;
  const isSearched = filled.some(({ slot }) => slot.use === 'search' || /name$|^title$/i.test(slot.name));
  const key = isSearched ? identityOf(fields, kind) : undefined;
  const things = plural(thingOf(operation));
  if (key === undefined) return rows;
  const several = string(`There are several ${things} named ${text}. Say which one is meant.`);
  const exact = `$e := $m[$lowercase($string(${key})) = ${string(text.toLowerCase())}]; $f := $count($e) > 0 ? $e : $m`;
  return `($m := [${rows}]; ${exact}; $count($f) > 1 ? $refuse(${several}) : $f)`;
}

/** Rows, each with the thing that it refers to. */
function withEach(rows: string, { step, field, noun }: Joined): string {
  const key = string(keyOf(noun));
  if (step.all !== undefined)
    return `($r := ${rows}; $o := ${step.all}; $r.($k := ${path(field.path)}; $merge([$, {${key}: $o[$string(${idOf(step)}) = $string($k)][0]}])))`;
  // From the root, where names are members of a row.
  if (step.forEach === undefined) return `(${rows}).$merge([$, {${key}: $$.${output(step.id)}}])`;
  const { fields } = step.operation.outline;
  // Where the answer stands under a name: `{ patient: { id } }`.
  const [name] = fields[0]?.path ?? [];
  const isWrapped = fields.length > 0 && fields.every(({ path: at }) => at.length > 1 && at[0] === name);
  const own = isWrapped ? fields.find(({ path: at }) => at.length === 2 && at[1] === 'id') : ownIdOf(fields);
  const found = own
    ? `$o${isWrapped ? `.${path([name!])}` : ''}[$string(${path(own.path.slice(-1))}) = $string($k)][0]`
    : `($z := $zip([$distinct(${join('$r', field.path)})], $o)[$[0] = $k]; $z[1])`;
  return `($r := ${rows}; $o := ${output(step.id)}; $r.($k := ${path(field.path)}; $merge([$, {${key}: ${found}}])))`;
}

const idOf = ({ operation }: Step) => path(ownIdOf(rowFieldsOf(operation))!.path);

/** What a join brought: the thing itself, or the one of a list that has the id. */
const broughtFor = ({ step }: Joined, id: string): string =>
  step.all === undefined ? output(step.id) : `($k := ${id}; (${step.all})[$string(${idOf(step)}) = $string($k)][0])`;

const keyOf = ({ text }: Term) => text.replace(/[\s_-]+(\w)/g, (_, letter: string) => letter.toUpperCase());

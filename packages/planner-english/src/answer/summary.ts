// A summary of rows: how many there are and what they add up to, by the groups that were named, else by the plain ones; of "the latest"
// rows those of the newest period. It refuses words that it cannot match: a wrong total looks like a right one.
import type { Json } from '@errand/contracts';
import type { Clause } from '../intent/intent.ts';
import { GENERIC } from '../lexicon/stopwords.ts';
import { best, term, terms } from '../lexicon/words.ts';
import type { Draft, Scope } from '../match/draft.ts';
import { isCurrency } from '../match/fit/codes.ts';
import { has, isOfEach } from '../match/fit/slots.ts';
import { isTemporal } from '../match/render.ts';
import { rowFieldsOf } from '../tools/operation.ts';
import type { Field } from '../tools/outputs.ts';
import { isNumeric } from '../tools/shape.ts';
import { bind, output, path, string } from './jsonata.ts';
import { picked } from './result.ts';
import { newestPeriod, rowsOf, seesAll } from './rows.ts';

const SUMMARY = /^(?:summary|overview|breakdown|digest|recap|synopsis|statistics?|stats|roundup|rundown|snapshot)$/;
const MADE = /^(?:report|analysis|briefing)$/;
const MONEY = terms('amount total revenue value price cost');
const KINDS = terms(
  'region category status stage type kind country channel currency priority department segment source',
);

/** Whether a clause asks for figures about many rows, rather than for the rows. */
export function asksForSummary({ topics, verb, moods, text, picking }: Clause, { goal, said }: Draft): boolean {
  // "The calls by phone": what an argument stands for is no group.
  const told = new Set([...said, ...goal.filled.flatMap((one) => one.said)].map((one) => one.text));
  const fields = rowFieldsOf(goal.operation);
  const unsorted = text
    // "The rate per word": a figure of one.
    .replace(/\bper\s+(\p{L}+)/gu, (per, word: string) =>
      fields.some((field) => isOfEach(field, term(word.toLowerCase()))) ? '' : per,
    )
    .replace(/\b(?:sorted|ordered|ranked|sort|order|rank)\s+by\b/g, '')
    // "Missed by beginners": who did it.
    .replace(/\b(?!group|split|summ|total|count|aggregat|sort)\p{L}+ed\s+by\b/gu, '')
    .replace(/\bby\s+(\p{L}+)/gu, (by, word: string) => (told.has(word.toLowerCase()) ? '' : by));
  const isGrouped =
    /\b(?:by|per|for each)\s+(?!\d|(?:the\s+)?(?:end|start|beginning|middle|close)\b|today|tomorrow|now\b|then\b|(?:next|last|this)\b)\p{Ll}+\b(?!\s+\p{Lu})/u.test(
      unsorted,
    ) &&
    (picking.count || picking.aggregate !== undefined || topics.length > 1) &&
    picking.top === undefined;
  const isMade = ({ term: { lemma } }: (typeof topics)[number]) =>
    SUMMARY.test(lemma) || (verb !== undefined && MADE.test(lemma));
  const sumsUp = /^(?:summari[sz]e|recap)$/.test(verb?.text ?? '');
  return moods.every((mood) => mood === 'read') && (isGrouped || sumsUp || topics.some(isMade));
}

/** Whether a draft brings rows of which the figures are to be made here, rather than figures. */
export function bringsRows({ goal: { operation } }: Draft): boolean {
  const { rows } = operation.outline;
  const figures = [...operation.nouns, ...operation.marks].some(({ lemma }) => SUMMARY.test(lemma));
  return rows !== undefined && !figures && (rows.fields.length > 4 || rows.fields.some(({ name }) => name === 'id'));
}

/** The figures, or why they cannot be told. */
export function summaryOf(draft: Draft, clause: Clause, scope: Scope): { result: Json } | { refused: string } {
  if (!seesAll(draft))
    return { refused: 'it does not say how many there are, so that a summary of all of them cannot be made' };
  if (clause.picking.aggregate === 'average') return unplaced(['average']);
  const { fields } = draft.goal.operation.outline.rows!;
  const amount = fields.find(({ shape, names }) => isNumeric(shape) && has(names, MONEY));
  const currency = fields.find(({ name }) => isCurrency(name));
  // Amounts of several currencies have no sum.
  const sum = (rows: string) => {
    const total = `$round($sum([${rows}${path(amount!.path)}]), 6)`;
    return currency === undefined ? total : `$count($distinct(${rows}${path(currency.path)})) > 1 ? null : ${total}`;
  };
  const groups = groupsOf(draft, fields, clause, scope);
  const [said, grouped] = /\b(?:by|per|for each)\s+(?:the\s+)?(\p{Ll}+)\b(?!\s+\p{Lu})/u.exec(clause.text) ?? [];
  const isGroup = (word: string) => terms(word).every((one) => groups.some(({ names }) => best(one, names) >= 0.7));
  const isSaid = [...draft.said].some(({ text }) => text === grouped);
  if (
    grouped !== undefined &&
    !isSaid &&
    draft.goal.filled.every(({ used }) => used.every(({ preposition }) => preposition !== 'by')) &&
    !isGroup(grouped)
  )
    return unplaced([said!]);
  const by = groups.map((field) => {
    const own = `"count": $count($)${amount === undefined ? '' : `, "total": ${sum('')}`}`;
    const each = `$each($r{$string(${keyOf(field, fields)}): {${own}}}, function($v, $k) { $merge([{${string(field.name)}: $k}, $v]) })`;
    const name = `by${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}`;
    return [name, `$count($r) = 0 ? [] : [(${each})^(>count)]`];
  });
  const parts = [
    ...(draft.newest === undefined ? [] : [['period', newestPeriod(draft.newest, '$r')]]),
    ['count', '$count($r)'],
    ...(amount === undefined ? [] : [['total', `(${sum('$r.')})`]]),
    ...by,
  ].map(([name, value]) => `${string(name!)}: ${value}`);
  const figures = `($r := [${picked(rowsOf(draft), draft, clause.picking)}]; {${parts.join(', ')}})`;
  // Where nothing was asked of the service, for want of what it takes, there is nothing to count.
  return { result: bind(`${output(draft.goal.id)} = null ? null : ${figures}`) };
}

/** A quarter or a month without its year is no group. */
function keyOf(field: Field, fields: readonly Field[]): string {
  const year = /^(?:quarter|month)$/i.test(field.name) && fields.find(({ name }) => /^year$/i.test(name));
  return year ? `${path(field.path)} & " " & $string(${path(year.path)})` : path(field.path);
}

/** The fields that words name, else those that most summaries are by. */
function groupsOf({ goal }: Draft, fields: readonly Field[], clause: Clause, { intent }: Scope): Field[] {
  const fixed = new Set(goal.filled.map(({ slot }) => slot.name));
  const able = fields.filter(
    ({ name, shape, names }) =>
      name !== 'id' && /string|integer|boolean/.test(shape.type) && !isTemporal(shape, names) && !has(names, MONEY),
  );
  const named = [...clause.topics, ...intent.background].flatMap(({ term: one }) => {
    const isTopic = best(one, goal.operation.nouns) < 0.8 && !GENERIC.has(one.lemma);
    const field = isTopic ? able.find(({ names }) => best(one, names) >= 0.8) : undefined;
    return field === undefined || fixed.has(field.name) ? [] : [field];
  });
  const isPlain = ({ name, names, shape }: Field) =>
    !fixed.has(name) && !/^(?:quarter|month)$/i.test(name) && (shape.enum !== undefined || has(names.slice(-1), KINDS));
  return named.length > 0 ? [...new Set(named)] : able.filter(isPlain).slice(0, 3);
}

/** A draft whose rows are those that are meant, or why it cannot tell them. */
export function latestOf(draft: Draft, scope: Scope): { draft: Draft; clause: Clause } | { refused: string } {
  const { clause } = scope;
  const { top } = clause.picking;
  if (top === undefined || (top.many !== Number.POSITIVE_INFINITY && top.time)) return { draft, clause };
  if (top.recent !== true || top.many !== Number.POSITIVE_INFINITY) return unplaced([top.said]);
  const rest = { ...clause, picking: { ...clause.picking, top: undefined } };
  // "The latest sales of Q4 2023" are those of Q4 2023.
  if ([...draft.used].some(({ kind }) => kind === 'period' || kind === 'moment')) return { draft, clause: rest };
  const fields = draft.goal.operation.outline.rows!.fields;
  const date = dateOf(fields);
  if (date === undefined) return unplaced(['latest']);
  return { draft: { ...draft, newest: { date: date.path, period: periodOf(fields) } }, clause: rest };
}

export const unplaced = (words: readonly string[]) => ({
  refused: `these words could not be placed: ${words.map((word) => `"${word}"`).join(', ')}. Say it in other words`,
});

/** The day that a row is about: of itself, else of its making, else the only one that there is. */
function dateOf(fields: readonly Field[]): Field | undefined {
  const dates = fields.filter(({ shape, names }) => shape.type === 'string' && isTemporal(shape, names));
  return (
    dates.find(({ name }) =>
      /^(?:date|day|time|timestamp)$|placed|sold|order|invoice|issue|book|occur|post|paid/i.test(name),
    ) ??
    dates.find(({ name }) => /creat/i.test(name)) ??
    (dates.length === 1 ? dates[0] : undefined)
  );
}

/** Fields that say which period a row is of: year and quarter, or year and month. */
function periodOf(fields: readonly Field[]): readonly (readonly string[])[] {
  const at = (name: RegExp) => fields.find((field) => field.path.length === 1 && name.test(field.name))?.path;
  const [year, part] = [at(/^year$/i), at(/^quarter$/i) ?? at(/^month$/i)];
  return year === undefined || part === undefined ? [] : [part, year];
}

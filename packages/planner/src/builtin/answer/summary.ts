// A summary of rows: how many there are and what they add up to, by the groups that were named, else by the plain ones; of "the latest"
// rows those of the newest period. It refuses words that it cannot match: a wrong total looks like a right one.
import type { Json } from '@errand/contracts';
import type { Clause } from '../intent/intent.ts';
import { best } from '../lexicon/likeness.ts';
import { GENERIC } from '../lexicon/stopwords.ts';
import { type Term, term } from '../lexicon/words.ts';
import type { Draft, Scope } from '../match/draft.ts';
import { has } from '../match/fit/slot-words.ts';
import { isTemporal } from '../match/render.ts';
import type { Field } from '../tools/outputs.ts';
import { isNumeric } from '../tools/shape.ts';
import { bind, output, path, string } from './jsonata.ts';
import { picked } from './result.ts';
import { newestPeriod, rowsOf, seesAll } from './rows.ts';

const list = (text: string) => text.split(' ').map(term);
const SUMMARY = new Set(
  'summary overview breakdown digest recap synopsis statistics stats statistic roundup rundown snapshot'.split(' '),
);
const MADE = new Set(['report', 'analysis', 'briefing']);
const SUMS_UP = /^(?:summari[sz]e|recap)$/;
const MONEY = list('amount total revenue value price cost');
const KINDS = list(
  'region category status stage type kind country channel currency priority department segment source',
);

/** Whether a clause asks for figures about many rows, rather than for the rows. */
export const asksForSummary = ({ topics, verb, moods, text, picking }: Clause): boolean =>
  !moods.some((mood) => mood !== 'read') &&
  ((/\b(?:by|per|for each)\s+(?!\d)\p{Ll}+\b(?!\s+\p{Lu})/u.test(
    text.replace(/\b(?:sorted|ordered|ranked|sort|order|rank)\s+by\b/g, ''),
  ) &&
    (picking.count || picking.aggregate !== undefined || topics.length > 1) &&
    picking.top === undefined) ||
    SUMS_UP.test(verb?.text ?? '') ||
    topics.some(({ term: { lemma } }) => SUMMARY.has(lemma) || (verb !== undefined && MADE.has(lemma))));

/** Whether a draft brings rows of which the figures are to be made here, rather than figures. */
export function bringsRows({ goal: { operation } }: Draft): boolean {
  const { rows } = operation.outline;
  const figures = [...operation.nouns, ...operation.marks].some(({ lemma }) => SUMMARY.has(lemma));
  return rows !== undefined && !figures && (rows.fields.length > 4 || rows.fields.some(({ name }) => name === 'id'));
}

/** The figures, or why they cannot be told. @param shaped only whether all that is asked can be placed is told */
export function summaryOf(draft: Draft, clause: Clause, scope: Scope): { result: Json } | { refused: string } {
  const { goal } = draft;
  const { fields } = goal.operation.outline.rows!;
  if (!seesAll(draft))
    return { refused: 'it does not say how many there are, so that a summary of all of them cannot be made' };
  const groups = groupsOf(draft, fields, clause, scope);
  const amount = fields.find(({ shape, names }) => isNumeric(shape) && has(names, MONEY));
  const currency = fields.find(({ name }) => /^currency(?:_?code)?$/i.test(name));
  // Amounts of several currencies have no sum.
  const sum = (rows: string) => {
    const total = `$round($sum([${rows}${path(amount!.path)}]), 6)`;
    return currency === undefined ? total : `$count($distinct(${rows}${path(currency.path)})) > 1 ? null : ${total}`;
  };
  const by = groups.fields.map((field) => {
    const key = keyOf(field, fields);
    const own = `"count": $count($)${amount === undefined ? '' : `, "total": ${sum('')}`}`;
    const each = `$each($r{$string(${key}): {${own}}}, function($v, $k) { $merge([{${string(field.name)}: $k}, $v]) })`;
    return [
      `by${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}`,
      `$count($r) = 0 ? [] : [(${each})^(>count)]`,
    ] as const;
  });
  const parts = [
    ...(draft.newest === undefined ? [] : [['period', newestPeriod(draft.newest, '$r')] as const]),
    ['count', '$count($r)'] as const,
    ...(amount === undefined ? [] : [['total', `(${sum('$r.')})`] as const]),
    ...by,
  ];
  const rows = picked(rowsOf(draft), draft, clause.picking);
  const figures = `($r := [${rows}]; {${parts.map(([name, value]) => `${string(name)}: ${value}`).join(', ')}})`;
  // Where nothing was asked of the service, for want of what it takes, there is nothing to count.
  return { result: bind(`${output(goal.id)} = null ? null : ${figures}`) };
}

/** A quarter or a month without its year is no group. */
function keyOf(field: Field, fields: readonly Field[]): string {
  const year = fields.find(({ name }) => /^year$/i.test(name));
  return /^(?:quarter|month)$/i.test(field.name) && year !== undefined
    ? `${path(field.path)} & " " & $string(${path(year.path)})`
    : path(field.path);
}

function groupsOf(draft: Draft, fields: readonly Field[], clause: Clause, { intent }: Scope) {
  const { nouns } = draft.goal.operation;
  const able = fields.filter(
    ({ name, shape, names }) =>
      name !== 'id' &&
      (shape.type === 'string' || shape.type === 'integer' || shape.type === 'boolean') &&
      !isTemporal(shape, names) &&
      !has(names, MONEY),
  );
  const fixed = new Set(draft.goal.filled.map(({ slot }) => slot.name));
  const named = new Map<Term, Field>();
  for (const { term: one } of [...clause.topics, ...intent.background]) {
    if (best(one, nouns) >= 0.8 || GENERIC.has(one.lemma)) continue;
    const field = able.find(({ names }) => best(one, names) >= 0.8);
    if (field !== undefined && !fixed.has(field.name)) named.set(one, field);
  }
  const plain = able.filter(
    ({ name, names, shape }) =>
      !fixed.has(name) &&
      !/^(?:quarter|month)$/i.test(name) &&
      (shape.enum !== undefined || has(names.slice(-1), KINDS)),
  );
  return { named, fields: named.size > 0 ? [...new Set(named.values())] : plain.slice(0, 3) };
}

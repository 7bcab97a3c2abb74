import { best } from '../lexicon/likeness.ts';
// Conditions of the intent that the service takes no argument for: checked on the rows instead.

import { path, string } from '../answer/jsonata.ts';
import { type Term, term } from '../lexicon/words.ts';
import type { Scope, Step } from '../match/draft.ts';
import { has } from '../match/fit.ts';
import { nameField } from '../match/lookup.ts';
import { dayOf, isTemporal } from '../match/render.ts';
import type { Field } from '../tools/outputs.ts';
import type { Value } from './value.ts';

const MONEY = ['amount', 'price', 'cost', 'value', 'total', 'balance'].map(term);

/** JSONata predicates over a row of the goal, and the values that they stand for. */
export function conditionsOf(
  goal: Step,
  scope: Scope,
  used: readonly Value[],
): { predicates: string[]; used: Value[] } {
  const rows = goal.operation.outline.rows;
  if (rows === undefined) return { predicates: [], used: [] };
  const predicates: string[] = [];
  const taken: Value[] = [];
  const add = (value: Value, predicate: string | undefined) => {
    if (predicate === undefined) return;
    predicates.push(predicate);
    taken.push(value);
  };
  for (const value of scope.free) {
    if (value.fromContext && value.kind === 'pair') continue;
    const taking = used.includes(value);
    if (value.kind === 'number' && value.compare !== undefined && (!taking || value.strict))
      add(value, numberCondition(value, rows.fields, taking ? slotOf(goal, value) : undefined, goal));
    else if (taking) continue;
    else if (value.kind === 'period' || (value.kind === 'moment' && value.compare !== undefined))
      add(value, timeCondition(value, rows.fields));
    else if (value.kind === 'name' || value.kind === 'quoted') add(value, textCondition(value, rows.fields, goal));
  }
  return { predicates, used: taken };
}

const slotOf = (goal: Step, value: Value) => goal.filled.find(({ used }) => used.includes(value))?.slot.names;

function numberCondition(
  value: Value,
  fields: readonly Field[],
  like: readonly Term[] | undefined,
  goal: Step,
): string | undefined {
  const numbers = fields.filter(
    ({ shape, name }) => (shape.type === 'number' || shape.type === 'integer') && !/id$/i.test(name),
  );
  const near = [...(like ?? []), ...value.before.slice(0, 2), ...value.after.slice(0, 2)].filter(
    (one) => best(one, goal.operation.nouns) < 0.8,
  );
  const field =
    numbers.find(({ names }) => near.some((one) => best(one, names) >= 0.8)) ??
    (like === undefined || value.money ? numbers.find(({ names }) => has(names, MONEY)) : undefined) ??
    (numbers.length === 1 && like === undefined ? numbers[0] : undefined);
  if (field === undefined) return undefined;
  const sign = value.compare === 'low' ? (value.strict ? '>' : '>=') : value.strict ? '<' : '<=';
  return `${path(field.path)} ${sign} ${value.number}`;
}

function timeCondition(value: Value, fields: readonly Field[]): string | undefined {
  const times = fields.filter(({ shape, names }) => isTemporal(shape, names));
  const near = [...value.before.slice(0, 2), ...value.after.slice(0, 1)];
  const field =
    times.find(({ names }) => near.some((one) => best(one, names) >= 0.8)) ??
    times.find(({ name }) => !/creat|updat|modif/i.test(name)) ??
    times[0];
  if (field === undefined) return undefined;
  const at = `$substring(${path(field.path)}, 0, 10)`;
  // In a filter names are members of the row; `$$` is the whole.
  const from = dayOf(value.period?.from ?? value.moment!.at, '$$.now');
  const to = dayOf(value.period?.to ?? value.moment!.at, '$$.now');
  if (value.compare === 'low') return `${at} >= ${value.strict ? to : from}`;
  if (value.compare === 'high') return `${at} < ${value.strict ? from : to}`;
  return `(${at} >= ${from} and ${at} < ${to})`;
}

function textCondition(value: Value, fields: readonly Field[], goal: Step): string | undefined {
  const texts = fields.filter(({ shape }) => shape.type === 'string' && shape.format === undefined);
  const exact = texts.find(({ shape }) =>
    shape.enum?.some((one) => String(one).toLowerCase() === value.text.toLowerCase()),
  );
  if (exact !== undefined) return `$lowercase(${path(exact.path)}) = ${string(value.text.toLowerCase())}`;
  const beside = [...value.before.slice(0, 1), ...value.after.slice(0, 1)];
  const named =
    value.adjacent !== true
      ? undefined
      : texts.find(
          ({ names, shape }) =>
            shape.enum === undefined &&
            beside.some((one) => best(one, goal.operation.nouns) < 0.8 && best(one, names) >= 0.8),
        );
  const own =
    beside.some((one) => best(one, goal.operation.nouns) >= 0.8) &&
    !/^(?:of|for|with|by|from|to)$/.test(value.preposition ?? '')
      ? nameField(fields)
      : undefined;
  const field = named ?? own;
  return field && `$contains($lowercase(${path(field.path)}), ${string(value.text.toLowerCase())})`;
}

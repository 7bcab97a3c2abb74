// Conditions of the intent that the service takes no argument for: checked on the rows instead.
import { path, string } from '../answer/jsonata.ts';
import { best, isSame } from '../lexicon/likeness.ts';
import { sameState, type Term, term } from '../lexicon/words.ts';
import type { Scope } from '../match/draft.ts';
import { enumOf } from '../match/enum.ts';
import { has } from '../match/fit/slot-words.ts';
import { nameField } from '../match/lookup.ts';
import { dayOf, isTemporal } from '../match/render.ts';
import type { Operation } from '../tools/operation.ts';
import type { Field } from '../tools/outputs.ts';
import { isNumeric } from '../tools/shape.ts';
import type { Value } from './value.ts';

const MONEY = ['amount', 'price', 'cost', 'value', 'total', 'balance'].map(term);

/** A condition on the rows of an operation that a value stands for, as a JSONata predicate. */
export function conditionFor(value: Value, operation: Operation): string | undefined {
  const fields = operation.outline.rows?.fields;
  if (fields === undefined) return undefined;
  if (value.kind === 'number' && value.compare !== undefined)
    return numberCondition(value, fields, undefined, operation);
  if (value.kind === 'period' || value.kind === 'moment') return timeCondition(value, fields);
  return value.kind === 'name' || value.kind === 'quoted' ? textCondition(value, fields, operation) : undefined;
}

/** "Over 50" where the service takes "at least 50": the rest is checked here. */
export const strictly = (value: Value, like: readonly Term[], operation: Operation): string | undefined =>
  value.kind === 'number' && value.strict && operation.outline.rows
    ? numberCondition(value, operation.outline.rows.fields, like, operation)
    : undefined;

/** A word and the condition that it is. */
export type Sifting = { predicate: string; said: readonly Term[]; denied?: number };

/** Words that are members of an enumeration or a switch of the rows, and what "no" and "without" say of a field. */
export function siftings(operation: Operation, { clause }: Scope, said: ReadonlySet<Term>): Sifting[] {
  const fields = operation.outline.rows?.fields ?? [];
  const found: Sifting[] = [];
  for (const { term: one, at } of clause.topics) {
    const before = clause.text.slice(0, at - clause.at);
    const denial = clause.denials.find(
      (other) =>
        /^\s*(?:an?|the|any)?\s*$/.test(clause.text.slice(other.end - clause.at, at - clause.at)) && other.at < at,
    );
    if (said.has(one) && denial === undefined) continue;
    if (operation.nouns.some((noun) => isSame(noun, one))) continue;
    const state = fields.find(
      ({ shape }) => shape.enum !== undefined && (enumOf(shape, [one], sameState)?.sure ?? 0) >= 0.75,
    );
    const flag = fields.find(({ shape, names }) => shape.type === 'boolean' && names.some((name) => isSame(name, one)));
    if (denial !== undefined) {
      const field = fields.find(
        ({ names, shape }) => shape.type !== 'boolean' && names.some((name) => isSame(name, one)),
      );
      const predicate =
        (state && `${path(state.path)} != ${string(String(enumOf(state.shape, [one], sameState)!.value))}`) ??
        (flag && `$not(${path(flag.path)} = true)`) ??
        (field && /no|without/i.test(denial.text) ? `$not($boolean(${path(field.path)}))` : undefined);
      if (predicate !== undefined) found.push({ predicate, said: [one], denied: denial.at });
    } else if (flag !== undefined && !/\bno\s+$/.test(before))
      found.push({ predicate: `${path(flag.path)} = true`, said: [one] });
    else if (state !== undefined)
      found.push({
        predicate: `${path(state.path)} = ${string(String(enumOf(state.shape, [one], sameState)!.value))}`,
        said: [one],
      });
  }
  return found;
}

function numberCondition(
  value: Value,
  fields: readonly Field[],
  like: readonly Term[] | undefined,
  operation: Operation,
): string | undefined {
  const numbers = fields.filter(({ shape, name }) => isNumeric(shape) && !/id$/i.test(name));
  const near = [...(like ?? []), ...value.before.slice(0, 2), ...value.after.slice(0, 2)].filter(
    (one) => best(one, operation.nouns) < 0.8,
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
  // The date that is meant: the one that is named, or the only one.
  const named = times.filter(({ names }) => near.some((one) => names.some((name) => isSame(name, one))));
  const own = times.filter(({ name }) => !/creat|updat|modif|chang/i.test(name));
  const field = named[0] ?? (own.length === 1 ? own[0] : undefined) ?? (times.length === 1 ? times[0] : undefined);
  if (field === undefined) return undefined;
  const at = `$substring(${path(field.path)}, 0, 10)`;
  // In a filter names are members of the row; `$$` is the whole.
  const from = dayOf(value.period?.from ?? value.moment!.at, '$$.now');
  const to = dayOf(value.period?.to ?? value.moment!.at, '$$.now');
  if (value.compare === 'low') return `${at} >= ${value.strict ? to : from}`;
  if (value.compare === 'high') return `${at} < ${value.strict ? from : to}`;
  return `(${at} >= ${from} and ${at} < ${to})`;
}

function textCondition(value: Value, fields: readonly Field[], operation: Operation): string | undefined {
  const texts = fields.filter(({ shape }) => shape.type === 'string' && shape.format === undefined);
  const wanted = value.text.toLowerCase();
  const exact = texts.find(({ shape }) => shape.enum?.some((one) => String(one).toLowerCase() === wanted));
  if (exact !== undefined) return `$lowercase(${path(exact.path)}) = ${string(wanted)}`;
  const named = texts.find(
    ({ names, shape }) => shape.enum === undefined && value.type.some((one) => names.some((name) => isSame(name, one))),
  );
  const own = value.type.some((one) => best(one, operation.nouns) >= 0.8) ? nameField(fields) : undefined;
  const field = named ?? own;
  return field && `$contains($lowercase(${path(field.path)}), ${string(wanted)})`;
}

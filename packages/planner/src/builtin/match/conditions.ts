// Conditions of the intent that the service takes no argument for: checked on the rows instead.
import { path, string } from '../answer/jsonata.ts';
import type { Value } from '../intent/value.ts';
import { best, isSame, sameState, type Term, terms } from '../lexicon/words.ts';
import type { Operation } from '../tools/operation.ts';
import type { Field } from '../tools/outputs.ts';
import { isNumeric } from '../tools/shape.ts';
import type { Scope } from './draft.ts';
import { enumOf } from './enum.ts';
import { has } from './fit/slots.ts';
import { nameField } from './lookup.ts';
import { dayOf, isTemporal } from './render.ts';

const MONEY = terms('amount price cost value total balance');

/** A condition on the rows of an operation that a value stands for, as a JSONata predicate. */
export function conditionFor(value: Value, operation: Operation): string | undefined {
  const fields = operation.outline.rows?.fields ?? [];
  if (value.compare !== undefined && value.kind === 'number') return numberCondition(value, fields, operation);
  if (value.kind === 'period' || value.kind === 'moment') return timeCondition(value, fields);
  return value.kind === 'name' || value.kind === 'quoted' ? textCondition(value, fields, operation) : undefined;
}

/** "Over 50" where the service takes "at least 50": the rest is checked here. @param like words of the argument that takes it */
export const strictly = (value: Value, like: readonly Term[], operation: Operation): string | undefined =>
  value.kind === 'number' && value.strict
    ? numberCondition(value, operation.outline.rows?.fields ?? [], operation, like)
    : undefined;

/** A word and the condition that it is. */
type Sifting = { predicate: string; said: Term; denied?: number };

/** Words that are members of an enumeration or a switch of the rows, and what "no" and "without" say of a field. */
export function siftings({ outline, nouns }: Operation, { clause }: Scope, told: ReadonlySet<Term>): Sifting[] {
  const fields = outline.rows?.fields ?? [];
  return clause.topics.flatMap(({ term: said, at }): Sifting[] => {
    const denial = clause.denials.find(
      (one) =>
        one.at < at && /^\s*(?:(?:an?|the|any)\s+)?$/.test(clause.text.slice(one.end - clause.at, at - clause.at)),
    );
    if ((told.has(said) && denial === undefined) || nouns.some((noun) => isSame(noun, said))) return [];
    const isCalled = ({ names }: Field) => names.some((name) => isSame(name, said));
    const flag = fields.find((field) => field.shape.type === 'boolean' && isCalled(field));
    const [state] = fields.flatMap(({ shape, path: at }) => {
      const member = enumOf(shape, [said], sameState);
      return member && member.sure >= 0.75 ? [{ at: path(at), is: string(member.value) }] : [];
    });
    if (denial === undefined) {
      const predicate = flag ? `${path(flag.path)} = true` : state && `${state.at} = ${state.is}`;
      return predicate === undefined ? [] : [{ predicate, said }];
    }
    const field = /no|without/i.test(denial.text)
      ? fields.find((one) => one.shape.type !== 'boolean' && isCalled(one))
      : undefined;
    const without = flag ? `$not(${path(flag.path)} = true)` : field && `$not($boolean(${path(field.path)}))`;
    const predicate = state ? `${state.at} != ${state.is}` : without;
    return predicate === undefined ? [] : [{ predicate, said, denied: denial.at }];
  });
}

function numberCondition(
  { before, after, money, compare, strict, number }: Value,
  fields: readonly Field[],
  { nouns }: Operation,
  like?: readonly Term[],
): string | undefined {
  const numbers = fields.filter(({ shape, name }) => isNumeric(shape) && !/id$/i.test(name));
  const near = [...(like ?? []), ...before.slice(0, 2), ...after.slice(0, 2)].filter((one) => best(one, nouns) < 0.8);
  const [only, ...others] = numbers;
  const field =
    numbers.find(({ names }) => near.some((one) => best(one, names) >= 0.8)) ??
    (like === undefined || money ? numbers.find(({ names }) => has(names, MONEY)) : undefined) ??
    (others.length === 0 && like === undefined ? only : undefined);
  return field && `${path(field.path)} ${compare === 'low' ? '>' : '<'}${strict ? '' : '='} ${number}`;
}

function timeCondition({ before, after, period, moment, compare, strict }: Value, fields: readonly Field[]) {
  const times = fields.filter(({ shape, names }) => isTemporal(shape, names));
  const near = [...before.slice(0, 2), ...after.slice(0, 1)];
  // The date that is meant: the one that is named, or the only one.
  const named = times.find(({ names }) => near.some((one) => names.some((name) => isSame(name, one))));
  const own = times.filter(({ name }) => !/creat|updat|modif|chang/i.test(name));
  const field = named ?? (own.length === 1 ? own[0] : times.length === 1 ? times[0] : undefined);
  if (field === undefined) return undefined;
  const at = `$substring(${path(field.path)}, 0, 10)`;
  // In a filter names are members of the row; `$$` is the whole.
  const [from, to] = [period?.from ?? moment!.at, period?.to ?? moment!.at].map((one) => dayOf(one, '$$.now'));
  if (compare === 'low') return `${at} >= ${strict ? to : from}`;
  if (compare === 'high') return `${at} < ${strict ? from : to}`;
  return `(${at} >= ${from} and ${at} < ${to})`;
}

function textCondition({ text, type }: Value, fields: readonly Field[], { nouns }: Operation): string | undefined {
  const texts = fields.filter(({ shape }) => shape.type === 'string' && shape.format === undefined);
  const wanted = text.toLowerCase();
  const exact = texts.find(({ shape }) => shape.enum?.some((one) => String(one).toLowerCase() === wanted));
  if (exact !== undefined) return `$lowercase(${path(exact.path)}) = ${string(wanted)}`;
  const isCalled = ({ names }: Field) => type.some((one) => names.some((name) => isSame(name, one)));
  const named = texts.find((field) => field.shape.enum === undefined && isCalled(field));
  const field = named ?? (type.some((one) => best(one, nouns) >= 0.8) ? nameField(fields) : undefined);
  return field && `$contains($lowercase(${path(field.path)}), ${string(wanted)})`;
}

import { evaluate } from './expressions.ts';
import type { Condition, Row, Tables } from './service-data.ts';

type Comparison = (value: unknown, expected: unknown) => boolean;

const folded = (value: unknown) => String(value ?? '').toLowerCase();
const isPresent = (value: unknown) => value !== null && value !== undefined;
const dayOf = (value: unknown) => (typeof value === 'string' ? value.slice(0, 10) : undefined);

/** @returns a negative number, 0 or a positive one, as `sort` expects it; numbers are compared as numbers */
function compare(left: unknown, right: unknown): number {
  if (typeof left === 'number') return left - Number(right);
  const [a, b] = [String(left), String(right)];
  return a < b ? -1 : Number(a > b);
}

/** A row fits when one of its fields does. Only `until` and `atMost` accept times of the day itself. */
const COMPARISONS: Record<string, Comparison> = {
  same: (value, expected) => String(value) === String(expected),
  contains: (value, expected) => folded(value).includes(folded(expected)),
  includes: (value, expected) => (value as unknown[]).includes(expected),
  among: (value, expected) => (expected as unknown[]).includes(value),
  atLeast: (value, expected) => isPresent(value) && compare(value, expected) >= 0,
  atMost: (value, expected) =>
    isPresent(value) &&
    (compare(value, expected) <= 0 || (expected !== '' && String(value).startsWith(`${expected}T`))),
  since: (value, expected) => (dayOf(value) ?? '') >= String(expected),
  until: (value, expected) => (dayOf(value) ?? '9999') <= String(expected),
};

type Where = Record<string, Condition>;

/** @returns the rows that fit all conditions whose parameters were sent */
export async function matching(
  rows: Row[],
  where: Where,
  { args, tables }: { args: Row; tables: Tables },
): Promise<Row[]> {
  let kept = rows;
  for (const [name, condition] of Object.entries(where)) {
    const value = args[name];
    if (value === undefined) continue;
    const fits = await Promise.all(kept.map((row) => isMet(condition, name, { row, value, args, tables })));
    kept = kept.filter((_, i) => fits[i]);
  }
  return kept;
}

type Tested = { row: Row; value: unknown; args: Row; tables: Tables };

async function isMet(condition: Condition, name: string, tested: Tested): Promise<boolean> {
  if (typeof condition === 'string') return (await evaluate(condition.slice(1), tested)) === true;
  const [kind, ...fields] = condition;
  const comparison = COMPARISONS[kind];
  if (!comparison) throw new Error(`There is no comparison ${kind}.`);
  return (fields.length > 0 ? fields : [name]).some((field) => comparison(tested.row[field], tested.value));
}

/** @returns the rows in the order of a field; a leading `-` reverses it */
export function sorted(rows: Row[], order: unknown): Row[] {
  if (typeof order !== 'string' || order === '') return rows;
  const field = order.replace('-', '');
  const sign = order.startsWith('-') ? -1 : 1;
  return rows.toSorted((a, b) => sign * compare(a[field], b[field]));
}

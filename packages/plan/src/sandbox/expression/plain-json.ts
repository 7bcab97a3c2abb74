import type { Json } from '@errand/contracts';

/** Longest JSON text of a result, in UTF-16 units. */
const MAX_OUTPUT = 1024 * 1024;
/** Additional cost of an object or a list, for its memory. */
const OBJECT_COST = 16;
/** Maximum size of the results of all expressions of one step, which are sent in one message. */
export const MAX_STEP_OUTPUT = 4 * MAX_OUTPUT;
/** Deepest nesting of a result: the same limit as for request bodies. */
const MAX_DEPTH = 64;

/** Why a value cannot be stored. Its message is a predicate, such as `gives a function, not a value`. */
export class NotPlainJson extends Error {
  override readonly name = 'NotPlainJson';
}

/**
 * The result of an expression as plain JSON. JSONata's marks on arrays and members without a value are dropped; a list item without a value
 * becomes null. A list with many references is copied each time, so the walk counts the size and stops before memory is full.
 * @param budget units that this value and others of its step may take together; the call subtracts the used ones
 * @throws NotPlainJson for a function, a number that JSON cannot represent, more than 64 levels, more than 1 MiB, or more than the budget
 */
export function toPlainJson(value: unknown, budget = { left: MAX_OUTPUT }): Json | undefined {
  let unitsLeft = MAX_OUTPUT;
  const spend = (units: number) => {
    unitsLeft -= units;
    budget.left -= units;
    if (unitsLeft < 0) throw new NotPlainJson('gives more than 1 MiB; select fewer fields or items');
    if (budget.left < 0)
      throw new NotPlainJson('gives too much together with the other values; select fewer fields or items');
  };
  return copyOf(value, spend, 0);
}

function copyOf(value: unknown, spend: (units: number) => void, depth: number): Json | undefined {
  if (value === undefined) return undefined;
  if (depth > MAX_DEPTH) throw new NotPlainJson(`gives a value nested more than ${MAX_DEPTH} levels deep`);
  if (typeof value !== 'object' || value === null) {
    const scalar = scalarOf(value);
    spend(costOf(scalar));
    return scalar;
  }
  if ('_jsonata_lambda' in value || '_jsonata_function' in value) throw new NotPlainJson(A_FUNCTION);
  spend(OBJECT_COST);
  if (Array.isArray(value)) return value.map((item) => copyOf(item, spend, depth + 1) ?? null);
  const out: { [key: string]: Json } = {};
  for (const [key, member] of Object.entries(value)) {
    spend(key.length + 4);
    const plain = copyOf(member, spend, depth + 1);
    if (key !== '__proto__' && plain !== undefined) out[key] = plain;
  }
  return out;
}

const A_FUNCTION = 'gives a function, not a value';

const costOf = (scalar: string | number | boolean | null): number =>
  typeof scalar === 'string' ? scalar.length + 3 : typeof scalar === 'number' ? 8 : 5;

function scalarOf(value: unknown): string | number | boolean | null {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value !== 'number') throw new NotPlainJson(A_FUNCTION);
  if (!Number.isFinite(value)) throw new NotPlainJson('gives a number that JSON cannot hold');
  // JSON text has no negative zero.
  return value === 0 ? 0 : value;
}

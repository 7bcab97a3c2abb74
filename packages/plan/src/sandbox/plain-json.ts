import type { Json } from '@errand/contracts';

/** Longest JSON text, in UTF-16 units, that an expression may give. */
const MAX_OUTPUT = 1024 * 1024;
/** An object or a list counts this much more than its text, for the memory that it takes. */
const OBJECT_COST = 16;
/** Maximum size of the results of all expressions of one step, which are sent in one message. */
export const MAX_STEP_OUTPUT = 4 * MAX_OUTPUT;
/** Deepest nesting that an expression may give: the same limit as for request bodies. */
const MAX_DEPTH = 64;

/** Why a value cannot be kept. Its message is a predicate, such as `gives a function, not a value`. */
export class NotPlainJson extends Error {
  override readonly name = 'NotPlainJson';
}

/**
 * What an expression gave, as plain JSON. Marks that JSONata leaves on arrays and members without a value are dropped; a list item
 * without a value becomes null. A list that is referenced many times is copied each time, so the size is counted during the walk and
 * the copying stops before memory is full.
 * @param budget units that this value and others of its step may take together; the call subtracts those that it uses
 * @throws NotPlainJson when the value is a function, holds a number that JSON cannot hold, is deeper than 64 levels, longer than 1 MiB,
 *   or larger than the budget
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
  const walk = (at: unknown, depth: number): Json | undefined => {
    if (at === undefined) return undefined;
    if (depth > MAX_DEPTH) throw new NotPlainJson(`gives a value nested more than ${MAX_DEPTH} levels deep`);
    if (at === null || typeof at === 'boolean') {
      spend(5);
      return at;
    }
    if (typeof at === 'string') {
      spend(at.length + 3);
      return at;
    }
    if (typeof at === 'number') {
      if (!Number.isFinite(at)) throw new NotPlainJson('gives a number that JSON cannot hold');
      spend(8);
      return at;
    }
    if (typeof at !== 'object' || '_jsonata_lambda' in at || '_jsonata_function' in at) {
      throw new NotPlainJson('gives a function, not a value');
    }
    spend(OBJECT_COST);
    if (Array.isArray(at)) return at.map((item) => walk(item, depth + 1) ?? null);
    const out: { [key: string]: Json } = {};
    for (const [key, member] of Object.entries(at)) {
      spend(key.length + 4);
      const plain = walk(member, depth + 1);
      if (key === '__proto__' || plain === undefined) continue;
      out[key] = plain;
    }
    return out;
  };
  return walk(value, 0);
}

import type { Json } from '@errand/contracts';

/** Longest JSON text, in UTF-16 units, that an expression may give; an object or a list counts for what it takes in memory. */
const MAX_OUTPUT = 1024 * 1024;
const OF_OBJECT = 16;
/** Maximum size of the results of all expressions of one step, which are sent in one message. */
export const ROOM_OF_ALL = 4 * MAX_OUTPUT;
/** Deepest nesting that an expression may give: what the HTTP edge accepts. */
const MAX_DEPTH = 64;

/** Why a value cannot be kept: a sentence without its subject. */
export class NotPlainJson extends Error {
  override readonly name = 'NotPlainJson';
}

/**
 * What an expression gave, as plain JSON: marks that JSONata leaves on arrays are dropped, and so are members without a value.
 * The same array named twice is written twice, so size is counted while walking: doubling must not blow up first.
 * @param room what this value and others may come to together; less afterwards
 * @throws when it is a function, deeper than 64 levels or longer than 1 MiB
 */
export function toPlainJson(value: unknown, room = { left: MAX_OUTPUT }): Json | undefined {
  let left = MAX_OUTPUT;
  const spend = (units: number) => {
    left -= units;
    room.left -= units;
    if (left < 0 || room.left < 0) throw new NotPlainJson('gives more than 1 MiB; select fewer fields or items');
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
    spend(OF_OBJECT);
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

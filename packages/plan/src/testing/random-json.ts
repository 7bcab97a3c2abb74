import type { Json } from '@errand/contracts';

/** A repeatable source of numbers in [0, 1) (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Names of members; some are also members of JavaScript's own objects. */
export const NAMES = ['a', 'b', 'length', 'constructor', 'output'];

export const oneOf = <T>(next: () => number, items: readonly T[]): T => items[Math.floor(next() * items.length)]!;

export function randomJson(next: () => number, depth = 0): Json {
  const kind = Math.floor(next() * (depth > 3 ? 4 : 7));
  if (kind === 0) return null;
  if (kind === 1) return next() < 0.5;
  if (kind === 2) return oneOf(next, [0, 1, 2, 7, -3, 0.1, 0.30000000000000004, 1e21, 123456789.12345678]);
  if (kind === 3) return oneOf(next, ['', 'text', '1', 'Text']);
  if (kind === 4) return Array.from({ length: Math.floor(next() * 4) }, () => randomJson(next, depth + 1));
  return Object.fromEntries(NAMES.filter(() => next() < 0.6).map((name) => [name, randomJson(next, depth + 1)]));
}

/** A path of names and indexes. */
export function randomPath(next: () => number): string {
  const part = () => (next() < 0.35 ? `[${Math.floor(next() * 5) - 2}]` : `.${oneOf(next, NAMES)}`);
  return oneOf(next, ['a', 'b']) + Array.from({ length: Math.floor(next() * 5) }, part).join('');
}

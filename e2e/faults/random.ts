/** Deterministic numbers of a seed. */
export type Random = {
  /** In [0, 1). */
  next(): number;
  /** An integer from `low` to `high`, both included. */
  int(low: number, high: number): number;
  chance(p: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** One of the names, by its weight. */
  weighed<K extends string>(weights: Readonly<Record<K, number>>): K;
};

/** @param words the purpose of the numbers: each purpose has its own sequence, so that one more draw changes no other */
export function seeded(seed: number, ...words: readonly (string | number)[]): Random {
  let state = hash(`${seed}/${words.join('/')}`);
  const next = () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    int: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (p) => next() < p,
    pick: (list) => list[Math.floor(next() * list.length)]!,
    weighed(weights) {
      const names = Object.keys(weights) as (keyof typeof weights)[];
      let remaining = next() * names.reduce((sum, name) => sum + weights[name], 0);
      for (const name of names) {
        remaining -= weights[name];
        if (remaining < 0) return name;
      }
      return names.at(-1)!;
    },
  };
}

// FNV-1a
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value | 0;
}

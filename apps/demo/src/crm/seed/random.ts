/** A seeded random generator: the same seed gives the same sequence on every machine. */
export type Random = {
  /** An integer of 0 … n − 1. */
  below(n: number): number;
  /** One of a list that is not empty. */
  of<T>(list: readonly T[]): T;
  /** An integer of low … high, both included. */
  between(low: number, high: number): number;
};

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state, which are enough for sample data. */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const unit = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number) => Math.floor(unit() * n);
  return { below, of: (list) => list[below(list.length)]!, between: (low, high) => low + below(high - low + 1) };
}

/** @returns numbers that look random and are the same on every run */
export function chance(seed: number) {
  let state = seed >>> 0;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * below);
  };
  return { next, pick: <T>(values: readonly T[]): T => values[next(values.length)]! };
}

export const pad = (number: number, digits = 3) => String(number).padStart(digits, '0');
/** @returns the date so many days after 25 November 2026 */
export const dayAt = (offset: number) => new Date(Date.UTC(2026, 10, 25 + offset)).toISOString().slice(0, 10);

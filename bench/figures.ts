/** The result of one scenario. Figures carry their unit in the name. */
export type Figures = Record<string, number | string | boolean | readonly number[] | object | null>;

/** A measurement and its goals. */
export type Scenario = {
  name: string;
  /** The goals of docs/architecture.md, by figure. */
  goal: Readonly<Record<string, string>>;
};

/** Rounds large numbers to integers and small ones to three significant digits. */
export function round(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}

/** The value below which the share `q` of all values lies (nearest rank). @throws Error when there are no values */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new Error('Nothing was measured.');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** An interval that contains the median of all possible values with a probability of about 95 %, by the ranks of a binomial distribution. */
export function intervalOfMedian(values: readonly number[]): [from: number, to: number] {
  if (values.length === 0) throw new Error('Nothing was measured.');
  const sorted = [...values].sort((a, b) => a - b);
  const margin = 1.96 * Math.sqrt(sorted.length);
  const rank = Math.max(1, Math.floor((sorted.length - margin) / 2));
  return [sorted[rank - 1]!, sorted[sorted.length - rank]!];
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

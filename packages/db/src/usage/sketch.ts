// Mergeable histograms with logarithmic buckets: DDSketch (Masson, Rim, Lee: "DDSketch: A Fast and Fully-Mergeable Quantile
// Sketch with Relative-Error Guarantees", VLDB 2019), with a limited range of values that bounds its size.

/** Maximum relative error of a quantile. */
export const RELATIVE_ERROR = 0.01;
const LOG_GAMMA = Math.log((1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR));
/** The bucket of values below 1. */
const ZERO = -1;
/** Larger values count as this: about three years in ms. That limits the histogram to some 1,300 buckets. */
const LARGEST = 1e11;

export type Buckets = Record<string, number>;

const bucketOf = (value: number): number =>
  value < 1 ? ZERO : Math.ceil(Math.log(Math.min(value, LARGEST)) / LOG_GAMMA);
/** SQL of the bucket of a number; null for null, which `least` would ignore. */
export const bucketSql = (value: string): string =>
  `CASE WHEN ${value} < 1 THEN ${ZERO} WHEN ${value} >= 1 THEN ceil(ln(least(${value}, ${LARGEST})::float8) / ${LOG_GAMMA})::int END`;
const middleOf = (bucket: number): number =>
  bucket === ZERO ? 0 : (2 * Math.exp(bucket * LOG_GAMMA)) / (Math.exp(LOG_GAMMA) + 1);

/** Adds a value ≥ 0. */
export function addValue(buckets: Buckets, value: number): void {
  const bucket = bucketOf(value);
  buckets[bucket] = (buckets[bucket] ?? 0) + 1;
}

export function addBuckets(buckets: Buckets, more: Buckets): void {
  for (const [bucket, n] of Object.entries(more)) buckets[bucket] = (buckets[bucket] ?? 0) + n;
}

/** The quantile `q`; null without values. */
export function quantileOf(buckets: Buckets, q: number): number | null {
  const sorted = Object.entries(buckets)
    .map(([bucket, n]) => [Number(bucket), n] as const)
    .sort(([a], [b]) => a - b);
  const count = sorted.reduce((sum, [, n]) => sum + n, 0);
  const rank = q * (count - 1);
  let below = 0;
  for (const [bucket, n] of sorted) {
    below += n;
    if (below > rank) return middleOf(bucket);
  }
  return null;
}

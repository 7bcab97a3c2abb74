// Histograms with logarithmic buckets that can be added up: DDSketch (Masson, Rim, Lee: "DDSketch: A Fast and Fully-Mergeable Quantile
// Sketch with Relative-Error Guarantees", VLDB 2019), with a range of values that bounds its size.

/** A quantile differs from the exact one by at most this share of it. */
export const RELATIVE_ERROR = 0.01;
const LOG_GAMMA = Math.log((1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR));
/** The bucket of values below 1. */
const ZERO = -1;
/** Values from here on are counted as this: about three years in ms. So there are some 1,300 buckets at most. */
const LARGEST = 1e11;

/** How many values are in each bucket. */
export type Buckets = Record<string, number>;

const bucketOf = (value: number): number =>
  value < 1 ? ZERO : Math.ceil(Math.log(Math.min(value, LARGEST)) / LOG_GAMMA);
const middleOf = (bucket: number): number =>
  bucket === ZERO ? 0 : (2 * Math.exp(bucket * LOG_GAMMA)) / (Math.exp(LOG_GAMMA) + 1);

/** Adds a value, which is 0 or more. */
export function addValue(buckets: Buckets, value: number): void {
  const bucket = bucketOf(value);
  buckets[bucket] = (buckets[bucket] ?? 0) + 1;
}

/** Adds all values of another histogram. */
export function addBuckets(buckets: Buckets, more: Buckets): void {
  for (const [bucket, n] of Object.entries(more)) buckets[bucket] = (buckets[bucket] ?? 0) + n;
}

/** The value below which the share `q` of all lies; null without values. */
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

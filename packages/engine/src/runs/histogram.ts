import type { RunHistogram, RunHistogramInput } from '@errand/contracts';
import { countByTime, type RunScope } from '@errand/db';
import { invalid } from '../model/validate.ts';

const MAX_WINDOW_MS = 31 * 86_400_000;

/** Counts runs by time and status. @throws ProblemError validation_failed */
export async function runHistogram(
  scope: RunScope,
  { from: begin, to: end, buckets: maxBuckets, ...filter }: RunHistogramInput,
): Promise<RunHistogram> {
  const from = new Date(begin);
  const to = new Date(end ?? Math.min(Date.now(), from.getTime() + MAX_WINDOW_MS));
  const windowMs = to.getTime() - from.getTime();
  if (windowMs <= 0) throw invalid('/from', 'Must be earlier than to.');
  if (windowMs > MAX_WINDOW_MS) throw invalid('/from', 'Must be at most 31 days before to.');
  const bucketMs = Math.ceil(windowMs / maxBuckets);
  const counted = await countByTime(scope, filter, { from, to, bucketMs });
  if (!counted) throw invalid('/from', 'The window has too many runs to count. Choose a shorter one.');
  const buckets = Array.from({ length: Math.ceil(windowMs / bucketMs) }, (_, bucket) => ({
    from: new Date(from.getTime() + bucket * bucketMs).toISOString(),
    counts: counted.filter((row) => row.bucket === bucket).map(({ status, runs }) => ({ status, runs })),
  }));
  return { from: from.toISOString(), to: to.toISOString(), bucketMs, buckets };
}

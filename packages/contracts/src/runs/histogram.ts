// The number of runs over time, by status.
import { z } from 'zod';
import { count, defaultLimit, doc } from '../base/fields.ts';
import { RunStatus } from '../base/run-status.ts';
import { InputTimestamp, Timestamp } from '../base/scalars.ts';
import { runFilter } from './list.ts';

const { createdAfter: _, createdBefore: __, ...filter } = runFilter;

export const RunHistogramInput = z.strictObject({
  ...filter,
  from: InputTimestamp.meta(doc('The begin of the first bucket.', '2026-01-30T09:30:00.000Z')),
  to: InputTimestamp.optional().meta(
    doc(
      'The end of the last bucket, at most 31 days after `from`. Default: now, or 31 days after `from` if that is earlier.',
      '2026-01-31T09:30:00.000Z',
    ),
  ),
  buckets: defaultLimit(60, 100, 'The maximum number of buckets.'),
});
export type RunHistogramInput = z.output<typeof RunHistogramInput>;

const HistogramBucket = z
  .object({
    from: Timestamp,
    counts: z
      .array(z.object({ status: RunStatus, runs: count('Runs that have this status now.', 3) }))
      .meta({ description: 'Without statuses that no run has.' }),
  })
  .meta({ id: 'HistogramBucket', description: 'The runs that were created within a bucket.' });

export const RunHistogram = z
  .object({
    from: Timestamp,
    to: Timestamp,
    bucketMs: z.int().min(1).meta(doc('The length of a bucket in ms. The last one may be shorter.', 1_440_000)),
    buckets: z.array(HistogramBucket).meta({ description: 'All buckets of the window, also those without runs.' }),
  })
  .meta({ id: 'RunHistogram', description: 'The number of created runs over time, by status. Counts are exact.' });
export type RunHistogram = z.infer<typeof RunHistogram>;

import type { RunStatus } from '@errand/contracts';
import type { RunScope } from '../../statements/scope.ts';
import { bypassesRls, conditions, matchingRuns, poolFor, type RunFilter } from './filter.ts';

/** SQLSTATE query_canceled: the statement timed out. */
const QUERY_CANCELED = '57014';

type Window = { from: Date; to: Date; bucketMs: number };

/** Runs of a bucket, counted from 0, with a status. */
export type BucketCount = { bucket: number; status: RunStatus; runs: number };

/** Counts the runs of a window by bucket and status; null if that takes longer than the time limit of a statement. */
export async function countByTime(
  scope: RunScope,
  filter: RunFilter,
  { from, to, bucketMs }: Window,
): Promise<BucketCount[] | null> {
  const window = { createdAfter: from.toISOString(), createdBefore: to.toISOString() };
  const { where, values } = conditions({ ...filter, ...window }, 'index', 4);
  const text = `SELECT floor(extract(epoch FROM run.created_at - $2::timestamptz) * 1000 / $3::bigint)::int AS bucket, run.status, count(*)::int AS runs
    FROM (${matchingRuns(filter, where)}) AS run GROUP BY 1, 2 ORDER BY 1, 2`;
  try {
    const pool = poolFor(scope, bypassesRls(filter));
    return (await pool.query<BucketCount>({ text, values: [scope.workspaceId, from, bucketMs, ...values] })).rows;
  } catch (error) {
    if ((error as { code?: string }).code === QUERY_CANCELED) return null;
    throw error;
  }
}

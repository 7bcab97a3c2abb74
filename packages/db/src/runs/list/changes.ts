import type { RunStatus } from '@errand/contracts';
import type { RunScope } from '../../statements/scope.ts';
import { conditions, openStatuses, poolFor, type RunFilter } from './filter.ts';

/** A run of a live list. `fits`: the indexes of the matching filters. */
export type ChangedRun = {
  runId: string;
  status: RunStatus;
  seq: number;
  createdAt: Date;
  updatedAt: Date;
  fits: number[];
};

/** Statements with up to this many filters keep their query plan; with more there are too many variants. */
const MAX_KEPT = 2;

/** Reads runs and the filters that they match, in one snapshot. Runs that do not exist are omitted. */
export async function readChangedRuns(
  scope: RunScope,
  runIds: readonly string[],
  filters: readonly RunFilter[],
): Promise<ChangedRun[]> {
  const params: unknown[] = [scope.workspaceId, runIds];
  const names: (string | undefined)[] = [];
  const parts = filters.map((filter, i) => {
    const { name, where, values } = conditions(filter, 'each', params.length + 1);
    params.push(...values);
    names.push(name);
    return `SELECT ${i} AS n, run.run_id FROM run WHERE run.run_id = ANY($2::uuid[]) AND ${where}`;
  });
  const text = `WITH fits AS MATERIALIZED (${parts.join(' UNION ALL ')})
    SELECT run.run_id AS "runId", run.status, run.seq, run.created_at AS "createdAt", run.updated_at AS "updatedAt",
      ARRAY(SELECT fits.n FROM fits WHERE fits.run_id = run.run_id) AS fits
    FROM run WHERE run.workspace_id = $1 AND run.run_id = ANY($2::uuid[])`;
  const name = filters.length <= MAX_KEPT && !names.includes(undefined) ? `runs_changed${names.join('.')}` : undefined;
  const { rows } = await poolFor(scope, true).query<ChangedRun>({ name, text, values: params });
  return rows;
}

export async function readOpenRuns(
  scope: RunScope,
  filter: RunFilter,
  limit: number,
): Promise<{ runId: string; status: RunStatus; seq: number }[]> {
  const { where, values } = conditions(filter);
  const params = [scope.workspaceId, ...values, limit];
  const text = `SELECT run.run_id AS "runId", run.status, run.seq FROM run WHERE ${where}
    AND run.status = ANY('{${openStatuses.join(',')}}') AND run.ended_at IS NULL LIMIT $${params.length}`;
  return (await poolFor(scope, true).query({ text, values: params })).rows;
}

import { type ClaimOptions, claimRuns } from '../runs/queue/claim.ts';
import type { ClaimedRun } from '../runs/queue/claimed-run.ts';
import type { RunScope } from '../statements/scope.ts';
import { aStart } from './a-new-run.ts';

/** The cursor after which a workspace is the first that is looked at. */
export const justBelow = (workspaceId: string): string =>
  (BigInt(`0x${workspaceId.replaceAll('-', '')}`) - 1n)
    .toString(16)
    .padStart(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

/** A claim of an idle worker. */
export const aClaim = (changes: Partial<ClaimOptions> = {}): ClaimOptions => ({
  worker: 'pool-a',
  maxRuns: 32,
  slots: 1000,
  maxBeyondSlots: 0,
  mayTakeSuspect: true,
  oldest: false,
  cursor: null,
  ...changes,
});

/** Claims one run as a worker does. It is made due at once, so that it comes first. Returns null if it is not due or already claimed. */
export async function claimOne(scope: RunScope, runId: string, worker = 'pool-a'): Promise<ClaimedRun | null> {
  const { rowCount } = await scope.pool.query(
    'UPDATE run SET due = 2 WHERE workspace_id = $1 AND run_id = $2 AND due > 0 AND lease IS NULL',
    [scope.workspaceId, runId],
  );
  if (rowCount === 0) return null;
  const options = aClaim({ worker, maxRuns: 1, cursor: justBelow(scope.workspaceId) });
  const [claimed] = (await claimRuns(scope.pool, options, aStart)).claimed;
  if (claimed?.run.runId !== runId) throw new Error('Another run of the workspace was due at once, too.');
  return claimed;
}

import type { Json } from '@errand/contracts';
import type { EventDraft } from '../events.ts';
import type { RunRow } from '../row.ts';

/** A run is suspect after this many workers died during its execution: it may crash them. */
export const SUSPECT_DEATHS = 2;

export type ClaimedRun = {
  run: RunRow;
  exceedsSlots: boolean;
  /** The plan at creation; null after the first claim, because an activation may have replaced it. */
  plan: PlanOfRun | null;
};

export type PlanOfRun = {
  planType: 'text' | 'json';
  plan: Json;
  madeBy: string;
  /** Increases with each stored plan; 1 is the placeholder. */
  planVersion: number;
};

/**
 * SQL: whether the workspace $1 has a limit of runs in progress, or is being deleted. Only `claimRuns` claims its runs, because only that statement counts
 * them exactly while other processes claim.
 */
export const HAS_LIMIT =
  'EXISTS (SELECT FROM workspace w WHERE w.workspace_id = $1 AND (w.max_runs IS NOT NULL OR w.deleting_at IS NOT NULL))';

/** A worker that may claim a run in the statement that makes it due: its pool id, the slots of a workspace, and the `start` event. */
export type ClaimingWorker = { worker: string; slots: number; startEvent: EventDraft };

export type DueRun = { runId: string; claimed: ClaimedRun | null };

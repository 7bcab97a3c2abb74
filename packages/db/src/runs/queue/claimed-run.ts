import type { Json } from '@errand/contracts';
import type { EventDraft } from '../events.ts';
import type { RunRow } from '../row.ts';

/** A run is suspect when this many workers died while they held it: it may crash them. */
export const SUSPECT_DEATHS = 2;

/** A run as it was when it was claimed. */
export type ClaimedRun = {
  run: RunRow;
  /** Whether the run exceeds the slots of its workspace. */
  exceedsSlots: boolean;
  /** The plan that it was created with; null after the first claim, because an activation may have replaced it. */
  plan: PlanOfRun | null;
};

/** The stored plan of a run. */
export type PlanOfRun = {
  planType: 'text' | 'json';
  plan: Json;
  madeBy: string;
  /** Grows with each plan that is stored; 1 is the placeholder. */
  planVersion: number;
};

/** A worker that may claim a run by the statement that makes it due: its pool id, the slots of a workspace, and the `start` event. */
export type ClaimingWorker = { worker: string; slots: number; startEvent: EventDraft };

/** A run that a statement made due; `claimed` when the statement also claimed it. */
export type DueRun = { runId: string; claimed: ClaimedRun | null };

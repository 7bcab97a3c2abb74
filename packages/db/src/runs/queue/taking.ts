import type { Json } from '@errand/contracts';
import type { EventDraft } from '../events.ts';
import type { RunRow } from '../row.ts';

/** Deaths of workers from which on a run is a suspect: it may be what ended them. */
export const SUSPECT_DEATHS = 2;

/** A run that was taken for one activation, as it stood then. */
export type Claimed = {
  workspaceId: string;
  run: RunRow;
  epoch: number;
  /** Whether this is the run's first activation. */
  first: boolean;
  /** How many workers died while they held it. */
  deaths: number;
  /** Whether it passes the slots of its workspace. */
  beyond: boolean;
  /** What the caller hands on to integrations, sealed; null when nothing. */
  sealedPassThrough: Buffer | null;
  /** The plan it was created with; null where an activation may have changed it since. */
  plan: PlanOfRun | null;
};

/** The plan of a run as it is kept. */
export type PlanOfRun = {
  planType: 'text' | 'json';
  plan: Json;
  madeBy: string;
  /** Grows with each plan that is stored; 1 is the placeholder. */
  planVersion: number;
};

/** Who may take a run by the statement that makes it due: the name for its lease, the slots of a workspace, and the event of its start. */
export type Taker = { worker: string; slots: number; start: EventDraft };

/** A run that a statement made due; `taken` when it took it, too. */
export type MadeDue = { runId: string; taken: Claimed | null };

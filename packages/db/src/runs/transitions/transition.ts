import type { Json, RunStatus, TokenUsage } from '@errand/contracts';
import type { StoredPlan } from '../create.ts';
import type { NewDecisionRequest } from '../decision-requests.ts';
import type { EventDraft } from '../events.ts';
import type { LedgerEntry } from '../ledger.ts';

/** What is added to what a run has used. */
export type UsageDelta = Partial<TokenUsage> & { steps?: number; toolCalls?: number; activeMs?: number };

/** The writer of a transition: an activation with its epoch, or null for a caller, whose write ends the activation. */
export type RunWriter = { runId: string; epoch: number | null };

/** One change of a run, which one statement writes completely or not at all. */
export type Transition = {
  to: RunStatus;
  events: readonly EventDraft[];
  ledger?: readonly LedgerEntry[];
  usage?: UsageDelta;
  plan?: StoredPlan;
  /** The run stops being a repeat. */
  forgetRepeat?: boolean;
  /** New decision requests. */
  decisionRequests?: readonly NewDecisionRequest[];
  /** Void the open decision requests, because the run ends. */
  voidRequests?: boolean;
  /**
   * Release the run until a human decides, or until this time, when its first decision request expires. If the run became due
   * meanwhile, nothing changes.
   */
  suspend?: Date;
  /** Present exactly when `to` is terminal. */
  end?: { result: Json | undefined; error: Json | null; summary?: string };
};

/** The result of a transition: `seq` is the number of its last event. Null: not applied, because the writer does not hold the run. */
export type Applied = { seq: number; createdAt: Date } | null;

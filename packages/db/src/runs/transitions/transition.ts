import type { Json, RunStatus, TokenUsage } from '@errand/contracts';
import type { RunScope } from '../../statements/scope.ts';
import type { StoredPlan } from '../create.ts';
import type { NewDecisionRequest } from '../decision-requests.ts';
import type { EventDraft } from '../events.ts';
import type { LedgerEntry } from '../ledger.ts';
import { statementOfOne } from './statement.ts';

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

/**
 * Applies a transition: updates the row of the run, appends events with the next numbers, writes ledger entries, requests and the plan.
 * Writers are ordered by the lock of the row. Numbers have no gaps, because a rolled back writer uses none.
 */
export async function applyTransition(scope: RunScope, target: RunWriter, transition: Transition): Promise<Applied> {
  const { rows } = await scope.pool.query<NonNullable<Applied>>(statementOfOne({ scope, target, transition }));
  return rows[0] ? { seq: rows[0].seq, createdAt: rows[0].createdAt } : null;
}

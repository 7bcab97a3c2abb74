import type { Json, RunStatus, TokenUsage } from '@errand/contracts';
import type { StoredPlan } from '../create.ts';
import type { NewDecisionRequest } from '../decision-requests.ts';
import type { EventDraft } from '../events.ts';
import type { LedgerEntry } from '../ledger.ts';
import type { RunFields } from '../row.ts';

export type UsageDelta = Partial<TokenUsage> & { steps?: number; toolCalls?: number; activeMs?: number };

/** The writer of a transition: an activation with its epoch, or null for a caller, which ends the activation. */
export type RunWriter = { runId: string; epoch: number | null };

/** A change of a run that one statement writes completely or not at all. */
export type Transition = {
  to: RunStatus;
  events: readonly EventDraft[];
  ledger?: readonly LedgerEntry[];
  usage?: UsageDelta;
  plan?: StoredPlan;
  /** The run stops being a repeat. */
  forgetRepeat?: boolean;
  decisionRequests?: readonly NewDecisionRequest[];
  voidRequests?: boolean;
  /** Releases the run until a decision or this time, the first expiry of a request; without effect if the run became due. */
  suspendUntil?: Date;
  /** Present exactly if `to` is terminal. */
  end?: { result: Json | undefined; error: Json | null; summary?: string };
};

/** The columns that a run has at its end, and that no event has. */
export type EndedRun = Pick<
  RunFields,
  'steps' | 'toolCalls' | 'inputTokens' | 'cachedInputTokens' | 'outputTokens' | 'cost' | 'costCurrency' | 'activeMs'
> & {
  /** ISO-8601, to a millisecond. */
  startedAt: string | null;
  endedAt: string;
};

/** `seq` is the number of the last event; `ended` is null before the end. Null: not applied, because the writer lost the run. */
export type TransitionReceipt = { seq: number; createdAt: Date; ended?: EndedRun | null } | null;

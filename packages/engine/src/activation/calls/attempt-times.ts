import { type CallAttempt, MAX_ATTEMPT_TIMES, type ToolOutcome } from '@errand/contracts';
import type { LedgerEntry, LedgerRow } from '@errand/db';

/** Adds an attempt that has ended to its ledger entry, with the status of its answer. */
export function noteAttempt(entry: LedgerEntry, outcome: ToolOutcome, startedAt: Date, endedAt: Date): void {
  const attempt = {
    ...attemptOf(startedAt, endedAt, outcome.ok ? 'done' : outcome.effectKnown === 'no' ? 'failed' : 'unknown'),
    ...(outcome.status !== undefined && { status: outcome.status }),
  };
  if (outcome.status === undefined) delete entry.status;
  else entry.status = outcome.status;
  entry.attemptTimes = [...(entry.attemptTimes ?? []), attempt].slice(-MAX_ATTEMPT_TIMES);
}

/** The attempts of an earlier activation at the same call. A single one is not stored: its times are those of the call. */
export function attemptsBefore(row: LedgerRow, argsSha256: string): readonly CallAttempt[] {
  const { state, attemptTimes, startedAt, endedAt, status, attempts } = row;
  if (row.argsSha256 !== argsSha256) return [];
  if (attemptTimes) return attemptTimes;
  if (attempts === 0 || !endedAt || (state !== 'UNCERTAIN' && state !== 'REFUSED')) return [];
  const outcome = state === 'REFUSED' ? 'failed' : 'unknown';
  return [{ ...attemptOf(startedAt, endedAt, outcome), ...(status !== null && { status }) }];
}

const attemptOf = (startedAt: Date, endedAt: Date, outcome: CallAttempt['outcome']): CallAttempt => ({
  startedAt: startedAt.toISOString(),
  endedAt: endedAt.toISOString(),
  outcome,
});

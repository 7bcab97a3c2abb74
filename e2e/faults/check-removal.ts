// The check of the removal of old data: invariant I31 of docs/faults.md.
import type { Evidence } from './evidence.ts';
import { Case, type Verdict } from './verdict.ts';

/** A partition is dropped only once no run of its days is open. */
export function openRunsKeepRows({ removal, healedAt }: Evidence): Verdict {
  const it = new Case('I31', 'no run loses its events or its ledger by the removal of old data while it is open');
  if (!removal) return it.close();
  for (const { errand, runId, at, seq, events, lostWrites } of removal.looks) {
    it.expect(events === seq, () => `${errand} ${runId} had ${events} of ${seq} events at ${at}, and was open`);
    it.expect(
      lostWrites.length === 0,
      () => `${errand} ${runId} was open at ${at}; ${lostWrites} had arrived, and were in no ledger`,
    );
  }
  const { dropped, removals, metOpen, removedRuns, failures } = removal;
  const early = dropped.filter(({ at }) => at < healedAt);
  const ledgers = dropped.filter(({ parent }) => parent === 'ledger');
  it.note(
    `${dropped.length} partitions dropped, ${ledgers.length} of them ledgers, ${early.length} before healing; ${removals} removals, ${metOpen} met open runs, ${failures.length} failed; ${removedRuns} runs removed`,
  );
  return it.close();
}

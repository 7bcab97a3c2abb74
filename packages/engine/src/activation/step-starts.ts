import type { LedgerRow } from '@errand/db';

/** The time just before the first call of each step was sent. */
export class StepStarts {
  readonly #starts = new Map<string, Date>();

  constructor(ledger: readonly LedgerRow[]) {
    for (const { kind, stepId, startedAt } of ledger)
      if (kind === 'tool' && stepId !== null) this.note(stepId, startedAt);
  }

  note(stepId: string, at: Date): void {
    const before = this.#starts.get(stepId);
    if (before === undefined || at < before) this.#starts.set(stepId, at);
  }

  of(stepId: string): Date | undefined {
    return this.#starts.get(stepId);
  }
}

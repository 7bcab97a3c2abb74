import type { ClaimedRun } from '@errand/db';

/** A run that this process executes. */
export type Activation = ClaimedRun & {
  /** Ends the activation: the lease is lost, or the process is about to end. */
  readonly controller: AbortController;
  /** Signals that the run became due again, because a human decided. */
  readonly dueSignal: DueSignal;
};

/** Signals to an activation that its run became due again, because a human decided. */
export class DueSignal {
  #controller = new AbortController();

  raise(): void {
    this.#controller.abort();
  }

  /** Whether the run became due after the last call of `next`. */
  get isRaised(): boolean {
    return this.#controller.signal.aborted;
  }

  /** A signal that aborts when the run becomes due again; earlier signals count as seen. */
  next(): AbortSignal {
    if (this.isRaised) this.#controller = new AbortController();
    return this.#controller.signal;
  }
}

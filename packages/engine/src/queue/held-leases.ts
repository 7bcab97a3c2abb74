import { checkLeases, reclaimOrphans, undoDeaths } from '@errand/db';
import type pg from 'pg';
import type { Activation } from './activation.ts';

/** Compares the leases of this pool in the database with its activations. */
export class HeldLeases {
  /** Ended activations with leases that may still exist: they were aborted, or their runs could not be given back. */
  readonly #abandoned = new Set<Activation>();
  /** Lost activations with subtracted deaths. */
  readonly #subtracted = new WeakSet<Activation>();

  constructor(
    private readonly pool: pg.Pool,
    private readonly id: string,
    private readonly active: ReadonlyMap<string, Activation>,
  ) {}

  /** Records an ended activation with a lease that may still exist. */
  noteAbandoned(activation: Activation): void {
    this.#abandoned.add(activation);
  }

  /** Aborts activations that lost their lease, and signals those with a run that became due. */
  async check(): Promise<void> {
    const activations = [...this.active.values()];
    if (activations.length === 0) return;
    const { lost, due } = await checkLeases(this.pool, activations);
    for (const activation of lost) activation.controller.abort();
    for (const activation of due) activation.dueSignal.raise();
    await this.#subtractDeaths(lost);
  }

  /** Gives back leases without an activation. @param asOf claimed before this database time @returns the number of these leases */
  async reclaimOrphans(asOf: Date): Promise<number> {
    const abandoned = [...this.#abandoned];
    await this.#subtractDeaths(abandoned);
    const count = await reclaimOrphans(this.pool, this.id, [...this.active.keys()], asOf);
    for (const activation of abandoned) this.#abandoned.delete(activation);
    return count;
  }

  // This pool is alive, so runs that others claimed from it did not crash it.
  async #subtractDeaths(lost: readonly Activation[]): Promise<void> {
    const uncounted = lost.filter((activation) => !this.#subtracted.has(activation));
    if (uncounted.length === 0) return;
    for (const activation of uncounted) this.#subtracted.add(activation);
    try {
      await undoDeaths(this.pool, uncounted);
    } catch (error) {
      for (const activation of uncounted) this.#subtracted.delete(activation);
      throw error;
    }
  }
}

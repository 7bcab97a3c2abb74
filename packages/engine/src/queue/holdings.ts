import { checkLeases, reclaimOrphans, undoDeaths } from '@errand/db';
import type pg from 'pg';
import type { Activation } from './dequeuer.ts';

/** Compares the leases of this pool in the database with its activations. */
export class Holdings {
  readonly #pool: pg.Pool;
  readonly #id: string;
  readonly #active: ReadonlyMap<string, Activation>;

  /** Ended activations with leases that may still exist: they were aborted, or their runs could not be given back. */
  readonly #abandoned = new Set<Activation>();
  /** Lost activations with subtracted deaths. */
  readonly #excused = new WeakSet<Activation>();

  constructor(pool: pg.Pool, id: string, active: ReadonlyMap<string, Activation>) {
    this.#pool = pool;
    this.#id = id;
    this.#active = active;
  }

  /** Records an ended activation with a lease that may still exist. */
  abandon(activation: Activation): void {
    this.#abandoned.add(activation);
  }

  /** Aborts activations that lost their lease, and signals those with a run that became due. */
  async check(): Promise<void> {
    const activations = [...this.#active.values()];
    if (activations.length === 0) return;
    const { lost, due } = await checkLeases(this.#pool, activations);
    for (const activation of lost) activation.controller.abort();
    for (const activation of due) activation.dueSignal.request();
    await this.#excuse(lost);
  }

  /** Gives back leases without an activation. @param asOf claimed before this database time @returns the number of these leases */
  async reclaimOrphans(asOf: Date): Promise<number> {
    const abandoned = [...this.#abandoned];
    await this.#excuse(abandoned);
    const count = await reclaimOrphans(this.#pool, this.#id, [...this.#active.keys()], asOf);
    for (const activation of abandoned) this.#abandoned.delete(activation);
    return count;
  }

  // This pool is alive, so runs that others claimed from it did not crash it.
  async #excuse(lost: readonly Activation[]): Promise<void> {
    const some = lost.filter((activation) => !this.#excused.has(activation));
    if (some.length === 0) return;
    for (const activation of some) this.#excused.add(activation);
    try {
      await undoDeaths(this.#pool, some);
    } catch (error) {
      for (const activation of some) this.#excused.delete(activation);
      throw error;
    }
  }
}

import { checkHeld, reclaimOrphans, takeOffDeaths } from '@errand/db';
import type pg from 'pg';
import type { Activation } from './dequeuer.ts';

/** What a pool holds by the table of runs, beside what it is at. */
export class Holdings {
  readonly #pool: pg.Pool;
  /** Names the pool in leases. */
  readonly #id: string;
  /** What it is at. */
  readonly #active: ReadonlyMap<string, Activation>;

  /** What may be held although nothing goes on with it here: it was given up, or could not be given back. */
  readonly #left = new Set<Activation>();
  /** Lost ones whose deaths were taken off again. */
  readonly #excused = new WeakSet<Activation>();

  constructor(pool: pg.Pool, id: string, active: ReadonlyMap<string, Activation>) {
    this.#pool = pool;
    this.#id = id;
    this.#active = active;
  }

  /** It is not gone on with here, and may still be held. */
  leave(activation: Activation): void {
    this.#left.add(activation);
  }

  /** Ends what is held no more, and tells what became due. */
  async check(): Promise<void> {
    const held = [...this.#active.values()];
    if (held.length === 0) return;
    const { lost, due } = await checkHeld(this.#pool, held);
    for (const activation of lost) activation.abort();
    for (const activation of due) activation.look();
    await this.#excuse(lost);
  }

  /** Gives back what is held without being advanced. @param asOf a time of the database @returns how many runs there were */
  async reclaimOrphans(asOf: Date): Promise<number> {
    const left = [...this.#left];
    await this.#excuse(left);
    const count = await reclaimOrphans(this.#pool, this.#id, [...this.#active.keys()], asOf);
    for (const one of left) this.#left.delete(one);
    return count;
  }

  // This pool lives: what passed to others because it seemed dead did not end it.
  async #excuse(lost: readonly Activation[]): Promise<void> {
    const some = lost.filter((one) => !this.#excused.has(one));
    if (some.length === 0) return;
    for (const one of some) this.#excused.add(one);
    try {
      await takeOffDeaths(this.#pool, some);
    } catch (error) {
      for (const one of some) this.#excused.delete(one);
      throw error;
    }
  }
}

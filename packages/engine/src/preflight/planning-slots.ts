import { problem } from '@errand/contracts';

/** Maximum preflights that are planned at the same time: of one workspace, and in all. */
const MAX_OF_WORKSPACE = 2;
const MAX = 8;

/** Limits the concurrent preflights of this process, because they share the planning threads with runs. */
export class PlanningSlots {
  readonly #held = new Map<string, number>();
  #all = 0;

  /** @throws ProblemError too_many_preflights */
  async run<T>(workspaceId: string, work: () => Promise<T>): Promise<T> {
    const inUse = this.#held.get(workspaceId) ?? 0;
    if (inUse >= MAX_OF_WORKSPACE || this.#all >= MAX) {
      const detail = 'Other preflights are being planned. Try again, with fewer at once.';
      throw problem('too_many_preflights', detail, { headers: { 'retry-after': '1' } });
    }
    this.#held.set(workspaceId, inUse + 1);
    this.#all++;
    try {
      return await work();
    } finally {
      this.#all--;
      const remaining = this.#held.get(workspaceId)! - 1;
      if (remaining > 0) this.#held.set(workspaceId, remaining);
      else this.#held.delete(workspaceId);
    }
  }
}

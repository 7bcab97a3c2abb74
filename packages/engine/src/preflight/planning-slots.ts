import { problem } from '@errand/contracts';

/** Plans that are made for callers that wait: of one workspace, and in all. */
const MAX_OF_WORKSPACE = 2;
const MAX = 8;

/** Limits how many preflights plan at the same time in this process: runs are planned in the same threads. */
export class PlanningSlots {
  readonly #held = new Map<string, number>();
  #all = 0;

  /** @throws ProblemError too_many_preflights */
  async run<T>(workspaceId: string, work: () => Promise<T>): Promise<T> {
    const held = this.#held.get(workspaceId) ?? 0;
    if (held >= MAX_OF_WORKSPACE || this.#all >= MAX) {
      const detail = 'Other preflights are being planned. Try again, with fewer at once.';
      throw problem('too_many_preflights', detail, { headers: { 'retry-after': '1' } });
    }
    this.#held.set(workspaceId, held + 1);
    this.#all++;
    try {
      return await work();
    } finally {
      this.#all--;
      const left = this.#held.get(workspaceId)! - 1;
      if (left > 0) this.#held.set(workspaceId, left);
      else this.#held.delete(workspaceId);
    }
  }
}

import { problem } from '@errand/contracts';

const OF_ONE_KEY = 1000;
const IN_ALL = 10_000;

/** Counts the open streams of this process and refuses those beyond the limits. */
export class StreamSlots {
  readonly #ofKey = new Map<string, number>();
  #all = 0;

  constructor(private readonly limits = { ofOneKey: OF_ONE_KEY, inAll: IN_ALL }) {}

  /**
   * Takes a place for one stream.
   * @returns gives it back; calling it again does nothing
   * @throws ProblemError too_many_streams, unavailable
   */
  take(apiKeyId: string): () => void {
    const open = this.#ofKey.get(apiKeyId) ?? 0;
    const later = { headers: { 'retry-after': '5' } };
    if (open >= this.limits.ofOneKey) {
      throw problem('too_many_streams', `The key has ${open} open streams. Close some, then try again.`, later);
    }
    if (this.#all >= this.limits.inAll) throw problem('unavailable', 'Too many streams are open. Try again.', later);
    this.#ofKey.set(apiKeyId, open + 1);
    this.#all++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#all--;
      const left = (this.#ofKey.get(apiKeyId) ?? 1) - 1;
      if (left > 0) this.#ofKey.set(apiKeyId, left);
      else this.#ofKey.delete(apiKeyId);
    };
  }
}

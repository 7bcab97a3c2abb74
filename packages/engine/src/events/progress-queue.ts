/** Calls under way that wait for one follower at most: a run makes eight at a time. */
const MAX_WAITING = 16;

/** Calls under way that a follower has not been shown: the JSON texts of their frames by key, of each call the newest. */
export class ProgressQueue {
  readonly #frames = new Map<string, string>();

  get size(): number {
    return this.#frames.size;
  }

  add(key: string, json: string): void {
    this.#frames.delete(key);
    this.#frames.set(key, json);
    if (this.#frames.size > MAX_WAITING) this.remove(this.#frames.keys().next().value!);
  }

  remove(key: string): void {
    this.#frames.delete(key);
  }

  /** Another process may tell of a call for the last time just before its step ends. @param data the event of a step, as JSON text */
  removeStep(data: string): void {
    for (const key of this.#frames.keys()) if (data.includes(`"stepId":"${key.split('.')[0]}"`)) this.remove(key);
  }

  /** The oldest one; undefined when there is none. */
  take(): string | undefined {
    for (const [key, json] of this.#frames) {
      this.remove(key);
      return json;
    }
    return undefined;
  }
}

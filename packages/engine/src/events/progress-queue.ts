/** Calls under way that wait for one follower at most, and that it was shown: a run makes eight at a time. */
const MAX_CALLS = 16;

/**
 * Calls under way that a follower has not been shown: the JSON texts of their frames by key, of each call the newest. A call is told
 * again when somebody else joins; who was shown it is not shown it again.
 */
export class ProgressQueue {
  readonly #waiting = new Map<string, string>();
  readonly #taken = new Map<string, string>();

  get size(): number {
    return this.#waiting.size;
  }

  add(key: string, json: string): void {
    if (this.#taken.get(key) !== json) put(this.#waiting, key, json);
  }

  remove(key: string): void {
    this.#waiting.delete(key);
    this.#taken.delete(key);
  }

  /** Another process may tell of a call for the last time just before its step ends. @param data the event of a step, as JSON text */
  removeStep(data: string): void {
    for (const key of [...this.#waiting.keys(), ...this.#taken.keys()])
      if (data.includes(`"stepId":"${key.split('.')[0]}"`)) this.remove(key);
  }

  /** The oldest one; undefined when there is none. */
  take(): string | undefined {
    for (const [key, json] of this.#waiting) {
      this.#waiting.delete(key);
      put(this.#taken, key, json);
      return json;
    }
    return undefined;
  }
}

/** Puts it last; the first goes when there are too many. */
function put(calls: Map<string, string>, key: string, json: string): void {
  calls.delete(key);
  calls.set(key, json);
  if (calls.size > MAX_CALLS) calls.delete(calls.keys().next().value!);
}

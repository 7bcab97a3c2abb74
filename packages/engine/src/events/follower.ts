import type { StreamFrame } from './stream-frame.ts';

/** Maximum frames that wait for one follower, and their size; a slower follower reads the log again. */
export const MAX_QUEUED = 256;
export const MAX_QUEUED_BYTES = 1024 * 1024;

/** An item of a stream. `isTransient`: it is not an event, and has the number of the previous event. */
export type StreamItem = Pick<StreamFrame, 'seq' | 'type' | 'runStatus' | 'text'> &
  Partial<Pick<StreamFrame, 'ended'>> & { isTransient?: true };

/** One reader of a run's events. */
export class Follower {
  /** `behind`: must read the log. `live`: receives each unread event as a frame. `left`: reads no more. */
  state: 'behind' | 'live' | 'left' = 'behind';
  /** Calls in flight that were not shown yet; null if the follower does not show them. */
  readonly progress: ProgressQueue | null;
  #frames: StreamFrame[] = [];
  #bytes = 0;
  #wake: () => void = () => {};

  constructor(wantsProgress: boolean) {
    this.progress = wantsProgress ? new ProgressQueue() : null;
  }

  push(frame: StreamFrame): void {
    const fits = this.#frames.length < MAX_QUEUED && this.#bytes + frame.size <= MAX_QUEUED_BYTES;
    if (fits || this.#frames.length === 0) {
      this.#frames.push(frame);
      this.#bytes += frame.size;
      this.#wake();
    } else this.fallBehind();
  }

  take(): StreamFrame | undefined {
    const frame = this.#frames.shift();
    this.#bytes -= frame?.size ?? 0;
    return frame;
  }

  fallBehind(): void {
    if (this.state === 'live') this.state = 'behind';
    this.#frames = [];
    this.#bytes = 0;
    this.#wake();
  }

  showProgress(key: string, json: string): void {
    if (!this.progress) return;
    this.progress.add(key, json);
    this.#wake();
  }

  leave(): void {
    this.state = 'left';
    this.#wake();
  }

  /** Resolves when there may be something to return. */
  waitForItem(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.state !== 'live' || this.#frames.length > 0 || this.progress?.size) resolve();
    });
  }
}

/** Maximum waiting calls of a follower, and of calls shown to it: a run makes eight at a time. */
const MAX_CALLS = 16;

/**
 * Calls in flight that a follower has not been shown: the JSON texts of their newest frames by key. Another follower's arrival repeats a
 * call; a follower that was shown it is not shown it again.
 */
export class ProgressQueue {
  readonly #waiting = new Map<string, string>();
  readonly #shown = new Map<string, string>();

  get size(): number {
    return this.#waiting.size;
  }

  add(key: string, json: string): void {
    if (this.#shown.get(key) !== json) putBounded(this.#waiting, key, json);
  }

  remove(key: string): void {
    this.#waiting.delete(key);
    this.#shown.delete(key);
  }

  /** Another process may report a call just before its step ends. @param data the event of a step, as JSON text */
  removeStep(data: string): void {
    for (const key of [...this.#waiting.keys(), ...this.#shown.keys()])
      if (data.includes(`"stepId":"${key.split('.')[0]}"`)) this.remove(key);
  }

  /** Removes and returns the oldest call. */
  take(): string | undefined {
    for (const [key, json] of this.#waiting) {
      this.#waiting.delete(key);
      putBounded(this.#shown, key, json);
      return json;
    }
    return undefined;
  }
}

/** Appends an entry; drops the first one above the limit. */
function putBounded(calls: Map<string, string>, key: string, json: string): void {
  calls.delete(key);
  calls.set(key, json);
  if (calls.size > MAX_CALLS) calls.delete(calls.keys().next().value!);
}

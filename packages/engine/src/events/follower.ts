import { ProgressQueue } from './progress-queue.ts';
import type { Frame } from './stream-frame.ts';

/** Frames that wait for one follower at most, and their size; a slower follower reads the log again. */
export const MAX_QUEUED = 256;
export const MAX_QUEUED_BYTES = 1024 * 1024;

/** An item of a stream. `hint`: it is no event, and has the number of the event before it. */
export type StreamItem = Pick<Frame, 'seq' | 'type' | 'runStatus' | 'text'> & { hint?: true };

/** One reader that follows a run. */
export class Follower {
  /** `behind`: it must read the log. `live`: every event that it has not read comes as a frame. `left`: it reads no more. */
  state: 'behind' | 'live' | 'left' = 'behind';
  /** Calls under way that it has not been shown; null when it wants none. */
  readonly progress: ProgressQueue | null;
  #frames: Frame[] = [];
  #bytes = 0;
  #wake: () => void = () => {};

  constructor(wantsProgress: boolean) {
    this.progress = wantsProgress ? new ProgressQueue() : null;
  }

  push(frame: Frame): void {
    const fits = this.#frames.length < MAX_QUEUED && this.#bytes + frame.size <= MAX_QUEUED_BYTES;
    if (fits || this.#frames.length === 0) {
      this.#frames.push(frame);
      this.#bytes += frame.size;
      this.#wake();
    } else this.fallBehind();
  }

  /** Removes and returns the oldest frame. */
  take(): Frame | undefined {
    const frame = this.#frames.shift();
    this.#bytes -= frame?.size ?? 0;
    return frame;
  }

  /** Makes it read the log. */
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
  untilNews(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.state !== 'live' || this.#frames.length > 0 || this.progress?.size) resolve();
    });
  }
}

// Puts live frames in order. They may repeat, and may come before what was read by pages.
import type { ProgressFrame, RunEvent } from './log.ts';

/** Frames that wait to be folded. */
export class PendingEvents {
  readonly #events = new Map<number, RunEvent>();
  #progress: ProgressFrame[] = [];

  add(frame: RunEvent | ProgressFrame): void {
    if (frame.type === 'progress') this.#progress.push(frame);
    else this.#events.set(frame.seq, frame);
  }

  /** Takes what follows directly on an event. */
  take(lastSeq: number): { events: RunEvent[]; progress: ProgressFrame[]; hasGap: boolean } {
    const events: RunEvent[] = [];
    for (const seq of [...this.#events.keys()].sort((a, b) => a - b)) {
      if (seq > lastSeq + events.length + 1) break;
      if (seq > lastSeq) events.push(this.#events.get(seq)!);
      this.#events.delete(seq);
    }
    const progress = this.#progress;
    this.#progress = [];
    return { events, progress, hasGap: this.#events.size > 0 };
  }
}

import type { ToolSource } from '@errand/contracts';
import type { Answered, Asked } from './protocol.ts';

/** Work over tools that is done in a thread: what the thread needs for it, and what it asks of the service meanwhile. */
export abstract class Job<Result = unknown> {
  readonly #tools: ToolSource;

  static #last = 0;
  readonly id = ++Job.#last;
  readonly signal: AbortSignal;
  readonly done: Promise<Result>;
  /** How many threads died under it. */
  deaths = 0;
  settled = false;
  #resolve!: (result: Result) => void;
  #reject!: (error: unknown) => void;

  constructor(tools: ToolSource, signal: AbortSignal) {
    this.#tools = tools;
    this.signal = signal;

    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  abstract readonly kind: 'plan' | 'search';
  /** What is asked, as JSON. */
  abstract readonly text: string;

  get tenant(): string {
    return this.#tools.workspaceId;
  }

  get sets() {
    return this.#tools.sets;
  }

  /** Answers a thread. @throws what the checker throws: the database's trouble */
  abstract answer(asked: Asked): Promise<Answered>;

  end(result: Result): void {
    this.settled = true;
    this.#resolve(result);
  }

  /** Ends it because the thread did. @param why follows what was done, as in: took too much memory */
  abstract giveUp(why: string): void;

  /** Ends it because there are more tools than a thread may keep. */
  abstract refuse(reason: string): void;

  fail(error: unknown): void {
    this.settled = true;
    this.#reject(error);
  }
}

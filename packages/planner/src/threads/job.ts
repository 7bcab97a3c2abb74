import type { ToolSource } from '@errand/contracts';
import type { JobAnswer, JobQuery } from './protocol.ts';
import type { TimeUsed } from './turn-timer.ts';

/** The work that ended a thread: the request itself, or reading and indexing the tools. */
export type Cause = 'request' | 'tools';

/** Work over tools in a thread: its input, and its requests to the service meanwhile. */
export abstract class Job<Result = unknown> {
  readonly #tools: ToolSource;

  static #last = 0;
  readonly id = ++Job.#last;
  readonly signal: AbortSignal;
  readonly done: Promise<Result>;
  /** How many threads failed under it. */
  deaths = 0;
  /** Number of its tools, once a thread has them. */
  toolCount = 0;
  /** Time of its turns, without reading and indexing tools. */
  time: TimeUsed = { used: 0, clock: 0 };
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
  /** The request as JSON. */
  abstract readonly text: string;

  get tenant(): string {
    return this.#tools.workspaceId;
  }

  get sets() {
    return this.#tools.sets;
  }

  /** Answers a request of the thread. @throws errors of the checker, such as database errors */
  abstract answer(query: JobQuery): Promise<JobAnswer>;

  end(result: Result): void {
    this.settled = true;
    this.#resolve(result);
  }

  /** Ends it because it used more than its budget. @param why the predicate of the message, as in: took too much memory */
  abstract giveUp(why: string, cause: Cause): void;

  /** Ends it because there are more tools than a thread may have. */
  abstract refuse(reason: string): void;

  fail(error: unknown): void {
    this.settled = true;
    this.#reject(error);
  }
}

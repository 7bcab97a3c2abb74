import type { ToolSource } from '@errand/contracts';
import type { JobAnswer, JobQuery } from './protocol.ts';
import type { TimeUsed } from './turn-timer.ts';

/** The work that ended a thread: the request itself, or reading and indexing the tools. */
export type BudgetCause = 'request' | 'tools';

/** Work over tools in a thread: its input, and its requests to the service meanwhile. */
export abstract class Job<Result = unknown> {
  static #last = 0;
  readonly id = ++Job.#last;
  readonly signal: AbortSignal;
  readonly done: Promise<Result>;
  /** How many threads failed under it. */
  lostThreads = 0;
  /** Number of its tools, once a thread has them. */
  toolCount = 0;
  /** Time of its turns, without reading and indexing tools. */
  time: TimeUsed = { usedMs: 0, clockMs: 0 };
  isSettled = false;
  #resolve!: (result: Result) => void;
  #reject!: (error: unknown) => void;

  constructor(
    private readonly tools: ToolSource,
    signal: AbortSignal,
  ) {
    this.signal = signal;

    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  abstract readonly kind: 'plan' | 'search';
  /** The request as JSON. */
  abstract readonly requestJson: string;

  get tenant(): string {
    return this.tools.workspaceId;
  }

  get sets() {
    return this.tools.sets;
  }

  /** Answers a request of the thread. @throws errors of the checker, such as database errors */
  abstract answer(query: JobQuery): Promise<JobAnswer>;

  end(result: Result): void {
    this.isSettled = true;
    this.#resolve(result);
  }

  /** Ends it because it used more than its budget. @param why the predicate of the message, as in: took too much memory */
  abstract endOverBudget(why: string, cause: BudgetCause): void;

  /** Ends it because there are more tools than a thread may have. */
  abstract endWithTooManyTools(reason: string): void;

  fail(error: unknown): void {
    this.isSettled = true;
    this.#reject(error);
  }
}

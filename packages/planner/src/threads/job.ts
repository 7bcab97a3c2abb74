import type { ToolSource } from '@errand/contracts';
import type { JobAnswer, JobQuery } from './protocol.ts';
import type { TimeUsed } from './turn-timer.ts';

/** Why a thread ended under a job: the work on the request itself, or reading and indexing the tools. */
export type Cause = 'request' | 'tools';

/** Work over tools that is done in a thread: what the thread needs for it, and what it asks of the service meanwhile. */
export abstract class Job<Result = unknown> {
  readonly #tools: ToolSource;

  static #last = 0;
  readonly id = ++Job.#last;
  readonly signal: AbortSignal;
  readonly done: Promise<Result>;
  /** How many threads failed under it. */
  deaths = 0;
  /** Tools that it chooses from, once a thread has them. */
  toolCount = 0;
  /** Time that its turns used, without that for reading and indexing tools. */
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
  /** What is asked, as JSON. */
  abstract readonly text: string;

  get tenant(): string {
    return this.#tools.workspaceId;
  }

  get sets() {
    return this.#tools.sets;
  }

  /** Answers a thread. @throws what the checker throws: the database's trouble */
  abstract answer(query: JobQuery): Promise<JobAnswer>;

  end(result: Result): void {
    this.settled = true;
    this.#resolve(result);
  }

  /** Ends it because it used more than its budget. @param why the predicate of the message, as in: took too much memory */
  abstract giveUp(why: string, cause: Cause): void;

  /** Ends it because there are more tools than a thread may keep. */
  abstract refuse(reason: string): void;

  fail(error: unknown): void {
    this.settled = true;
    this.#reject(error);
  }
}

import { Worker } from 'node:worker_threads';
import type { BudgetCause, Job } from './job.ts';
import type { FromThread, JobQuery, PlannerChoice, ToThread } from './protocol.ts';
import { budgetOf, exceededIndexing, exceededWork, type ThreadLimits } from './thread-limits.ts';
import { ToolSetCache, TooManyTools } from './tool-set-cache.ts';
import { addTime, type TimeUsed, TurnTimer, timeLeft } from './turn-timer.ts';

/** Why a thread ended. */
export type ThreadEnd =
  | { why: 'budget'; exceeded: string; cause: BudgetCause }
  | { why: 'memory' | 'error' | 'closed'; error?: Error };

export type ThreadSettings = {
  /** The program of the thread: a file that calls `servePlans`. */
  entry: URL;
  choice: PlannerChoice;
  limits: ThreadLimits;
};

export type ThreadEvents = {
  /** The thread may be free to work. */
  onFree: () => void;
  /** Work for a tenant used time in the thread, in ms. */
  onUsed: (tenant: string, ms: number) => void;
  /** Called once, with the running job and the others that had not ended. `exited` resolves later, when the thread has stopped. */
  onEnded: (thread: PlannerThread, death: ThreadEnd, jobs: { current: Job | undefined; others: Job[] }) => void;
};

/** The job that the thread works on. Without a timer: the thread starts, or receives the job's tools. */
type Turn = { job: Job; timer?: TurnTimer; isIndexing: boolean };

// Frees the memory of an idle thread.
const IDLE_MS = 600_000;
const NO_TIME: TimeUsed = { usedMs: 0, clockMs: 0 };

/**
 * A thread that makes plans and searches, and starts for its first job. It works on one job at a time; while that waits for an answer, on
 * others. So when the thread is killed, the job that blocked it is known.
 */
export class PlannerThread {
  readonly #limits: ThreadLimits;

  readonly toolSets: ToolSetCache;
  readonly exited: Promise<void>;
  readonly #worker: Worker;
  readonly #jobs = new Map<number, Job>();
  readonly #answers = new Map<Job, string>();
  #isReady = false;
  #hasEnded = false;
  #id: string | undefined;
  #turn: Turn | undefined;
  readonly #startTimer: NodeJS.Timeout;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(
    { entry, choice, limits }: ThreadSettings,
    private readonly events: ThreadEvents,
  ) {
    this.#limits = limits;

    this.toolSets = new ToolSetCache(limits.maxToolBytes, (message) => this.#post(message));
    this.#worker = new Worker(entry, {
      workerData: choice,
      // The thread inherits nothing: no environment, no arguments, no flags.
      env: {},
      argv: [],
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: limits.maxOldGenerationSizeMb, stackSizeMb: 4 },
    });
    this.exited = new Promise((exited) => this.#worker.once('exit', () => exited()));
    const startError = new Error(`A thread that plans was not ready after ${limits.startMs} ms.`);
    this.#startTimer = setTimeout(() => this.end({ why: 'error', error: startError }), limits.startMs).unref();
    this.#worker.on('message', (message: FromThread) => this.#receive(message));
    this.#worker.on('error', (error: Error & { code?: string }) =>
      this.end({ why: error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'error', error }),
    );
    this.#worker.on('exit', () => this.end({ why: 'error', error: new Error('The thread ended by itself.') }));
  }

  get jobCount(): number {
    return this.#jobs.size;
  }

  /** Whether it was ever ready: a thread that cannot start will not start the next time either. */
  get hasStarted(): boolean {
    return this.#isReady;
  }

  get isFree(): boolean {
    return this.#isReady && !this.#hasEnded && this.#turn === undefined;
  }

  /** Tenants of the jobs it has begun, also of a running job that was dropped. */
  get tenants(): Set<string> {
    const tenants = new Set([...this.#jobs.values()].map(({ tenant }) => tenant));
    return this.#turn ? tenants.add(this.#turn.job.tenant) : tenants;
  }

  /** Tenants with a job that can go on. */
  get tenantsWithAnswer(): string[] {
    return [...this.#answers.keys()].map(({ tenant }) => tenant);
  }

  /** Takes a job that was not begun, or lost its thread. The thread must be free or new. */
  begin(job: Job): void {
    job.time = { ...NO_TIME };
    this.#jobs.set(job.id, job);
    clearTimeout(this.#idleTimer);
    this.#worker.ref();
    this.#turn = { job, isIndexing: true };
    if (this.#isReady) void this.#loadTools(job);
  }

  /** Resumes a tenant's job that has got an answer. The thread must be free. @returns whether there was one */
  resume(tenant: string): boolean {
    for (const [job, answer] of this.#answers) {
      if (job.tenant !== tenant) continue;
      this.#answers.delete(job);
      this.#startWork(job, new TurnTimer(this.#id));
      this.#post({ type: 'answer', job: job.id, answer });
      return true;
    }
    return false;
  }

  /** Drops a job without a waiting caller. The thread stays busy with it until its turn ends. */
  drop(job: Job): void {
    if (!this.#jobs.delete(job.id)) return;
    this.#answers.delete(job);
    this.#post({ type: 'abort', job: job.id });
    this.toolSets.release(job);
    this.#startIdleTimer();
  }

  end(threadEnd: ThreadEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#startTimer);
    clearTimeout(this.#idleTimer);
    const turn = this.#turn;
    this.#endTimer();
    const current = turn && this.#jobs.get(turn.job.id);
    const others = [...this.#jobs.values()].filter((job) => job !== current);
    this.#jobs.clear();
    this.#answers.clear();
    void this.#worker.terminate();
    this.events.onEnded(this, threadEnd, { current, others });
  }

  #post(message: ToThread): void {
    if (!this.#hasEnded) this.#worker.postMessage(message);
  }

  #receive(message: FromThread): void {
    if (this.#hasEnded) return;
    if (message.type === 'ready') this.#handleReady(message.thread);
    else if (message.type === 'indexed') this.#handleIndexed(message);
    else this.#handleTurnEnd(message);
  }

  /** A job waits for an answer, or has ended: the thread is free. */
  #handleTurnEnd(message: Extract<FromThread, { type: 'query' | 'result' | 'failed' }>): void {
    if (this.#turn?.job.id === message.job) this.#endTurn();
    const job = this.#jobs.get(message.job);
    if (message.type === 'query') {
      if (job) this.#handleQuery(job, JSON.parse(message.query) as JobQuery);
      else this.#post({ type: 'abort', job: message.job });
    } else if (job) {
      this.#jobs.delete(job.id);
      this.toolSets.release(job);
      if (message.type === 'result') job.end(JSON.parse(message.result));
      else job.fail(new Error(message.message));
      this.#startIdleTimer();
    }
    this.events.onFree();
  }

  #handleReady(id: string | undefined): void {
    clearTimeout(this.#startTimer);
    this.#isReady = true;
    this.#id = id;
    const job = this.#turn?.job;
    if (job && this.#jobs.has(job.id)) {
      void this.#loadTools(job);
      return;
    }
    this.#turn = undefined;
    this.#startIdleTimer();
    this.events.onFree();
  }

  #handleIndexed({ job: id, processorMs }: FromThread & { type: 'indexed' }): void {
    const turn = this.#turn;
    if (turn?.job.id !== id) return;
    this.#endTimer();
    this.#startWork(turn.job, new TurnTimer(this.#id, processorMs));
  }

  #handleQuery(job: Job, query: JobQuery): void {
    if (timeLeft(budgetOf(job, this.#limits), job.time) > 0) {
      void this.#answerQuery(job, query);
      return;
    }
    this.drop(job);
    job.endOverBudget(this.#exceeded(job, job.time), 'request');
  }

  async #answerQuery(job: Job, query: JobQuery): Promise<void> {
    try {
      const answer = JSON.stringify(await job.answer(query));
      if (this.#hasEnded || !this.#jobs.has(job.id)) return;
      this.#answers.set(job, answer);
    } catch (error) {
      if (job.isSettled || !this.#jobs.has(job.id)) return;
      this.drop(job);
      job.fail(error);
    }
    this.events.onFree();
  }

  /** Sends the tools of a new job to the thread, and begins the job there. */
  async #loadTools(job: Job): Promise<void> {
    const failure = await this.toolSets.load(job).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    if (this.#hasEnded) return;
    if (failure === undefined && this.#jobs.has(job.id)) {
      this.#startIndexing(job);
      return;
    }
    this.#turn = undefined;
    this.toolSets.release(job);
    this.drop(job);
    if (failure && !job.isSettled) {
      if (failure.error instanceof TooManyTools) job.endWithTooManyTools(failure.error.message);
      else job.fail(failure.error);
    }
    this.events.onFree();
  }

  #startIndexing(job: Job): void {
    const timer = new TurnTimer(this.#id);
    this.#turn = { job, isIndexing: true, timer };
    timer.watchClock(this.#limits.timeoutMs, () =>
      this.end({ why: 'budget', exceeded: exceededIndexing(job, this.#limits), cause: 'tools' }),
    );
    this.#post({ type: job.kind, job: job.id, keys: job.sets.map(({ key }) => key), request: job.requestJson });
  }

  /** Starts the timer of the job's budget. */
  #startWork(job: Job, timer: TurnTimer): void {
    this.#turn = { job, isIndexing: false, timer };
    timer.watchBudget(budgetOf(job, this.#limits), job.time, (time) =>
      this.end({ why: 'budget', exceeded: this.#exceeded(job, time), cause: 'request' }),
    );
  }

  #exceeded(job: Job, time: TimeUsed): string {
    return exceededWork(job, this.#limits, time, this.#id !== undefined);
  }

  #endTurn(): void {
    const { job, isIndexing } = this.#turn!;
    const time = this.#endTimer();
    if (!isIndexing) addTime(job.time, time);
    this.#turn = undefined;
  }

  /** @returns the time used */
  #endTimer(): TimeUsed {
    if (!this.#turn?.timer) return NO_TIME;
    const { job, timer } = this.#turn;
    const { time } = timer;
    timer.stop();
    this.events.onUsed(job.tenant, time.usedMs);
    return time;
  }

  #startIdleTimer(): void {
    if (this.#jobs.size > 0) return;
    this.#worker.unref();
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.end({ why: 'closed' }), IDLE_MS).unref();
  }
}

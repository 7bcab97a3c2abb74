import { Worker } from 'node:worker_threads';
import type { Cause, Job } from './job.ts';
import type { FromThread, JobQuery, PlannerChoice, ToThread } from './protocol.ts';
import { SetsOfThread, TooManyTools } from './sets-of-thread.ts';
import { budgetOf, exceededIndexing, exceededWork, type ThreadLimits } from './thread-limits.ts';
import { addTime, type TimeUsed, TurnTimer, timeLeft } from './turn-timer.ts';

/** Why a thread ended. */
export type Death =
  | { why: 'budget'; exceeded: string; cause: Cause }
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
  onEnded: (thread: PlannerThread, death: Death, jobs: { current: Job | undefined; others: Job[] }) => void;
};

/** The job that the thread works on. Without a timer: the thread starts, or receives the job's tools. */
type Turn = { job: Job; timer?: TurnTimer; isIndexing: boolean };

// Frees the memory of an idle thread.
const IDLE_MS = 600_000;
const NO_TIME: TimeUsed = { used: 0, clock: 0 };

/**
 * A thread that makes plans and searches, and starts for its first job. It works on one job at a time; while that waits for an answer, on
 * others. So when the thread is killed, the job that blocked it is known.
 */
export class PlannerThread {
  readonly #limits: ThreadLimits;
  readonly #events: ThreadEvents;

  readonly sets: SetsOfThread;
  readonly exited: Promise<void>;
  readonly #worker: Worker;
  readonly #jobs = new Map<number, Job>();
  readonly #answers = new Map<Job, string>();
  #isReady = false;
  #isDead = false;
  #id: string | undefined;
  #turn: Turn | undefined;
  readonly #start: NodeJS.Timeout;
  #idle: NodeJS.Timeout | undefined;

  constructor({ entry, choice, limits }: ThreadSettings, events: ThreadEvents) {
    this.#limits = limits;
    this.#events = events;

    this.sets = new SetsOfThread(limits.keepBytes, (message) => this.#post(message));
    this.#worker = new Worker(entry, {
      workerData: choice,
      // The thread inherits nothing: no environment, no arguments, no flags.
      env: {},
      argv: [],
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: limits.maxOldGenerationSizeMb, stackSizeMb: 4 },
    });
    this.exited = new Promise((exited) => this.#worker.once('exit', () => exited()));
    const late = new Error(`A thread that plans was not ready after ${limits.startMs} ms.`);
    this.#start = setTimeout(() => this.end({ why: 'error', error: late }), limits.startMs).unref();
    this.#worker.on('message', (message: FromThread) => this.#hear(message));
    this.#worker.on('error', (error: Error & { code?: string }) =>
      this.end({ why: error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'error', error }),
    );
    this.#worker.on('exit', () => this.end({ why: 'error', error: new Error('The thread ended by itself.') }));
  }

  get load(): number {
    return this.#jobs.size;
  }

  /** Whether it was ever ready: a thread that cannot start will not start the next time either. */
  get hasStarted(): boolean {
    return this.#isReady;
  }

  get isFree(): boolean {
    return this.#isReady && !this.#isDead && this.#turn === undefined;
  }

  /** Tenants of the jobs it has begun, also of a running job that was dropped. */
  get tenants(): Set<string> {
    const tenants = new Set([...this.#jobs.values()].map(({ tenant }) => tenant));
    return this.#turn ? tenants.add(this.#turn.job.tenant) : tenants;
  }

  /** Tenants with a job that can go on. */
  get answered(): string[] {
    return [...this.#answers.keys()].map(({ tenant }) => tenant);
  }

  /** Takes a job that was not begun, or lost its thread. The thread must be free or new. */
  begin(job: Job): void {
    job.time = { ...NO_TIME };
    this.#jobs.set(job.id, job);
    clearTimeout(this.#idle);
    this.#worker.ref();
    this.#turn = { job, isIndexing: true };
    if (this.#isReady) void this.#bring(job);
  }

  /** Resumes a tenant's job that has got an answer. The thread must be free. @returns whether there was one */
  resume(tenant: string): boolean {
    for (const [job, answer] of this.#answers) {
      if (job.tenant !== tenant) continue;
      this.#answers.delete(job);
      this.#work(job, new TurnTimer(this.#id));
      this.#post({ do: 'answer', job: job.id, answer });
      return true;
    }
    return false;
  }

  /** Drops a job without a waiting caller. The thread stays busy with it until its turn ends. */
  drop(job: Job): void {
    if (!this.#jobs.delete(job.id)) return;
    this.#answers.delete(job);
    this.#post({ do: 'stop', job: job.id });
    this.sets.release(job);
    this.#rest();
  }

  end(death: Death): void {
    if (this.#isDead) return;
    this.#isDead = true;
    clearTimeout(this.#start);
    clearTimeout(this.#idle);
    const turn = this.#turn;
    this.#endTimer();
    const current = turn && this.#jobs.get(turn.job.id);
    const others = [...this.#jobs.values()].filter((job) => job !== current);
    this.#jobs.clear();
    this.#answers.clear();
    void this.#worker.terminate();
    this.#events.onEnded(this, death, { current, others });
  }

  #post(message: ToThread): void {
    if (!this.#isDead) this.#worker.postMessage(message);
  }

  #hear(message: FromThread): void {
    if (this.#isDead) return;
    if (message.say === 'ready') this.#ready(message.thread);
    else if (message.say === 'indexed') this.#indexed(message);
    else this.#yields(message);
  }

  /** A job waits for an answer, or has ended: the thread is free. */
  #yields(message: Extract<FromThread, { say: 'asks' | 'ends' | 'breaks' }>): void {
    if (this.#turn?.job.id === message.job) this.#endTurn();
    const job = this.#jobs.get(message.job);
    if (message.say === 'asks') {
      if (job) this.#asks(job, JSON.parse(message.asked) as JobQuery);
      else this.#post({ do: 'stop', job: message.job });
    } else if (job) {
      this.#jobs.delete(job.id);
      this.sets.release(job);
      if (message.say === 'ends') job.end(JSON.parse(message.result));
      else job.fail(new Error(message.message));
      this.#rest();
    }
    this.#events.onFree();
  }

  #ready(id: string | undefined): void {
    clearTimeout(this.#start);
    this.#isReady = true;
    this.#id = id;
    const job = this.#turn?.job;
    if (job && this.#jobs.has(job.id)) {
      void this.#bring(job);
      return;
    }
    this.#turn = undefined;
    this.#rest();
    this.#events.onFree();
  }

  #indexed({ job: id, processorMs }: FromThread & { say: 'indexed' }): void {
    const turn = this.#turn;
    if (turn?.job.id !== id) return;
    this.#endTimer();
    this.#work(turn.job, new TurnTimer(this.#id, processorMs));
  }

  #asks(job: Job, query: JobQuery): void {
    if (timeLeft(budgetOf(job, this.#limits), job.time) > 0) {
      void this.#answer(job, query);
      return;
    }
    this.drop(job);
    job.giveUp(this.#exceeded(job, job.time), 'request');
  }

  async #answer(job: Job, query: JobQuery): Promise<void> {
    try {
      const answer = JSON.stringify(await job.answer(query));
      if (this.#isDead || !this.#jobs.has(job.id)) return;
      this.#answers.set(job, answer);
    } catch (error) {
      if (job.settled || !this.#jobs.has(job.id)) return;
      this.drop(job);
      job.fail(error);
    }
    this.#events.onFree();
  }

  /** Sends the tools of a new job to the thread, and begins the job there. */
  async #bring(job: Job): Promise<void> {
    const failed = await this.sets.bring(job).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    if (this.#isDead) return;
    if (failed === undefined && this.#jobs.has(job.id)) {
      this.#give(job);
      return;
    }
    this.#turn = undefined;
    this.sets.release(job);
    this.drop(job);
    if (failed && !job.settled) {
      if (failed.error instanceof TooManyTools) job.refuse(failed.error.message);
      else job.fail(failed.error);
    }
    this.#events.onFree();
  }

  #give(job: Job): void {
    const timer = new TurnTimer(this.#id);
    this.#turn = { job, isIndexing: true, timer };
    timer.limit(this.#limits.timeoutMs, () =>
      this.end({ why: 'budget', exceeded: exceededIndexing(job, this.#limits), cause: 'tools' }),
    );
    this.#post({ do: job.kind, job: job.id, keys: job.sets.map(({ key }) => key), request: job.text });
  }

  /** Starts the timer of the job's budget. */
  #work(job: Job, timer: TurnTimer): void {
    this.#turn = { job, isIndexing: false, timer };
    timer.watch(budgetOf(job, this.#limits), job.time, (time) =>
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
    this.#events.onUsed(job.tenant, time.used);
    return time;
  }

  #rest(): void {
    if (this.#jobs.size > 0) return;
    this.#worker.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.end({ why: 'closed' }), IDLE_MS).unref();
  }
}

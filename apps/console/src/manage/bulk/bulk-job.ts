// One act on several errands: sent a few at a time, with the outcome of each. It goes on while a person visits other pages,
// and a page that is loaded again still has the outcomes.
import type { Inputs } from '@errand/client/console';
import { Store } from '../../session/store.ts';

export type BulkItem = { id: string; name: string };
/** done: carried out. refused: the service answered why not. */
export type Outcome = {
  state: 'done' | 'refused';
  text: string /** The errand that it led to. */;
  runId?: string | undefined;
};

/** What is done to each. */
export type BulkAct =
  | { kind: 'cancel' }
  | {
      kind: 'rerun';
      mode: 'same_plan' | 'new_plan';
      approvalStrategy?: Inputs['runs']['rerunMany']['approvalStrategy'];
    };

export type BulkJob = {
  jobId: string;
  workspaceId: string;
  personId: string;
  /** "Rerun 12 errands". */
  title: string;
  items: readonly BulkItem[];
  act: BulkAct;
  outcomes: Readonly<Record<string, Outcome>>;
  /** stopped: some items have no outcome; `goOn` sends them. */
  state: 'sending' | 'stopped' | 'ended';
  /** Why it stopped, for people; absent if a person stopped it. */
  stopReason?: string | undefined;
};

/** Sends some items. @param requestKey the same for the same items, so that nothing is done twice */
export type SendItems = (job: BulkJob, items: readonly BulkItem[], requestKey: string) => Promise<Map<string, Outcome>>;

const RELOADED = 'The page was loaded again. Of the last ones that were sent, the answers are not known.';

const STATES: readonly unknown[] = ['sending', 'stopped', 'ended'];

/** Reads a job that a page has left. */
export function parseJob(text: string | null): BulkJob | undefined {
  try {
    const job = JSON.parse(text ?? 'null') as Partial<BulkJob> | null;
    if (typeof job?.jobId !== 'string' || !Array.isArray(job.items) || !job.outcomes) return undefined;
    if (!STATES.includes(job.state)) return undefined;
    const read = job as BulkJob;
    return read.state === 'sending' ? { ...read, state: 'stopped', stopReason: RELOADED } : read;
  } catch {
    return undefined;
  }
}

type BulkRunnerOptions = {
  batch: (job: BulkJob) => number;
  send: SendItems;
  textOf: (error: unknown) => string;
  storage: Storage;
};
const KEY = 'errand-bulk';

export class BulkRunner {
  readonly job: Store<BulkJob | undefined>;
  readonly #options: BulkRunnerOptions;
  #isStopping = false;
  #isLeaving = false;

  constructor(options: BulkRunnerOptions) {
    this.#options = options;
    this.job = new Store(parseJob(options.storage.getItem(KEY)));
  }

  /** Begins a job. A tab carries out one job at a time. */
  start(job: Omit<BulkJob, 'outcomes' | 'state'>): Promise<void> {
    if (this.job.get()?.state === 'sending') throw new Error('Another job is being sent.');
    return this.#send({ ...job, outcomes: {}, state: 'sending' });
  }

  /** Sends the items without an outcome. */
  async goOn(): Promise<void> {
    const job = this.job.get();
    if (job?.state === 'stopped') await this.#send({ ...job, state: 'sending', stopReason: undefined });
  }

  /** Stops after the items that are being sent. */
  stop(): void {
    this.#isStopping = true;
  }

  /** Removes a job after the person has read its outcomes. */
  dismiss(): void {
    if (this.job.get()?.state !== 'sending') this.#set(undefined);
  }

  /** The page is left: requests that fail from now on say nothing about the service. */
  leave(): void {
    this.#isLeaving = true;
  }

  /** The page is shown again after it was left. */
  comeBack(): void {
    this.#isLeaving = false;
    this.#set(parseJob(JSON.stringify(this.job.get() ?? null)));
  }

  async #send(begun: BulkJob): Promise<void> {
    this.#isStopping = false;
    let job = begun;
    this.#set(job);
    const size = this.#options.batch(job);
    for (let at = 0; at < job.items.length; at += size) {
      // The same items as in an earlier attempt have the same key.
      const items = job.items.slice(at, at + size);
      if (items.every(({ id }) => job.outcomes[id])) continue;
      if (this.#isStopping) return this.#set({ ...job, state: 'stopped' });
      try {
        const outcomes = await this.#options.send(job, items, `${job.jobId}-${at}`);
        job = { ...job, outcomes: { ...job.outcomes, ...Object.fromEntries(outcomes) } };
        this.#set(job);
      } catch (error) {
        if (this.#isLeaving) return;
        return this.#set({ ...job, state: 'stopped', stopReason: this.#options.textOf(error) });
      }
    }
    this.#set({ ...job, state: 'ended' });
  }

  #set(job: BulkJob | undefined): void {
    this.job.set(job);
    try {
      if (job) this.#options.storage.setItem(KEY, JSON.stringify(job));
      else this.#options.storage.removeItem(KEY);
    } catch {
      // Without storage a reload loses the outcomes; the page asks before it is left.
    }
  }
}

export type BulkCounts = { done: number; refused: number; open: number };

export function countsOf({ items, outcomes }: BulkJob): BulkCounts {
  const states = items.map(({ id }) => outcomes[id]?.state);
  const count = (state: Outcome['state'] | undefined) => states.filter((each) => each === state).length;
  return { done: count('done'), refused: count('refused'), open: count(undefined) };
}

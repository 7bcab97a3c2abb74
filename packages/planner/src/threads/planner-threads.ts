import type { PlanDraft, Planner, PlanRequest, ToolSource } from '@errand/contracts';
import { fillWithModel } from '../model/fill.ts';
import type { Model } from '../model/model.ts';
import type { Job } from './job.ts';
import { PlanJob } from './plan-job.ts';
import { type Death, PlannerThread, type ThreadLimits } from './planner-thread.ts';
import type { ToolHit } from './protocol.ts';
import { SearchJob, type SearchRequest } from './search-job.ts';

export type PlannerThreadsOptions = Partial<ThreadLimits> & {
  /** Without it plans are made by the builtin planner. */
  model?: Model;
  /** Only the service knows it: delimiters of data in prompts are made with it. Without it each conversation has random ones. */
  secret?: () => Buffer;
  /** Most threads; they start when they are first needed. */
  threads?: number;
};

export type PlannerThreads = Planner<ToolSource> & {
  /**
   * The tools that a text speaks of, best first; those that it says nothing of are left out.
   * @throws ProblemError validation_failed for more tools than a thread may keep, unavailable when the thread was killed
   */
  search(request: SearchRequest): Promise<ToolHit[]>;
  close(): Promise<void>;
};

const MIB = 1024 * 1024;
// A second thread that has read the same tools costs more than waiting for a few others.
const PATIENCE = 4;

/**
 * A planner, and a search for tools, whose work is done in threads that can be killed: reading and indexing thousands of tools takes seconds. A thread keeps
 * the tools that it has read, by their keys. The model, and the checker, are asked from here.
 */
export function createPlannerThreads(options: PlannerThreadsOptions = {}): PlannerThreads {
  const { threads: maxThreads = 2, model, secret } = options;
  const { startMs = 30_000, timeoutMs = 60_000, maxOldGenerationSizeMb = 768, keepBytes = 64 * MIB } = options;
  const choice = model ? { model: model.planning } : {};
  const limits: ThreadLimits = { startMs, timeoutMs, maxOldGenerationSizeMb, keepBytes };
  const threads = new Set<PlannerThread>();
  let closed = false;

  function threadFor(job: Job): PlannerThread {
    const byLoad = [...threads].sort((a, b) => a.load - b.load);
    const knowing = byLoad.find(({ sets, load }) => load < PATIENCE && sets.has(job.sets));
    const idle = byLoad.find(({ load }) => load === 0);
    const chosen = knowing ?? idle ?? (threads.size < maxThreads ? undefined : byLoad[0]);
    if (chosen) return chosen;
    const made = new PlannerThread(choice, limits, died);
    threads.add(made);
    return made;
  }

  function assign(job: Job): void {
    const thread = threadFor(job);
    const leave = () => {
      thread.drop(job);
      job.fail(job.signal.reason);
    };
    job.signal.addEventListener('abort', leave, { once: true });
    const over = () => job.signal.removeEventListener('abort', leave);
    job.done.then(over, over);
    thread.take(job);
  }

  function died(thread: PlannerThread, { why, error }: Death, current: Job | undefined, others: Job[]): void {
    threads.delete(thread);
    if (current && why === 'timeout') {
      current.giveUp(`took longer than ${timeoutMs / 1000} s and was stopped`);
    } else if (current) others.unshift(current);
    for (const job of others) {
      if (closed) job.fail(new Error('The planner is closed.'));
      else if (++job.deaths < 2) assign(job);
      else if (why === 'memory') job.giveUp('took too much memory');
      else job.fail(error ?? new Error('The thread was killed.'));
    }
  }

  function doneOf<Result>(job: Job<Result>): Promise<Result> {
    if (closed) return Promise.reject(new Error('The planner is closed.'));
    if (job.signal.aborted) return Promise.reject(job.signal.reason);
    assign(job as Job);
    return job.done;
  }

  return {
    plan: (request: PlanRequest<ToolSource>): Promise<PlanDraft> =>
      doneOf(new PlanJob(request, model?.ask, secret?.())),
    search: (request) => doneOf(new SearchJob(request)),
    ...(model ? { replans: true, fill: (request) => fillWithModel(request, model.ask) } : { looks: true }),
    async close() {
      closed = true;
      await Promise.all([...threads].map((thread) => thread.end({ why: 'closed' })));
    },
  };
}

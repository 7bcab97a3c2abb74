import type { PlanDraft, Planner, PlanRequest, ToolSource } from '@errand/contracts';
import { fillWithModel } from '../model/fill.ts';
import type { Model } from '../model/model.ts';
import { Job } from './job.ts';
import { type Death, PlannerThread, type ThreadLimits } from './planner-thread.ts';

export type PlannerThreadsOptions = Partial<ThreadLimits> & {
  /** Without it plans are made by the builtin planner. */
  model?: Model;
  /** Most threads; they start when they are first needed. */
  threads?: number;
};

export type PlannerThreads = Planner<ToolSource> & { close(): Promise<void> };

const MIB = 1024 * 1024;
// A second thread that has read the same tools costs more than waiting for a few others.
const PATIENCE = 4;

/**
 * A planner whose work is done in threads that can be killed: reading and indexing thousands of tools takes seconds. A thread keeps
 * the tools that it has read, by their keys. The model, and the checker, are asked from here.
 */
export function createPlannerThreads(options: PlannerThreadsOptions = {}): PlannerThreads {
  const { threads: maxThreads = 2, timeoutMs = 60_000, maxOldGenerationSizeMb = 768, keepBytes = 64 * MIB } = options;
  const { model } = options;
  const choice = model ? { model: model.planning } : {};
  const limits: ThreadLimits = { timeoutMs, maxOldGenerationSizeMb, keepBytes };
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
      current.none(`Planning took longer than ${timeoutMs / 1000} s and was stopped. Select fewer integrations.`);
    } else if (current) others.unshift(current);
    for (const job of others) {
      if (closed) job.fail(new Error('The planner is closed.'));
      else if (++job.deaths < 2) assign(job);
      else if (why === 'memory') job.none('Planning took too much memory. Select fewer integrations.');
      else job.fail(error ?? new Error('The thread that planned was killed.'));
    }
  }

  return {
    plan(request: PlanRequest<ToolSource>): Promise<PlanDraft> {
      if (closed) return Promise.reject(new Error('The planner is closed.'));
      if (request.signal.aborted) return Promise.reject(request.signal.reason);
      const job = new Job(request, model?.ask);
      assign(job);
      return job.done;
    },
    ...(model && { replans: true, fill: (request) => fillWithModel(request, model.ask) }),
    async close() {
      closed = true;
      await Promise.all([...threads].map((thread) => thread.end({ why: 'closed' })));
    },
  };
}

import type { PlanDraft, PlanRequest, ToolSource } from '@errand/contracts';
import type { Model } from '@errand/ports/model';
import type { Planner } from '@errand/ports/planner';
import { fillWithModel } from '../model/fill.ts';
import { PlanJob } from './plan-job.ts';
import type { ToolHit } from './protocol.ts';
import { SearchJob, type SearchRequest } from './search-job.ts';
import type { ThreadLimits } from './thread-limits.ts';
import { ThreadPool } from './thread-pool.ts';

export type PlannerThreadsOptions = Partial<ThreadLimits> & {
  /** The program of the threads: a file that calls `servePlans`. */
  entry: URL;
  /** Without it the program of the threads selects a planner. */
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
const LIMITS: ThreadLimits = {
  startMs: 30_000,
  planMs: 2000,
  largePlanMs: 6000,
  manyTools: 200,
  timeoutMs: 60_000,
  maxOldGenerationSizeMb: 768,
  keepBytes: 64 * MIB,
};

/**
 * A planner, and a search for tools, whose work is done in threads that can be killed: reading and indexing thousands of tools takes seconds. A thread keeps
 * the tools that it has read, by their keys. The model, and the checker, are asked from here.
 */
export function createPlannerThreads(options: PlannerThreadsOptions): PlannerThreads {
  const { entry, threads: maxThreads = 2, model, secret, ...limits } = options;
  const pool = new ThreadPool({
    entry,
    maxThreads,
    choice: model ? { model: model.planning } : {},
    limits: { ...LIMITS, ...limits },
  });
  return {
    plan: (request: PlanRequest<ToolSource>): Promise<PlanDraft> =>
      pool.run(new PlanJob(request, model?.ask, secret?.())),
    search: (request) => pool.run(new SearchJob(request)),
    ...(model ? { replans: true, fill: (request) => fillWithModel(request, model.ask) } : { looks: true }),
    close: () => pool.close(),
  };
}

import { type PlanDraft, type PlanRequest, problem, type ToolSource } from '@errand/contracts';
import type { Model } from '@errand/ports/model';
import type { Planner } from '@errand/ports/planner';
import { fillWithModel } from '../model/fill.ts';
import { type Cause, Job } from './job.ts';
import { PlanJob } from './plan-job.ts';
import type { CrossingSearch, JobAnswer, ToolHit } from './protocol.ts';
import type { ThreadLimits } from './thread-limits.ts';
import { ThreadPool } from './thread-pool.ts';

export type PlannerThreadsOptions = Partial<ThreadLimits> & {
  /** The program of the threads: a file that calls `servePlans`. */
  entry: URL;
  /** Absent: the program of the threads selects a planner. */
  model?: Model;
  /** A secret of the service for the delimiters of data in prompts. Absent: each conversation has random ones. */
  secret?: () => Buffer;
  /** Maximum number of threads; they start on first use. */
  threads?: number;
};

export type PlannerThreads = Planner<ToolSource> & {
  /**
   * The tools that match a text, best first; others are left out.
   * @throws ProblemError validation_failed for more tools than a thread may have, unavailable when the thread was killed
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
 * A planner, and a search for tools, in threads that can be killed: reading and indexing thousands of tools takes seconds. A thread caches
 * the tools it has read, by their keys. Calls of the model and the checker run in this thread.
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

export type SearchRequest = CrossingSearch & { tools: ToolSource; signal: AbortSignal };

class SearchJob extends Job<ToolHit[]> {
  readonly kind = 'search';
  readonly text: string;

  constructor({ tools, signal, text, limit }: SearchRequest) {
    super(tools, signal);
    this.text = JSON.stringify({ text, limit } satisfies CrossingSearch);
  }

  answer(): Promise<JobAnswer> {
    throw new Error('A search sent a request to the service.');
  }

  giveUp(why: string, cause: Cause): void {
    const remedy = cause === 'request' ? 'Shorten the text, or name fewer integrations.' : 'Name fewer integrations.';
    this.fail(problem('unavailable', `The search ${why}. ${remedy}`));
  }

  refuse(reason: string): void {
    this.fail(problem('validation_failed', reason));
  }
}

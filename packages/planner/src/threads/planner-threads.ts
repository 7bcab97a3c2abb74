import {
  addUsage,
  type ErrorValues,
  ModelFailure,
  type PlanDraft,
  type PlanRequest,
  problem,
  type TokenUsage,
  type ToolSource,
} from '@errand/contracts';
import type { AskModel, Model } from '@errand/ports/model';
import type { Traced } from '@errand/ports/observer';
import type { Planner } from '@errand/ports/planner';
import { charging } from '../model/charging.ts';
import { fillWithModel } from '../model/fill.ts';
import { dataKey } from '../model/untrusted.ts';
import { type BudgetCause, Job } from './job.ts';
import type { JobAnswer, JobQuery, SearchQuery, SentRequest, ToolHit } from './protocol.ts';
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
  largePlanTools: 200,
  timeoutMs: 60_000,
  maxOldGenerationSizeMb: 768,
  maxToolBytes: 64 * MIB,
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
    plan: (request: PlanRequest<ToolSource> & Traced): Promise<PlanDraft> =>
      pool.run(new PlanJob(request, model?.ask, secret?.())),
    search: (request) => pool.run(new SearchJob(request)),
    ...(model ? { replans: true, fill: (request) => fillWithModel(request, model.ask) } : { looks: true }),
    close: () => pool.close(),
  };
}

const REMEDIES: Record<BudgetCause, string> = {
  request: 'Shorten the intent and the context, or select fewer integrations.',
  tools: 'Select fewer integrations, or enable fewer of their tools.',
};

class PlanJob extends Job<PlanDraft> {
  readonly #model: AskModel | undefined;

  readonly kind = 'plan';
  readonly requestJson: string;
  readonly usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };

  /** @param secret for the keys of data blocks */
  constructor(
    private readonly request: PlanRequest<ToolSource> & Traced,
    model: AskModel | undefined,
    secret?: Buffer,
  ) {
    super(request.tools, request.signal);
    this.#model = model && charging(model, request.spend);

    const { tools, signal: _, check: __, spend: ___, span: ____, ...crossing } = request;
    const day = request.now.slice(0, 10);
    const key = secret && dataKey(secret, [tools.workspaceId, day, ...tools.sets.map((set) => set.key)]);
    this.requestJson = JSON.stringify({ ...crossing, ...(key && { dataKey: key }) } satisfies SentRequest);
  }

  async answer(query: JobQuery): Promise<JobAnswer> {
    if ('check' in query) return { complaints: await this.request.check(query.check) };
    if (!this.#model) throw new Error('A planner without a model called a model.');
    const usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };
    try {
      return {
        model: await this.#model({ ...query.model, signal: this.signal, span: this.request.span }, usage),
        usage,
      };
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error;
      return { failed: { message: error.message, retryable: error.retryable }, usage };
    } finally {
      addUsage(this.usage, usage);
    }
  }

  override end(draft: PlanDraft): void {
    // Counted here: a thread that ended may have called the model, too.
    super.end({ ...draft, usage: this.usage });
  }

  endOverBudget(why: string, cause: BudgetCause): void {
    this.#none('plan_failed', `Planning ${why}. ${REMEDIES[cause]}`, { limit: cause });
  }

  endWithTooManyTools(reason: string): void {
    this.#none('no_plan', reason);
  }

  #none(code: 'no_plan' | 'plan_failed', reason: string, values?: ErrorValues): void {
    this.end({ kind: 'none', code, reason, ...(values && { values }), retryable: false, usage: this.usage });
  }
}

export type SearchRequest = SearchQuery & { tools: ToolSource; signal: AbortSignal };

class SearchJob extends Job<ToolHit[]> {
  readonly kind = 'search';
  readonly requestJson: string;

  constructor({ tools, signal, text, limit }: SearchRequest) {
    super(tools, signal);
    this.requestJson = JSON.stringify({ text, limit } satisfies SearchQuery);
  }

  answer(): Promise<JobAnswer> {
    throw new Error('A search sent a request to the service.');
  }

  endOverBudget(why: string, cause: BudgetCause): void {
    const remedy = cause === 'request' ? 'Shorten the text, or name fewer integrations.' : 'Name fewer integrations.';
    this.fail(problem('unavailable', `The search ${why}. ${remedy}`));
  }

  endWithTooManyTools(reason: string): void {
    this.fail(problem('validation_failed', reason));
  }
}

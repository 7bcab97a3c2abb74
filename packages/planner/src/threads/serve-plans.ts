import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { currentThreadId, processorMsOf } from '@errand/basics/processor-time';
import { addUsage, ModelFailure, type PlanDraft, type ToolSpec } from '@errand/contracts';
import type { AskModel } from '@errand/ports/model';
import type { Planner } from '@errand/ports/planner';
import { LRUCache } from 'lru-cache';
import { forgetTools, indexTools, joinTools, searchTools } from '../search/search-tools.ts';
import type {
  FromThread,
  JobAnswer,
  JobQuery,
  PlannerChoice,
  SearchQuery,
  SentRequest,
  ToolHit,
  ToThread,
} from './protocol.ts';

/** Refuses each request: the service has no model, and no other planner is installed. */
const noPlanner: Planner = {
  plan: async () => ({
    kind: 'none',
    code: 'no_plan',
    reason: 'No planner is installed. Set ERRAND_MODEL_PROVIDER and ERRAND_MODEL, or create the run with a plan.',
    retryable: false,
    usage: { inputTokens: 0, outputTokens: 0 },
  }),
};

/** Creates a planner that works without a model. @param tools of the request, which it may read before it plans */
export type PlannerWithoutModel = (tools: readonly ToolSpec[]) => Planner;

export type ThreadOptions = {
  /** Loads the planner of a service without a model. Absent: such a service refuses to plan. */
  withoutModel?: () => Promise<PlannerWithoutModel>;
};

type PlannerOf = (tools: readonly ToolSpec[], askModel: AskModel) => Planner;
type JobMessage = ToThread & { type: 'plan' | 'search' };
type Waiting = { answer: (answer: JobAnswer) => void; fail: (error: Error) => void };

/** The body of a thread that plans and searches. The thread may be killed at any moment; messages are its only access to the service. */
export async function servePlans(options: ThreadOptions = {}): Promise<void> {
  if (parentPort === null) throw new Error('This is the body of a thread; call createPlannerThreads() instead.');
  const jobs = new JobsOfThread(parentPort, await load(workerData as PlannerChoice, options));
  parentPort.on('message', (message: ToThread) => jobs.receive(message));
  jobs.reportReady();
}

/** Loads only the selected planner: each is hundreds of kilobytes of words or prompts. */
async function load({ model }: PlannerChoice, { withoutModel }: ThreadOptions): Promise<PlannerOf> {
  if (!model) return withoutModel ? await withoutModel() : () => noPlanner;
  const { planWithModel } = await import('../model/plan.ts');
  return (_, askModel) => ({ plan: (request) => planWithModel(request, askModel, model) });
}

class JobsOfThread {
  readonly #thread = currentThreadId();
  readonly #toolLists = new ToolLists();
  readonly #stops = new Map<number, AbortController>();
  readonly #waiting = new Map<number, Waiting>();

  constructor(
    private readonly port: MessagePort,
    private readonly plannerOf: PlannerOf,
  ) {}

  reportReady(): void {
    this.#post({ type: 'ready', thread: this.#thread });
  }

  receive(message: ToThread): void {
    switch (message.type) {
      case 'add-tools':
        this.#toolLists.add(message.key, message.texts);
        break;
      case 'drop-tools':
        this.#toolLists.drop(message.key);
        break;
      case 'plan':
        void this.#run(message.job, this.#plan(message));
        break;
      case 'search':
        void this.#run(message.job, this.#search(message));
        break;
      case 'answer':
        this.#answer(message);
        break;
      case 'abort':
        this.#stop(message.job);
    }
  }

  async #run(job: number, work: Promise<unknown>): Promise<void> {
    try {
      this.#post({ type: 'result', job, result: JSON.stringify(await work) });
    } catch (error) {
      this.#post({ type: 'failed', job, message: error instanceof Error ? error.message : String(error) });
    }
    this.#forget(job);
  }

  async #plan({ job, keys, request }: JobMessage): Promise<PlanDraft> {
    const stop = new AbortController();
    this.#stops.set(job, stop);
    const tools = this.#toolsOf(keys);
    const planner = this.plannerOf(tools, this.#askModel(job));
    this.#reportIndexed(job);
    return planner.plan({
      ...(JSON.parse(request) as SentRequest),
      tools,
      signal: stop.signal,
      check: async (plan) => {
        const answered = await this.#ask(job, { check: plan });
        return 'complaints' in answered ? answered.complaints : [];
      },
    });
  }

  async #search({ job, keys, request }: JobMessage): Promise<ToolHit[]> {
    const tools = this.#toolsOf(keys);
    this.#reportIndexed(job);
    const { text, limit } = JSON.parse(request) as SearchQuery;
    return searchTools(tools, text, limit).map(({ tool: { name }, score }) => ({ name, score }));
  }

  #toolsOf(keys: readonly string[]): readonly ToolSpec[] {
    const tools = this.#toolLists.of(keys);
    indexTools(tools);
    return tools;
  }

  #reportIndexed(job: number): void {
    this.#post({ type: 'indexed', job, processorMs: processorMsOf(this.#thread) });
  }

  /** Calls the model through the service. */
  #askModel(job: number): AskModel {
    return async ({ signal: _, ...prompt }, usage) => {
      const answered = await this.#ask(job, { model: prompt });
      if ('complaints' in answered) throw new Error('The request was for the model, but a checker answered.');
      addUsage(usage, answered.usage);
      if ('failed' in answered) throw new ModelFailure(answered.failed.message, answered.failed);
      return answered.model;
    };
  }

  #ask(job: number, query: JobQuery): Promise<JobAnswer> {
    return new Promise((answer, fail) => {
      this.#waiting.set(job, { answer, fail });
      this.#post({ type: 'query', job, query: JSON.stringify(query) });
    });
  }

  #answer({ job, answer }: ToThread & { type: 'answer' }): void {
    const waiting = this.#waiting.get(job);
    this.#waiting.delete(job);
    waiting?.answer(JSON.parse(answer) as JobAnswer);
  }

  #stop(job: number): void {
    const waiting = this.#waiting.get(job);
    this.#stops.get(job)?.abort();
    waiting?.fail(new ModelFailure('Planning was aborted.', { retryable: true }));
    this.#forget(job);
  }

  #forget(job: number): void {
    this.#stops.delete(job);
    this.#waiting.delete(job);
  }

  #post(message: FromThread): void {
    this.port.postMessage(message);
  }
}

/** The tool lists of a thread. The same sets always give the same list, so that it is indexed once. */
class ToolLists {
  readonly #sets = new Map<string, ToolSpec[]>();
  // Joined lists. Each has a separate index, and few selections recur.
  readonly #lists = new LRUCache<string, readonly ToolSpec[]>({ max: 8 });

  add(key: string, texts: readonly string[]): void {
    const tools = texts.map((text) => JSON.parse(text) as ToolSpec);
    const existing = this.#sets.get(key);
    if (existing) existing.push(...tools);
    else this.#sets.set(key, tools);
  }

  drop(key: string): void {
    const set = this.#sets.get(key);
    if (set) forgetTools(set);
    this.#sets.delete(key);
    for (const name of [...this.#lists.keys()]) if (name.split('\n').includes(key)) this.#lists.delete(name);
  }

  of(keys: readonly string[]): readonly ToolSpec[] {
    if (keys.length === 1) return this.#sets.get(keys[0]!) ?? [];
    const name = keys.join('\n');
    const cached = this.#lists.get(name);
    if (cached) return cached;
    const list = joinTools(keys.map((key) => this.#sets.get(key) ?? []));
    this.#lists.set(name, list);
    return list;
  }
}

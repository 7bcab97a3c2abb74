import {
  addUsage,
  ModelFailure,
  type PlanDraft,
  type PlanRequest,
  type TokenUsage,
  type ToolSource,
} from '@errand/contracts';
import type { AskModel } from '@errand/ports/model';
import { charging } from '../model/charging.ts';
import { dataKey } from '../model/untrusted.ts';
import { type Cause, Job } from './job.ts';
import type { CrossingRequest, JobAnswer, JobQuery } from './protocol.ts';

const REMEDIES: Record<Cause, string> = {
  request: 'Shorten the intent and the context, or select fewer integrations.',
  tools: 'Select fewer integrations, or enable fewer of their tools.',
};

export class PlanJob extends Job<PlanDraft> {
  readonly #request: PlanRequest<ToolSource>;
  readonly #model: AskModel | undefined;

  readonly kind = 'plan';
  readonly text: string;
  readonly usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };

  /** @param secret for the keys of data blocks */
  constructor(request: PlanRequest<ToolSource>, model: AskModel | undefined, secret?: Buffer) {
    super(request.tools, request.signal);
    this.#request = request;
    this.#model = model && charging(model, request.spend);

    const { tools, signal: _, check: __, spend: ___, ...crossing } = request;
    const day = request.now.slice(0, 10);
    const key = secret && dataKey(secret, [tools.workspaceId, day, ...tools.sets.map((set) => set.key)]);
    this.text = JSON.stringify({ ...crossing, ...(key && { dataKey: key }) } satisfies CrossingRequest);
  }

  async answer(query: JobQuery): Promise<JobAnswer> {
    if ('check' in query) return { complaints: await this.#request.check(query.check) };
    if (!this.#model) throw new Error('A planner without a model called a model.');
    const usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };
    try {
      return { model: await this.#model({ ...query.model, signal: this.signal }, usage), usage };
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

  giveUp(why: string, cause: Cause): void {
    this.#none('plan_failed', `Planning ${why}. ${REMEDIES[cause]}`);
  }

  refuse(reason: string): void {
    this.#none('no_plan', reason);
  }

  #none(code: 'no_plan' | 'plan_failed', reason: string): void {
    this.end({ kind: 'none', code, reason, retryable: false, usage: this.usage });
  }
}

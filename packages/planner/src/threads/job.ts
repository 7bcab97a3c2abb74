import type { PlanDraft, PlanRequest, TokenUsage, ToolSource } from '@errand/contracts';
import type { AskModel } from '../model/model.ts';
import { ModelFailure } from '../model/model-failure.ts';
import type { Answered, Asked, CrossingRequest } from './protocol.ts';

/** One plan that is asked for: what threads need of it, and what they ask of the service meanwhile. */
export class Job {
  readonly #request: PlanRequest<ToolSource>;
  readonly #model: AskModel | undefined;

  static #last = 0;
  readonly id = ++Job.#last;
  readonly done: Promise<PlanDraft>;
  /** As JSON. */
  readonly text: string;
  readonly usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };
  /** How many threads died under it. */
  deaths = 0;
  settled = false;
  #resolve!: (draft: PlanDraft) => void;
  #reject!: (error: unknown) => void;

  constructor(request: PlanRequest<ToolSource>, model: AskModel | undefined) {
    this.#request = request;
    this.#model = model;

    const { tools: _, signal: __, check: ___, ...crossing } = request;
    this.text = JSON.stringify(crossing satisfies CrossingRequest);
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get tenant(): string {
    return this.#request.tools.workspaceId;
  }

  get sets() {
    return this.#request.tools.sets;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  /** Answers a thread. @throws what the checker throws: the database's trouble */
  async answer(asked: Asked): Promise<Answered> {
    if ('check' in asked) return { complaints: await this.#request.check(asked.check) };
    if (!this.#model) throw new Error('A planner without a model asked for one.');
    const usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };
    try {
      return { model: await this.#model({ ...asked.model, signal: this.signal }, usage), usage };
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error;
      return { failed: { message: error.message, retryable: error.retryable }, usage };
    } finally {
      this.usage.inputTokens += usage.inputTokens;
      this.usage.outputTokens += usage.outputTokens;
    }
  }

  end(draft: PlanDraft): void {
    this.settled = true;
    // Counted here: a thread that died had asked the model, too.
    this.#resolve({ ...draft, usage: this.usage });
  }

  none(reason: string, code: 'no_plan' | 'plan_failed' = 'plan_failed'): void {
    this.end({ kind: 'none', code, reason, retryable: false, usage: this.usage });
  }

  fail(error: unknown): void {
    this.settled = true;
    this.#reject(error);
  }
}

import { cleanText, cut } from '@errand/basics/plain-words';
import { type JsonSchema, ModelFailure, type PlanDraft, type PlanRequest, type TokenUsage } from '@errand/contracts';
import type { AskModel, ModelAnswer, ModelPlanning } from '@errand/ports/model';
import { Conversation } from './conversation.ts';
import { judge, type Verdict } from './judge.ts';
import { cacheKeyOf } from './untrusted.ts';
import { type Complaint, modelQuote, whyUnusable } from './why-unusable.ts';

/**
 * The shape of a planning answer, for endpoints that enforce a schema. It is open wherever the checker is stricter, so it never forbids a
 * valid plan.
 */
const ANSWER_SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    goal: { type: 'string' },
    steps: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          id: { type: 'string' },
          tool: { type: 'string' },
          args: { type: 'object', additionalProperties: true },
        },
        required: ['id', 'tool'],
        additionalProperties: true,
      },
    },
    ask: {
      type: 'object',
      properties: { question: { type: 'string' } },
      required: ['question'],
      additionalProperties: true,
    },
    none: { type: 'string' },
    tools: { type: 'array', items: { type: 'string' } },
    search: { type: 'array', items: { type: 'string' } },
  },
  additionalProperties: true,
};

type None = Extract<PlanDraft, { kind: 'none' }>;
type Unfinished = Extract<Verdict, { look: unknown } | { complaints: unknown }>;
const LOOKED_ENOUGH = 'Nothing more can be looked up: answer with the plan, or {"none": "why"}.';

/**
 * Requests a plan: answers the model's looks, and lets it correct its plan while the checker complains and repairs remain. A repeated
 * answer ends the conversation, because it would only be repeated again.
 */
export async function planWithModel(request: PlanRequest, ask: AskModel, settings: ModelPlanning): Promise<PlanDraft> {
  const planning = new PlanningWithModel(request, ask, settings);
  if (request.tools.length === 0)
    return planning.none('no_plan', 'No tool may be used, so there is nothing to plan with.');
  return planning.run();
}

class PlanningWithModel {
  readonly #usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };
  readonly #conversation: Conversation;
  readonly #earlierKeys = new Set<string>();
  #repairs = 0;

  constructor(
    private readonly request: PlanRequest,
    private readonly ask: AskModel,
    private readonly settings: ModelPlanning,
  ) {
    this.#conversation = new Conversation(request, settings.maxToolsShown);
  }

  none(code: None['code'], reason: string, retryable = false, errors?: None['errors']): PlanDraft {
    const text = cut(cleanText(reason), 2000);
    return { kind: 'none', code, reason: text, ...(errors && { errors }), retryable, usage: this.#usage };
  }

  async run(): Promise<PlanDraft> {
    try {
      for (;;) {
        const draft = await this.#askOnce();
        if (draft) return draft;
      }
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error;
      // Endpoints quote prompts in their errors, including the key of the data blocks.
      return this.none(error.code, this.#conversation.withoutDataKey(error.message), error.retryable);
    }
  }

  /** Calls the model and reads its answer. @returns undefined when the model must be called again */
  async #askOnce(): Promise<PlanDraft | undefined> {
    const { signal, dataKey } = this.request;
    const cacheKey = dataKey && cacheKeyOf(dataKey);
    const prompt = { ...this.#conversation.prompt, schema: ANSWER_SCHEMA, ...(cacheKey && { cacheKey }), signal };
    const response = await this.ask(prompt, this.#usage);
    const answer = { ...response, text: this.#conversation.withoutDataKey(response.text) };
    if (answer.finish === 'content-filter')
      return this.none('no_plan', `The model refused to plan this.${modelQuote(answer.text)}`);
    const verdict = await judge(answer, this.request, this.settings.maxOutputTokens);
    if ('plan' in verdict) {
      const { madeBy = this.settings.madeBy } = answer;
      return { kind: 'plan', plan: verdict.plan, usage: this.#usage, madeBy };
    }
    if ('none' in verdict) return this.none('no_plan', verdict.none);
    if ('question' in verdict) return { kind: 'question', question: verdict.question, usage: this.#usage };
    return this.#reply(answer, verdict);
  }

  /** Answers a look, or complains about a plan. @returns a draft when the model is not called again */
  #reply(answer: ModelAnswer, verdict: Unfinished): PlanDraft | undefined {
    const transcript = answer.finish === 'length' ? '(cut off)' : answer.text.trim() || '(empty)';
    const contentKey = contentKeyOf(verdict, answer.text);
    const isRepeated = this.#earlierKeys.has(contentKey);
    this.#earlierKeys.add(contentKey);
    if ('look' in verdict && !isRepeated && this.#conversation.answerLook(transcript, verdict.look)) return undefined;
    const complaints = 'look' in verdict ? [{ pointer: '', message: LOOKED_ENOUGH }] : verdict.complaints;
    if (isRepeated || this.#repairs === this.settings.maxRepairs) {
      const tries = isRepeated ? '' : `The model gave no usable plan in ${triesIn(this.#repairs + 1)}. `;
      const why = whyUnusable(answer, verdict, this.settings.maxOutputTokens);
      return this.none('plan_failed', `${tries}${why}`, false, errorsOf(complaints));
    }
    this.#repairs++;
    this.#conversation.complain(transcript, complaints, 'draft' in verdict ? verdict.draft : undefined);
    return undefined;
  }
}

const triesIn = (count: number) => `${count} ${count === 1 ? 'try' : 'tries'}`;

/** A key that is equal for answers with the same content. */
function contentKeyOf(verdict: Unfinished, text: string): string {
  const content = 'look' in verdict ? verdict.look : verdict.draft;
  return content === undefined ? text.trim() : JSON.stringify(content);
}

const errorsOf = (complaints: readonly Complaint[]): Complaint[] =>
  complaints.slice(0, 5).map(({ pointer, message }) => ({ pointer, message: cut(cleanText(message), 500) }));

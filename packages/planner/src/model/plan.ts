import { cleanText, cut } from '@errand/basics/plain-words';
import { ModelFailure, type PlanDraft, type PlanRequest, type TokenUsage } from '@errand/contracts';
import type { AskModel, ModelPlanning } from '@errand/ports/model';
import { ANSWER_SCHEMA } from './answer-schema.ts';
import { Conversation } from './conversation.ts';
import { type Complaint, judge, type Verdict } from './judge.ts';
import { cacheKeyOf } from './untrusted.ts';
import { said, whyUnusable } from './why-unusable.ts';

type None = Extract<PlanDraft, { kind: 'none' }>;
const LOOKED_ENOUGH = 'Nothing more can be looked up: answer with the plan, or {"none": "why"}.';

/**
 * Asks for a plan: shows the model what it asks to see, and lets it mend its plan as long as the checker complains and repairs are left. An answer
 * that it gave before ends it, because it would only be given again.
 */
export async function planWithModel(request: PlanRequest, ask: AskModel, settings: ModelPlanning): Promise<PlanDraft> {
  const usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };
  const none = (code: None['code'], reason: string, retryable = false, errors?: None['errors']): PlanDraft => ({
    kind: 'none',
    code,
    reason: cut(cleanText(reason), 2000),
    ...(errors && { errors }),
    retryable,
    usage,
  });
  if (request.tools.length === 0) return none('no_plan', 'No tool may be used, so there is nothing to plan with.');

  const conversation = new Conversation(request, settings.maxToolsShown);
  const { signal, dataKey } = request;
  const common = { schema: ANSWER_SCHEMA, ...(dataKey && { cacheKey: cacheKeyOf(dataKey) }), signal };
  const earlier = new Set<string>();
  try {
    for (let repairs = 0; ; ) {
      const answer = await ask({ ...conversation.prompt, ...common }, usage);
      const text = conversation.read(answer.text);
      if (answer.finish === 'content-filter') return none('no_plan', `The model refused to plan this.${said(text)}`);
      const verdict = await judge({ ...answer, text }, request, settings.maxOutputTokens);
      if ('plan' in verdict) {
        const { madeBy = settings.madeBy } = answer;
        return { kind: 'plan', plan: verdict.plan, usage, madeBy };
      }
      if ('none' in verdict) return none('no_plan', verdict.none);
      if ('question' in verdict) return { kind: 'question', question: verdict.question, usage };
      const kept = answer.finish === 'length' ? '(cut off)' : text.trim() || '(empty)';
      const isRepeated = earlier.has(sameOf(verdict, text));
      earlier.add(sameOf(verdict, text));
      if ('look' in verdict && !isRepeated && conversation.look(kept, verdict.look)) continue;
      const complaints = 'look' in verdict ? [{ pointer: '', message: LOOKED_ENOUGH }] : verdict.complaints;
      if (isRepeated || repairs++ === settings.maxRepairs) {
        const why = whyUnusable({ ...answer, text }, verdict, settings.maxOutputTokens);
        const tries = `The model gave no usable plan in ${repairs} ${repairs === 1 ? 'try' : 'tries'}. `;
        return none('plan_failed', `${isRepeated ? '' : tries}${why}`, false, errorsOf(complaints));
      }
      conversation.complain(kept, complaints, 'draft' in verdict ? verdict.draft : undefined);
    }
  } catch (error) {
    if (!(error instanceof ModelFailure)) throw error;
    // Endpoints quote prompts, and so the key of the data, in their errors.
    return none(error.code, conversation.read(error.message), error.retryable);
  }
}

/** What is equal for answers that say the same. */
function sameOf(verdict: Extract<Verdict, { look: unknown } | { complaints: unknown }>, text: string): string {
  const meant = 'look' in verdict ? verdict.look : verdict.draft;
  return meant === undefined ? text.trim() : JSON.stringify(meant);
}

const errorsOf = (complaints: readonly Complaint[]): Complaint[] =>
  complaints.slice(0, 5).map(({ pointer, message }) => ({ pointer, message: cut(cleanText(message), 500) }));

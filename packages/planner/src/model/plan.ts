import { orAborted } from '@errand/basics/or-aborted';
import type { PlanDraft, PlanRequest, TokenUsage, ToolSpec } from '@errand/contracts';
import { Plan } from '@errand/contracts';
import { extractJson } from './extract-json.ts';
import { looksLikeAnswer, mendPlan, reasonForNone } from './mend-plan.ts';
import type { AskModel, Message, ModelAnswer, ModelPlanning } from './model.ts';
import { ModelFailure } from './model-failure.ts';
import { planPrompt, planSystemPrompt } from './plan-prompt.ts';
import { selectTools } from './select-tools.ts';
import { showTools, withSeen } from './show-tools.ts';
import { cleanText, cut, DataBlocks } from './untrusted.ts';

type Complaint = { pointer: string; message: string };
/** The outcome of one answer. */
type Verdict = { plan: Plan } | { none: string } | { complaints: readonly Complaint[]; draft?: unknown };

const MAX_COMPLAINTS = 30;

/** Asks for a plan, and for a better one as long as the checker complains and repairs are left. */
export async function planWithModel(request: PlanRequest, ask: AskModel, settings: ModelPlanning): Promise<PlanDraft> {
  const usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };
  type None = Extract<PlanDraft, { kind: 'none' }>;
  const none = (code: None['code'], reason: string, retryable = false, errors?: None['errors']): PlanDraft => ({
    kind: 'none',
    code,
    reason: cut(cleanText(reason), 2000),
    ...(errors && { errors }),
    retryable,
    usage,
  });
  if (request.tools.length === 0) return none('no_plan', 'No tool may be used, so there is nothing to plan with.');

  const blocks = new DataBlocks();
  const selection = selectTools(
    request.tools,
    `${request.intent}\n${request.context.slice(0, 4000)}`,
    settings.maxToolsShown,
    new Set(request.previous?.plan.steps.map((step) => step.tool)),
  );
  const seen = new Set(selection.full.map((tool) => tool.name));
  const first: Message = { role: 'user', content: planPrompt(request, selection, blocks) };
  let messages: Message[] = [first];
  let complaints: readonly Complaint[] = [];

  try {
    for (let attempt = 0; attempt <= settings.maxRepairs; attempt++) {
      const answer = await ask({ system: planSystemPrompt(blocks), messages, signal: request.signal }, usage);
      if (answer.finish === 'content-filter')
        return none('no_plan', `The model refused to plan this.${quote(answer.text)}`);
      const verdict = await judge(answer, request, settings.maxOutputTokens);
      if ('plan' in verdict) return { kind: 'plan', plan: verdict.plan, usage, madeBy: settings.madeBy };
      if ('none' in verdict) return none('no_plan', verdict.none);
      complaints = verdict.complaints;
      // The conversation holds only the last attempt: it must not grow with every repair.
      messages = [
        first,
        { role: 'assistant', content: answer.finish === 'length' ? '(cut off)' : answer.text.trim() || '(empty)' },
        {
          role: 'user',
          content: repairPrompt(
            verdict,
            withSeen(unseenTools(verdict.draft, request.tools, seen), request.seenOutputs),
            blocks,
          ),
        },
      ];
    }
  } catch (error) {
    if (!(error instanceof ModelFailure)) throw error;
    return none(error.code, error.message, error.retryable);
  }
  const asked = settings.maxRepairs + 1;
  return none(
    'plan_failed',
    `The model gave no usable plan in ${asked} ${asked === 1 ? 'try' : 'tries'}.`,
    false,
    complaints.slice(0, 5).map(({ pointer, message }) => ({ pointer, message: cut(cleanText(message), 500) })),
  );
}

async function judge(answer: ModelAnswer, request: PlanRequest, maxOutputTokens: number): Promise<Verdict> {
  const found = extractJson(answer.text, looksLikeAnswer);
  if (!found.ok) {
    const message =
      answer.finish === 'length'
        ? `The answer was cut off at ${maxOutputTokens} tokens. Write a shorter plan: fewer steps, forEach for like items, short reasons.`
        : `${found.complaint}${quote(answer.text)}`;
    return { complaints: [{ pointer: '', message }] };
  }
  const reason = reasonForNone(found.value);
  if (reason !== undefined)
    return { none: reason.trim() || 'The model found no way to reach the goal with these tools.' };
  const draft = mendPlan(found.value, request.tools);
  const unusable = await orAborted(request.check(draft), request.signal).catch((error: unknown) => {
    if (request.signal.aborted) throw new ModelFailure('Planning was aborted.', { retryable: true });
    throw error;
  });
  if (unusable.length > 0) return { complaints: unusable, draft };
  const plan = Plan.safeParse(draft);
  if (plan.success) return { plan: plan.data };
  return {
    complaints: plan.error.issues.map(({ path, message }) => ({
      pointer: path.map((part) => `/${String(part)}`).join(''),
      message,
    })),
    draft,
  };
}

function repairPrompt(
  { complaints, draft }: Extract<Verdict, { complaints: unknown }>,
  unseen: readonly ToolSpec[],
  blocks: DataBlocks,
): string {
  const parts = [
    'This answer cannot be used. What is wrong with it, by JSON pointer where there is one:',
    blocks.write('complaints', list(complaints.slice(0, MAX_COMPLAINTS)), 16 * 1024),
  ];
  if (unseen.length > 0)
    parts.push(
      'What the tools take that you used by name alone:',
      blocks.write('tools', showTools(unseen), Number.POSITIVE_INFINITY),
    );
  parts.push(
    draft === undefined
      ? 'Answer again with exactly one JSON object: the plan, or {"none": "why"}.'
      : 'Mend all of it and answer again with the whole plan as one JSON object, or {"none": "why"} when it cannot be mended.',
  );
  return parts.join('\n\n');
}

/** Tools that the draft uses and the model has not seen in full; from now on it has. */
function unseenTools(draft: unknown, tools: readonly ToolSpec[], seen: Set<string>): ToolSpec[] {
  const steps = (draft as { steps?: { tool?: unknown }[] } | undefined)?.steps;
  const used = new Set(Array.isArray(steps) ? steps.map((step) => step?.tool) : []);
  return tools.filter((tool) => used.has(tool.name) && !seen.has(tool.name)).slice(0, 20);
}

const list = (complaints: readonly Complaint[]): string =>
  complaints.map(({ pointer, message }) => `${pointer ? `${pointer}: ` : ''}${cut(message, 500)}`).join('\n');

const quote = (text: string): string => (text.trim() ? ` It said: ${JSON.stringify(cut(text.trim(), 200))}` : '');

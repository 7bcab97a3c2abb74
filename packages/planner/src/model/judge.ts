import { isRecord } from '@errand/basics/is-record';
import { orAborted } from '@errand/basics/or-aborted';
import { ModelFailure, Plan, type PlanRequest, Question } from '@errand/contracts';
import type { ModelAnswer } from '@errand/ports/model';
import { extractJson } from './extract-json.ts';
import { looksLikeAnswer, mendPlan, questionIn, reasonForNone } from './mend-plan.ts';
import { type Complaint, complaintText } from './why-unusable.ts';

/** A look before planning: the shapes of tools, or a search for names of tools. */
export type Look = { tools: readonly string[] } | { search: readonly string[] };

/** The meaning of an answer; `complaints`: why it is unusable. */
export type Verdict =
  | { plan: Plan }
  | { question: Question }
  | { none: string }
  | { look: Look }
  | { complaints: readonly Complaint[]; draft?: unknown };

const MAX_LOOKED_AT = 20;
const MAX_SEARCHES = 5;

/** Reads the meaning of an answer, and checks the plan in it. */
export async function judge(
  answer: ModelAnswer,
  request: Pick<PlanRequest, 'tools' | 'check' | 'mayAsk' | 'signal'>,
  maxOutputTokens: number,
): Promise<Verdict> {
  const extracted = extractJson(answer.text, (value) => looksLikeAnswer(value) || lookOf(value) !== undefined);
  if (!extracted.ok)
    return { complaints: [{ pointer: '', message: complaintText(answer, extracted.complaint, maxOutputTokens) }] };
  const reason = reasonForNone(extracted.value);
  if (reason !== undefined)
    return { none: reason.trim() || 'The model found no way to reach the goal with these tools.' };
  const question = questionIn(extracted.value);
  if (question !== undefined) return judgeQuestion(question, request.mayAsk);
  const look = lookOf(extracted.value);
  if (look) return { look };
  const draft = mendPlan(extracted.value, request.tools);
  const unusable = await orAborted(request.check(draft), request.signal).catch((error: unknown) => {
    if (request.signal.aborted) throw new ModelFailure('Planning was aborted.', { retryable: true });
    throw error;
  });
  if (unusable.length > 0) return { complaints: unusable, draft };
  const plan = Plan.safeParse(draft);
  return plan.success ? { plan: plan.data } : { complaints: complaintsOf(plan.error), draft };
}

function judgeQuestion(draft: unknown, mayAsk: boolean | undefined): Verdict {
  const message = 'No more questions may be asked. Answer with the plan, made of what is known, or {"none": "why"}.';
  if (!mayAsk) return { complaints: [{ pointer: '/ask', message }] };
  const question = Question.safeParse(draft);
  return question.success ? { question: question.data } : { complaints: complaintsOf(question.error, '/ask') };
}

type Faults = { issues: readonly { path: readonly PropertyKey[]; message: string }[] };

const complaintsOf = ({ issues }: Faults, at = ''): Complaint[] =>
  issues.map(({ path, message }) => ({ pointer: at + path.map((part) => `/${String(part)}`).join(''), message }));

/** The look in an answer. An answer with a plan has none. */
function lookOf(value: unknown): Look | undefined {
  if (!isRecord(value) || 'steps' in value || 'plan' in value) return undefined;
  const texts = (list: unknown, max: number) =>
    (Array.isArray(list) ? list : [list])
      .filter((text): text is string => typeof text === 'string' && text.trim() !== '')
      .slice(0, max)
      .map((text) => text.slice(0, 300));
  const [tools, search] = [texts(value.tools, MAX_LOOKED_AT), texts(value.search, MAX_SEARCHES)];
  if (tools.length > 0) return { tools };
  return search.length > 0 ? { search } : undefined;
}

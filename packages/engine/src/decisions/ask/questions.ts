import {
  choicesOf,
  findFieldsFault,
  type Json,
  type JsonSchema,
  type NewRunEvent,
  QUESTION_LIMITS,
  type Question,
  toFormSchema,
} from '@errand/contracts';
import { jsonText, storable } from '@errand/db';
import type { StepError } from '@errand/plan';
import type { ActivationWriter } from '../../events/writer.ts';
import type { DecisionRequests, RequestFields } from './decision-requests.ts';

/** Maximum questions of a run, including those of its planner. */
const MAX_QUESTIONS = 20;

type Asking = { requests: DecisionRequests; writer: ActivationWriter };

/**
 * RequiredApprovals people a question.
 * @param about the key of the call or of the planner's question
 * @returns the fault that prevents it
 */
export function askQuestion(
  { requests, writer }: Asking,
  question: Question,
  about: { key: string; stepId?: string; tool?: string; sha256?: string },
): StepError | undefined {
  const choices = choicesOf(question);
  const { fields } = question;
  const fault = fields && (choices ? 'A question has either choices or fields.' : findFieldsFault(fields));
  if (fault !== undefined) return { code: 'tool_args_invalid', message: fault };
  const requestedSchema = fields && (storable(toFormSchema(fields) as Json) as JsonSchema);
  const offered = { ...(choices && { choices }), ...(requestedSchema && { requestedSchema }) };
  const args = storable({ question: question.question, ...offered } as Json) as Json & { question: string };
  if (Buffer.byteLength(jsonText(args)) > QUESTION_LIMITS.bytes) {
    const message = `A question with its choices or fields has at most ${QUESTION_LIMITS.bytes / 1024} KiB. Offer fewer, or shorter ones.`;
    return { code: 'tool_args_invalid', message };
  }
  if (requests.subjectCount('question') >= MAX_QUESTIONS) {
    const message = `A run asks people at most ${MAX_QUESTIONS} questions.`;
    return { code: 'budget_exhausted', message, values: { limit: 'questions', max: MAX_QUESTIONS } };
  }
  const request = requests.create({ kind: 'question', text: args.question, args, ...about });
  const event: NewRunEvent = {
    type: 'question',
    requestId: request.decisionRequestId,
    ...(about.stepId !== undefined && { stepId: about.stepId }),
    question: args.question,
    ...offered,
    expiresAt: request.expiresAt!.toISOString(),
  };
  writer.add({ decisionRequest: request, event });
  return undefined;
}

export function unansweredQuestion({ text, decidedBy }: Pick<RequestFields, 'text' | 'decidedBy'>): StepError {
  const who = decidedBy === null ? 'Nobody answered in time' : `${decidedBy} gave no answer`;
  return { code: 'question_unanswered', message: `${who}: ${text}` };
}

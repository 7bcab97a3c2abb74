import {
  type Answer,
  type AnsweredQuestion,
  type AnswerOptions,
  type AnswerQuestionInput,
  type Principal,
  problem,
  type QuestionView,
} from '@errand/contracts';
import { type DecisionRequest, type FoundDecisionRequest, findDecisionRequest, type RunScope } from '@errand/db';
import { canonicalJson, type Sandbox } from '@errand/plan';
import { checkValue, invalid } from '../../model/validate.ts';
import { type DecideDeps, decideOpen } from './decide.ts';

/** A question of a run, for the page that shows it. */
export async function readQuestion(scope: RunScope, requestId: string): Promise<QuestionView> {
  const row = await findQuestion(scope, requestId);
  const open = row.decision === null && !row.expired;
  const state = open ? 'pending' : isAnswered(row) ? 'answered' : 'gone';
  const { choices, requestedSchema } = offerIn(row);
  return {
    requestId,
    runId: row.runId,
    userId: row.userId,
    intent: row.intent,
    question: row.text,
    ...(choices && { choices }),
    ...(requestedSchema && { requestedSchema }),
    ...(row.expiresAt && { expiresAt: row.expiresAt.toISOString() }),
    state,
    ...(state === 'answered' && { answer: answerIn(row) }),
    ...(row.decidedBy !== null && { answeredBy: row.decidedBy }),
  };
}

/**
 * Answers a question, once; the run is due at once.
 * @throws ProblemError question_not_found, question_gone, question_already_answered; validation_failed when the answer fits neither
 * choices nor form
 */
export async function answerQuestion(
  scope: RunScope,
  deps: Pick<DecideDeps, 'publish' | 'makeDue' | 'sandbox'>,
  { requestId, answer }: AnswerQuestionInput,
  by: Principal,
): Promise<AnsweredQuestion> {
  const row = await findQuestion(scope, requestId);
  if (row.decidedAt !== null) return toAnsweredOrConflict(row, answer);
  await checkAnswer(deps.sandbox.for(scope.workspaceId), offerIn(row), answer);
  const outcome = answer === null ? ({ decision: 'deny' } as const) : ({ decision: 'answer', output: answer } as const);
  const decided = await decideOpen(scope, deps, requestId, {
    decision: { ...outcome, by, kinds: ['question'] },
    events: [{ type: 'answer', requestId, answer, answeredBy: by.label }],
  });
  return toAnsweredOrConflict(decided?.request ?? (await findQuestion(scope, requestId)), answer);
}

async function findQuestion(scope: RunScope, requestId: string): Promise<FoundDecisionRequest> {
  const row = await findDecisionRequest(scope, requestId);
  if (row?.kind === 'question') return row;
  throw problem('question_not_found', 'There is no such question.');
}

const offerIn = ({ args }: DecisionRequest): AnswerOptions => (args as AnswerOptions | null) ?? {};

// Only expiry denies without a decider.
const isAnswered = ({ decision, decidedBy }: DecisionRequest): boolean =>
  decision === 'answer' || (decision === 'deny' && decidedBy !== null);

const answerIn = ({ output }: DecisionRequest): Answer => output as Answer;

async function checkAnswer(
  sandbox: Sandbox,
  { choices, requestedSchema }: AnswerOptions,
  answer: Answer,
): Promise<void> {
  if (answer === null) return;
  if (requestedSchema)
    return checkValue(sandbox, requestedSchema, answer, { at: '/answer', detail: 'The answer does not fit the form.' });
  const message = choices
    ? `The answer must be one of these values: ${choices.map(({ value }) => JSON.stringify(value)).join(', ')}.`
    : 'The answer must be a text: the question has no choices.';
  const fits = choices ? choices.some(({ value }) => value === answer) : typeof answer === 'string';
  if (!fits) throw invalid('/answer', message);
}

// The stored answer, if it equals this one.
function toAnsweredOrConflict(row: DecisionRequest, answer: Answer): AnsweredQuestion {
  if (row.decision === 'void') throw problem('question_gone', 'The run has ended; there is nothing left to answer.');
  if (row.decidedAt === null || !isAnswered(row)) throw problem('question_gone', 'The question has expired.');
  const storedAnswer = answerIn(row);
  if (canonicalJson(storedAnswer) !== canonicalJson(answer)) {
    const answerText = storedAnswer === null ? 'with no answer' : JSON.stringify(storedAnswer);
    throw problem('question_already_answered', `It was answered already: ${answerText}.`, {
      values: { answeredBy: row.decidedBy ?? undefined },
    });
  }
  return {
    requestId: row.decisionRequestId,
    runId: row.runId,
    answer: storedAnswer,
    ...(row.decidedBy !== null && { answeredBy: row.decidedBy }),
    answeredAt: row.decidedAt.toISOString(),
  };
}

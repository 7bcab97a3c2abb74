import { type AnsweredPlannerQuestion, type AnswerOptions, answerInWords, Question } from '@errand/contracts';
import type { StepError } from '@errand/plan';
import type { DecisionRequests } from '../../decisions/ask/decision-requests.ts';
import { askQuestion, unansweredQuestion } from '../../decisions/ask/questions.ts';
import type { ActivationWriter } from '../../events/writer.ts';

/** Maximum questions of a run's planner. */
const MAX_QUESTIONS = 3;

// No call has a key of this form.
const questionKey = (n: number): string => `planner:${n}`;

/** The questions that a planner has asked so far. */
export type PlannerQuestions = {
  answers: AnsweredPlannerQuestion[];
  mayAsk: boolean;
  /** Whether a question is unanswered. */
  isOpen: boolean;
  /** The reason why an answer will never come. */
  failure?: StepError;
};

/** The questions of the planner of a run, oldest first. */
export function plannerQuestions(requests: DecisionRequests): PlannerQuestions {
  const answers: AnsweredPlannerQuestion[] = [];
  for (let n = 1; n <= MAX_QUESTIONS; n++) {
    const request = requests.newest('question', questionKey(n));
    if (!request) return { answers, mayAsk: true, isOpen: false };
    if (request.decision === null) return { answers, mayAsk: false, isOpen: true };
    if (request.decision !== 'answer')
      return { answers, mayAsk: false, isOpen: false, failure: unansweredQuestion(request) };
    const answer = request.output as AnsweredPlannerQuestion['answer'];
    const offered = request.args as AnswerOptions;
    const choice = offered.choices?.find(({ value }) => value === answer);
    const label = choice || typeof answer === 'object' ? answerInWords(offered, answer!) : undefined;
    answers.push({ question: request.text, answer, ...(label !== undefined && label !== answer && { label }) });
  }
  return { answers, mayAsk: false, isOpen: false };
}

export const hasAsked = (requests: DecisionRequests): boolean =>
  requests.newest('question', questionKey(1)) !== undefined;

/** RequiredApprovals people a question of the planner. @returns the fault that prevents it */
export function askPlannersQuestion(
  deps: { requests: DecisionRequests; writer: ActivationWriter },
  question: Question,
): StepError | undefined {
  const { answers, mayAsk } = plannerQuestions(deps.requests);
  if (!mayAsk) return { code: 'plan_failed', message: `A planner asks at most ${MAX_QUESTIONS} questions.` };
  const parsed = Question.safeParse(question);
  if (!parsed.success) return { code: 'plan_failed', message: 'The planner asked a question that nobody can read.' };
  return askQuestion(deps, parsed.data, { key: questionKey(answers.length + 1) });
}

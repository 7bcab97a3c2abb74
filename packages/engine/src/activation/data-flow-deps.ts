import type { Claim } from '@errand/db';
import type { Flows } from '@errand/plan';
import type { Approvals } from '../decisions/ask/approvals.ts';
import type { DecisionRequests } from '../decisions/ask/decision-requests.ts';
import { type Envelope, stepHash } from '../model/envelope.ts';
import { AnswerIndex } from './answer-index.ts';
import type { Outputs } from './outputs.ts';
import { userTextsOf } from './planning/plan-check.ts';
import { plannerQuestions } from './planning/planner-questions.ts';

/** The facts by which `Approvals` judges the data flow of a plan: the texts of people, the doubts, and the answers of earlier calls. */
export function dataFlowDeps(
  { plan, doubts = [], earlier, input }: Envelope,
  { run }: Claim,
  { requests, flows, outputs }: { requests: DecisionRequests; flows: Promise<Flows>; outputs: Outputs },
): Parameters<Approvals['setDataFlow']>[0] {
  const { intent, context, userId, user } = run;
  const answeredQuestions = requests.answeredQuestions().map(({ question, answer = null }) => ({ question, answer }));
  const answers = [...answeredQuestions, ...plannerQuestions(requests).answers];
  const texts = { intent, context, userId, answers, ...(user && { user }) };
  const plannedHashes = new Set(earlier?.planned);
  const index = new AnswerIndex(outputs);
  return {
    plan,
    doubts,
    flows,
    userTexts: [...userTextsOf(texts), ...(input ? [JSON.stringify(input)] : [])],
    ...(earlier && {
      later: { isNew: (step) => !plannedHashes.has(stepHash(step)), carried: earlier.carried ?? {} },
    }),
    find: (values) => index.find(values),
  };
}

import type { Answer, QuestionView } from '@errand/contracts';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { requesterOf } from '../links/requester.ts';
import { mountAnswerPage } from './mount-answer-page.ts';
import { answerText, questionPage } from './question-page.ts';
import { readAnswer } from './question-submission.ts';

/** The page on which a person answers a question. Four eyes do not cover questions. */
export function mountQuestions(
  fastify: FastifyInstance,
  deps: Pick<ApiDeps, 'db' | 'engine' | 'approvals' | 'questions'>,
): void {
  const { db, engine } = deps;
  mountAnswerPage<QuestionView, Answer>(fastify, deps, {
    kind: 'question',
    noun: 'question',
    read: ({ workspaceId, requestId }) => engine.question(workspaceId, requestId),
    readAnswer,
    send: ({ workspaceId, requestId }, answer, { holder }) =>
      engine.answerQuestion(workspaceId, { requestId, answer }, holder),
    html: async ({ workspaceId }, view, form, notice) =>
      questionPage(view, await requesterOf(db, workspaceId, view.runId), form, notice),
    stateText: answerText,
    refusal: ({ requestedSchema }, { detail }) =>
      requestedSchema ? 'Your answer was not sent: a value is not valid.' : detail,
  });
}

import type { InputAnswer, InputView } from '@errand/contracts';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { requesterOf } from '../links/requester.ts';
import { inputPage, inputText } from './input-page.ts';
import { readInputAnswer } from './input-submission.ts';
import { mountAnswerPage } from './mount-answer-page.ts';

/** The page on which a user answers an input request of a service. Opening a link does not answer the request. */
export function mountInputs(
  fastify: FastifyInstance,
  deps: Pick<ApiDeps, 'db' | 'engine' | 'approvals' | 'questions'>,
): void {
  const { db, engine } = deps;
  mountAnswerPage<InputView, InputAnswer>(fastify, deps, {
    kind: 'input',
    noun: 'request',
    read: ({ workspaceId, requestId }) => engine.input(workspaceId, requestId),
    readAnswer: readInputAnswer,
    send: ({ workspaceId, requestId }, answer, { holder, isForm }) =>
      engine.answerInput(workspaceId, { requestId, ...answer, asShown: isForm }, holder),
    html: async ({ workspaceId }, view, form, notice) => {
      const [requester, integration] = await Promise.all([
        requesterOf(db, workspaceId, view.runId),
        db.forWorkspace(workspaceId).integrations.get(view.customerIntegrationId),
      ]);
      return inputPage(view, { ...requester, ...(integration && { integration }) }, form, notice);
    },
    stateText: inputText,
    refusal: () => 'Your answer was not sent: a value is not valid.',
  });
}

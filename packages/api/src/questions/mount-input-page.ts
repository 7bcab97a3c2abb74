import type { InputAnswer, InputView } from '@errand/contracts';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { findRequester } from '../links/requester.ts';
import { formFields, formHtml } from '../pages/html/schema-form.ts';
import { escaped, visible } from '../pages/html/visible.ts';
import { readInputSubmission } from './input-submission.ts';
import { type AnswerFields, mountAnswerPage } from './mount-answer-page.ts';

/** The page on which a user answers an input request of a service. Opening a link does not answer the request. */
export function mountInputPage(
  fastify: FastifyInstance,
  deps: Pick<ApiDeps, 'db' | 'engine' | 'approvals' | 'questions'>,
): void {
  const { db, engine } = deps;
  mountAnswerPage<InputView, InputAnswer>(fastify, deps, {
    kind: 'input',
    noun: 'request',
    read: ({ workspaceId, requestId }) => engine.readInput(workspaceId, requestId),
    readAnswer: readInputSubmission,
    send: ({ workspaceId, requestId }, answer, { holder, isForm }) =>
      engine.answerInput(workspaceId, { requestId, ...answer, asShown: isForm }, holder),
    title: 'A service asks you',
    kicker: 'A service that your errand uses has a question for you.',
    about: async ({ workspaceId }, view) => {
      const [requester, integration] = await Promise.all([
        findRequester(db, workspaceId, view.runId),
        db.forWorkspace(workspaceId).integrations.get(view.customerIntegrationId),
      ]);
      return { ...requester, ...(integration && { integration }) };
    },
    textOf: ({ text }) => text,
    fieldsHtml,
    buttonsHtml: ({ openUrl }) =>
      `<button class="approve" name="action" value="accept">${openUrl === undefined ? 'Send answer' : 'I have done this'}</button>
<button class="quiet" name="action" value="decline" formnovalidate>Do not answer</button>`,
    stateText: ({ state, action }) => {
      if (state === 'pending') return 'Waiting for an answer.';
      if (state === 'gone') return 'This request is closed: it expired, or its run ended.';
      return action === 'accept' ? 'Answered.' : 'Closed without an answer.';
    },
    refusal: () => 'Your answer was not sent: a value is not valid.',
  });
}

function fieldsHtml({ requestedSchema, openUrl }: InputView, { entered, faults = [] }: AnswerFields): string {
  if (openUrl !== undefined) {
    const { host } = new URL(openUrl);
    return `<p>To continue, open this page at <strong><bdi>${visible(host)}</bdi></strong>, and come back when you are done there. Open it only if you know this site.</p>
<p><a href="${escaped(openUrl)}" target="_blank" rel="noopener noreferrer">Open ${visible(host)}</a></p>
<details><summary>Full address</summary>
<p><code><bdi>${visible(openUrl)}</bdi></code></p>
</details>`;
  }
  return `${formHtml(formFields(requestedSchema ?? {}), entered, faults)}
<p><small>What you enter is sent to this service. Never enter a password here.</small></p>`;
}

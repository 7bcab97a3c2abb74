import type { InputAnswer, InputView } from '@errand/contracts';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { findRequester } from '../links/requester.ts';
import { formFields, formHtml } from '../pages/html/schema-form.ts';
import { escaped, visible } from '../pages/html/visible.ts';
import type { PageFrames } from '../pages/page-frames.ts';
import type { Texts } from '../pages/texts/en.ts';
import { readInputSubmission } from './input-submission.ts';
import { type AnswerFields, mountAnswerPage } from './mount-answer-page.ts';

/** The page on which a user answers an input request of a service. Opening a link does not answer the request. */
export function mountInputPage(
  fastify: FastifyInstance,
  deps: Pick<ApiDeps, 'db' | 'engine' | 'approvals' | 'questions'> & { frames: PageFrames },
): void {
  const { db, engine } = deps;
  mountAnswerPage<InputView, InputAnswer>(fastify, deps, {
    kind: 'input',
    noun: 'request',
    read: ({ workspaceId, requestId }) => engine.readInput(workspaceId, requestId),
    readAnswer: readInputSubmission,
    send: ({ workspaceId, requestId }, answer, { holder, isForm }) =>
      engine.answerInput(workspaceId, { requestId, ...answer, asShown: isForm }, holder),
    about: async ({ workspaceId }, view) => {
      const [requester, integration] = await Promise.all([
        findRequester(db, workspaceId, view.runId),
        db.forWorkspace(workspaceId).integrations.get(view.customerIntegrationId),
      ]);
      return { ...requester, ...(integration && { integration }) };
    },
    textOf: ({ text }) => text,
    fieldsHtml,
    buttonsHtml: ({ answer, input }, { openUrl }) =>
      `<button class="approve" name="action" value="accept">${openUrl === undefined ? answer.send : input.done}</button>
<button class="quiet" name="action" value="decline" formnovalidate>${input.decline}</button>`,
    stateText: ({ answer, input }, { state, action }) => {
      if (state === 'pending') return answer.pending;
      if (state === 'gone') return input.gone;
      return action === 'accept' ? answer.sent : answer.closedWithout;
    },
    refusal: ({ answer }) => answer.notSent,
  });
}

function fieldsHtml(
  texts: Texts,
  { requestedSchema, openUrl }: InputView,
  { entered, faults = [] }: AnswerFields,
): string {
  const { input } = texts;
  if (openUrl !== undefined) {
    const { host } = new URL(openUrl);
    return `<p>${input.openPage(`<strong><bdi>${visible(host)}</bdi></strong>`)}</p>
<p><a href="${escaped(openUrl)}" target="_blank" rel="noopener noreferrer">${input.open(visible(host))}</a></p>
<details><summary>${input.fullAddress}</summary>
<p><code><bdi>${visible(openUrl)}</bdi></code></p>
</details>`;
  }
  return `${formHtml(texts, formFields(requestedSchema ?? {}), entered, faults)}
<p><small>${input.noPassword}</small></p>`;
}

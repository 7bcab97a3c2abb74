import type { InputAnswer, InputView } from '@errand/contracts';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { type About, requesterOf } from '../links/requester.ts';
import { formFields } from '../pages/html/form-fields.ts';
import { formHtml } from '../pages/html/form-html.ts';
import { badge, facts, layout } from '../pages/html/layout.ts';
import { expiryText } from '../pages/html/times.ts';
import { escaped, visible } from '../pages/html/visible.ts';
import { readInputAnswer } from './input-submission.ts';
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

/**
 * The page of an input request of a service.
 * @param form absent if the request is closed
 * @param notice shown first
 */
function inputPage(view: InputView, about: About, form: AnswerFields | undefined, notice?: string): string {
  const role = form?.faults?.length ? 'alert' : 'status';
  const content = [
    form === undefined ? '' : '<p class="kicker">A service that your errand uses has a question for you.</p>',
    `<h1 class="question">${visible(view.text)}</h1>`,
    notice === undefined ? '' : `<p class="notice lines" role="${role}">${visible(notice)}</p>`,
    form === undefined && notice === undefined ? `<p>${visible(inputText(view))}</p>` : '',
    about.integration ? badge(about.integration) : '',
    form === undefined ? '' : askedHtml(view, form),
    facts([
      ['Errand', visible(view.intent)],
      ['For', visible(view.userId)],
      ['Requested by', about.requester && visible(about.requester)],
      ['Expires', expiryText(view, about.timeZone)],
    ]),
  ]
    .filter((part) => part !== '')
    .join('\n');
  return layout('A service asks you', form === undefined ? content : inForm(view, form, content), about.workspace);
}

/** The state of an input request, in a sentence. */
function inputText({ state, action }: InputView): string {
  if (state === 'pending') return 'Waiting for an answer.';
  if (state === 'gone') return 'This request is closed: it expired, or its run ended.';
  return action === 'accept' ? 'Answered.' : 'Closed without an answer.';
}

function askedHtml({ requestedSchema, openUrl }: InputView, { entered, faults = [] }: AnswerFields): string {
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

// The form spans the whole page, so that its buttons can stay in view. Its first button receives Enter and does nothing.
const inForm = ({ openUrl }: InputView, { csrf, token }: AnswerFields, content: string): string =>
  `<form method="post" action="input">
<button disabled hidden></button>
<input type="hidden" name="csrf" value="${escaped(csrf)}">
<input type="hidden" name="token" value="${escaped(token)}">
${content}
<div class="act">
<button class="approve" name="action" value="accept">${openUrl === undefined ? 'Send answer' : 'I have done this'}</button>
<button class="quiet" name="action" value="decline" formnovalidate>Do not answer</button>
</div>
</form>`;

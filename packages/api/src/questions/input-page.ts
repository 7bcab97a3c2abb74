import type { InputView } from '@errand/contracts';
import type { About } from '../links/requester.ts';
import { formFields } from '../pages/html/form-fields.ts';
import { formHtml } from '../pages/html/form-html.ts';
import { badge, facts, layout } from '../pages/html/layout.ts';
import { expiryText } from '../pages/html/times.ts';
import { escaped, visible } from '../pages/html/visible.ts';
import type { AnswerFields } from './mount-answer-page.ts';

/**
 * The page of an input request of a service.
 * @param form absent if the request is closed
 * @param notice shown first
 */
export function inputPage(view: InputView, about: About, form: AnswerFields | undefined, notice?: string): string {
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
export function inputText({ state, action }: InputView): string {
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

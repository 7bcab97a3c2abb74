import { answerInWords, type QuestionView } from '@errand/contracts';
import type { Requester } from '../links/requester.ts';
import { formFields } from '../pages/html/form-fields.ts';
import { formHtml } from '../pages/html/form-html.ts';
import { facts, layout } from '../pages/html/layout.ts';
import { expiryText } from '../pages/html/times.ts';
import { escaped, visible } from '../pages/html/visible.ts';
import type { AnswerFields } from './mount-answer-page.ts';

/**
 * The page of a question.
 * @param form absent if the question is closed
 * @param notice shown first
 */
export function questionPage(
  view: QuestionView,
  requester: Requester,
  form: AnswerFields | undefined,
  notice?: string,
): string {
  const content = `${form === undefined ? '' : '<p class="kicker">An errand needs your answer.</p>\n'}<h1 class="question">${visible(view.question)}</h1>
${notice === undefined ? '' : `<p class="notice lines" role="${form?.faults?.length ? 'alert' : 'status'}">${visible(notice)}</p>`}
${form === undefined ? (notice === undefined ? `<p>${visible(answerText(view))}</p>` : '') : answerHtml(view, form)}
${facts([
  ['Errand', visible(view.intent)],
  ['For', visible(view.userId)],
  ['Requested by', requester.requester && visible(requester.requester)],
  ['Expires', expiryText(view, requester.timeZone)],
])}`;
  return layout('A question for you', form === undefined ? content : inForm(view, form, content), requester.workspace);
}

/** The state of a question, in a sentence. */
export function answerText({ state, answer, ...offered }: QuestionView): string {
  switch (state) {
    case 'pending':
      return 'Waiting for an answer.';
    case 'answered': {
      if (answer === null || answer === undefined) return 'Closed without an answer.';
      return `Answered: ${answerInWords(offered, answer)}`;
    }
    case 'gone':
      return 'This question is closed: it expired, or its run ended.';
  }
}

function answerHtml({ choices, requestedSchema }: QuestionView, { entered, faults = [] }: AnswerFields): string {
  if (requestedSchema) return `${formHtml(formFields(requestedSchema), entered, faults)}\n${CARE}`;
  return choices === undefined ? words : options(choices);
}

// The form spans the whole page, so that its buttons can stay in view. Its first button receives Enter and does nothing.
const inForm = ({ choices }: QuestionView, { csrf, token }: AnswerFields, content: string): string =>
  `<form method="post" action="question">
<button disabled hidden></button>
<input type="hidden" name="csrf" value="${escaped(csrf)}">
<input type="hidden" name="token" value="${escaped(token)}">
${content}
<div class="act">
<button class="approve">Send answer</button>
<button class="quiet" name="none" value="true" formnovalidate>${choices === undefined ? 'I cannot answer' : 'None of these'}</button>
</div>
</form>`;

const CARE = '<p id="care">Never write a password here: the answer is used for the errand.</p>';
const words = `<label for="text">Your answer</label>
<textarea id="text" name="text" rows="3" maxlength="4000" required aria-describedby="care"></textarea>
${CARE}`;

function options(choices: NonNullable<QuestionView['choices']>): string {
  const labels = choices.map(({ label }) => label);
  const lines = choices.map(({ label, value }, i) => {
    // The value distinguishes choices with equal labels.
    const more = labels.filter((text) => text === label).length > 1 ? ` (${value})` : '';
    return `<label class="choice"><input type="radio" name="choice" value="${i}" required><bdi>${visible(label + more)}</bdi></label>`;
  });
  return `<fieldset>\n<legend>Choose one</legend>\n${lines.join('\n')}\n</fieldset>`;
}

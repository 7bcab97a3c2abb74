import type { ApprovalView, Json, Plan, PlanInWords, StepInWords } from '@errand/contracts';
import type { RequestDetails } from '../links/requester.ts';
import { type ArgumentField, fieldsHtml } from '../pages/html/argument-form.ts';
import { argumentsHtml, type CallOfSeveral, callsHtml } from '../pages/html/arguments-html.ts';
import type { FieldFault } from '../pages/html/field-faults.ts';
import { badge, facts, layout, pageForm } from '../pages/html/layout.ts';
import { requestFacts } from '../pages/html/request-facts.ts';
import { escaped, visible } from '../pages/html/visible.ts';

/** Contents of the form: the CSRF token, the tokens of the two decisions, and the fields that can be changed. */
export type ApprovalForm = {
  csrf: string;
  approve: string;
  deny: string;
  fields?: readonly ArgumentField[];
  entered?: ReadonlyMap<string, string>;
  faults?: readonly FieldFault[];
  /** The reason from an earlier submission. */
  reason?: string;
};

/** Under four eyes the page leads to the console, which knows the person. */
export type DecideElsewhere = { consoleUrl: string };
type DecideBy = ApprovalForm | DecideElsewhere | undefined;

const formOf = (decideBy: DecideBy) => (decideBy && 'csrf' in decideBy ? decideBy : undefined);

/**
 * The page of an approval.
 * @param decideBy absent when nothing can be decided
 * @param notice shown first
 */
export function approvalPage(view: ApprovalView, about: RequestDetails, decideBy: DecideBy, notice?: string): string {
  const form = formOf(decideBy);
  const subject = view.plan === undefined ? 'call' : 'plan';
  const title = titleOf(view, subject);
  const isOpen = view.state === 'pending';
  const goal = view.planInWords?.goal ?? (view.plan as Plan | undefined)?.goal;
  const role = form?.faults?.length ? 'alert' : 'status';
  const body = [
    isOpen && `<p class="kicker">${subject === 'plan' ? 'A plan' : 'A step'} of an errand needs your approval.</p>`,
    `<h1>${visible(title)}</h1>`,
    notice !== undefined && `<p class="notice" role="${role}">${visible(notice)}</p>`,
    elsewhereHtml(view, decideBy),
    !isOpen && outcomeHtml(view, notice === undefined),
    goal !== undefined && `<p>${visible(goal)}</p>`,
    !isOpen && view.inWords && `<p>${visible(`${view.inWords.sentence}.`)}</p>`,
    about.integration && badge(about.integration),
    view.plan === undefined
      ? `<h2>${isOpen ? 'What would be sent' : 'What was requested'}</h2>\n${callHtml(view)}`
      : planHtml(view.plan as Plan, view.planInWords, isOpen),
    form && editsHtml(form),
    requestFacts(view, about, view.inWords?.reason),
    technicalHtml(view),
  ];
  const content = body.filter((part) => part).join('\n');
  return layout(title, form === undefined ? content : inForm(view, form, content), about.workspace);
}

function titleOf({ state, inWords }: ApprovalView, subject: 'call' | 'plan'): string {
  if (state !== 'pending') return `This ${subject} ${stateWords[state]}`;
  return inWords ? `${inWords.sentence}?` : `Approve this ${subject}?`;
}

const outcomeHtml = (view: ApprovalView, hasNoNotice: boolean): string =>
  hasNoNotice
    ? `<p>${visible(stateText(view) + (view.reason === undefined ? '' : ` Reason: ${view.reason}`))}</p>`
    : '';

function elsewhereHtml({ approvalId }: ApprovalView, decideBy: DecideBy): string {
  if (!decideBy || 'csrf' in decideBy) return '';
  const consoleLink = `<a href="${escaped(decideBy.consoleUrl)}">Decide in the console</a>`;
  const request = `<code>POST /v1/approvals/${escaped(approvalId)}</code>`;
  return `<p class="notice" role="status">This link cannot decide, because it does not show who uses it. ${consoleLink}, or with an API key: ${request}</p>`;
}

const technicalHtml = ({ tool, runId, argsSha256 }: ApprovalView): string =>
  `<details><summary>Technical details</summary>\n${facts([
    ['Tool', tool && `<code>${visible(tool)}</code>`],
    ['Run', `<code>${escaped(runId)}</code>`],
    ['SHA-256', `<code>${escaped(argsSha256)}</code>`],
  ])}\n</details>`;

const callHtml = ({ args, inWords }: ApprovalView): string =>
  Array.isArray(args) ? callsHtml(args as CallOfSeveral[], inWords) : argumentsHtml(args as Json, inWords);

const stateWords = { approved: 'is approved', denied: 'is denied', gone: 'is closed' } as const;

/** The state of an approval, in a sentence. */
export function stateText({ state, decidedBy }: ApprovalView): string {
  const by = decidedBy === undefined ? '' : ` by ${decidedBy}`;
  switch (state) {
    case 'pending':
      return 'Waiting for a decision.';
    case 'approved':
      return `Approved${by}.`;
    case 'denied':
      return `Denied${by}.`;
    case 'gone':
      return 'This request is closed: it expired, or its run ended.';
  }
}

// After the decision the page describes the plan in words only: the JSON is for people who still have to decide.
function planHtml(plan: Plan, words: PlanInWords | undefined, isOpen: boolean): string {
  const planJson = !isOpen
    ? ''
    : `<details><summary>The full plan</summary>\n<pre><bdi>${visible(JSON.stringify(plan, null, 2))}</bdi></pre>\n</details>`;
  if (words === undefined) return `<h2>Plan</h2>\n<p>${visible(plan.goal)}</p>\n${planJson}`;
  const writes = words.steps.filter(({ effect }) => effect === 'write').length;
  const effectNote =
    writes === 0
      ? 'It only reads.'
      : `${writes} of its ${words.steps.length} steps change${writes === 1 ? 's' : ''} something.`;
  return `<h2>${isOpen ? 'What it does' : 'What was requested'}</h2>
<p class="muted">${effectNote}</p>
<ol class="steps">
${words.steps.map(stepHtml).join('\n')}
</ol>
${words.result === undefined ? '' : `<p>Result: ${visible(words.result)}.</p>`}
${planJson}`;
}

function stepHtml({ sentence, integration, effect, reason, notes, args }: StepInWords): string {
  const details = [integration, ...notes, reason].filter((text) => text !== undefined).join(' · ');
  const origins = args.map(({ label, text, origin }): [string, string] => [
    label,
    `${visible(text)}<small>${visible(origin)}</small>`,
  ]);
  return `<li>${visible(sentence)}${effect === 'write' ? ' <span class="tag">changes something</span>' : ''}
<br><small>${visible(details)}</small>
${origins.length === 0 ? '' : `<details><summary>Where its values come from</summary>${facts(origins)}</details>`}</li>`;
}

const editsHtml = ({ fields, entered = new Map(), faults = [] }: ApprovalForm): string =>
  fields === undefined
    ? ''
    : `<details${faults.length > 0 ? ' open' : ''}><summary>Change it before you approve</summary>
${fieldsHtml(fields, entered, faults)}
</details>`;

function inForm(view: ApprovalView, { csrf, approve, deny, reason = '' }: ApprovalForm, content: string): string {
  const reasonHtml = `<label for="reason">Reason (optional)</label>
<textarea id="reason" name="reason" rows="2" maxlength="2000">\n${escaped(reason)}</textarea>`;
  const buttons = `<button class="approve" name="token" value="${escaped(approve)}">Approve</button>
<button class="deny" name="token" value="${escaped(deny)}">Deny</button>`;
  return pageForm('approval', { csrf, argsSha256: view.argsSha256 }, `${content}\n${reasonHtml}`, buttons);
}

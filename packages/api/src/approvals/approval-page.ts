import type { ApprovalView, Approver, Json, Plan, PlanInWords, StepInWords } from '@errand/contracts';
import type { RequestDetails } from '../links/requester.ts';
import { type ArgumentField, fieldsHtml } from '../pages/html/argument-form.ts';
import { argumentsHtml, type CallOfSeveral, callsHtml } from '../pages/html/arguments-html.ts';
import type { FieldFault } from '../pages/html/field-faults.ts';
import { badge, facts, layout, type PageFrame, pageForm } from '../pages/html/layout.ts';
import { requestFacts } from '../pages/html/request-facts.ts';
import { escaped, visible } from '../pages/html/visible.ts';
import type { Texts } from '../pages/texts/en.ts';

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

/** Under four eyes, and with approvers, the page leads to the console, which knows the person. */
export type DecideElsewhere = { consoleUrl: string; approvers?: readonly Approver[] };
type DecideBy = ApprovalForm | DecideElsewhere | undefined;

const formOf = (decideBy: DecideBy) => (decideBy && 'csrf' in decideBy ? decideBy : undefined);

/**
 * The page of an approval.
 * @param decideBy absent when nothing can be decided
 * @param notice shown first
 */
export function approvalPage(
  view: ApprovalView,
  about: RequestDetails & PageFrame,
  decideBy: DecideBy,
  notice?: string,
): string {
  const { texts } = about;
  const { approval } = texts;
  const form = formOf(decideBy);
  const subject = view.plan === undefined ? 'call' : 'plan';
  const title = titleOf(texts, view, subject);
  const isOpen = view.state === 'pending';
  const goal = view.planInWords?.goal ?? (view.plan as Plan | undefined)?.goal;
  const role = form?.faults?.length ? 'alert' : 'status';
  const body = [
    isOpen && `<p class="kicker">${approval.kicker[subject]}</p>`,
    `<h1>${visible(title)}</h1>`,
    notice !== undefined && `<p class="notice" role="${role}">${visible(notice)}</p>`,
    elsewhereHtml(texts, view, decideBy),
    !isOpen && outcomeHtml(texts, view, notice === undefined),
    goal !== undefined && `<p>${visible(goal)}</p>`,
    !isOpen && view.inWords && `<p>${visible(`${view.inWords.sentence}.`)}</p>`,
    about.integration && badge(about.integration),
    view.plan === undefined
      ? `<h2>${isOpen ? approval.whatWouldBeSent : approval.whatWasRequested}</h2>\n${callHtml(texts, view)}`
      : planHtml(texts, view.plan as Plan, view.planInWords, isOpen),
    form && editsHtml(texts, form),
    requestFacts(view, about, view.inWords?.reason),
    technicalHtml(texts, view, about.userName !== undefined),
  ];
  const content = body.filter((part) => part).join('\n');
  return layout(about, title, form === undefined ? content : inForm(texts, view, form, content));
}

function titleOf({ approval }: Texts, { state, inWords }: ApprovalView, subject: 'call' | 'plan'): string {
  if (state !== 'pending') return approval.closed[subject][state];
  return inWords ? `${inWords.sentence}?` : approval.question[subject];
}

function outcomeHtml(texts: Texts, view: ApprovalView, hasNoNotice: boolean): string {
  if (!hasNoNotice) return '';
  const reason = view.reason === undefined ? '' : ` ${texts.approval.reasonGiven(view.reason)}`;
  return `<p>${visible(stateText(texts, view) + reason)}</p>`;
}

function elsewhereHtml({ approval }: Texts, { approvalId }: ApprovalView, decideBy: DecideBy): string {
  if (!decideBy || 'csrf' in decideBy) return '';
  const consoleLink = `<a href="${escaped(decideBy.consoleUrl)}">${approval.decideInConsole}</a>`;
  const request = `<code>POST /v1/approvals/${escaped(approvalId)}</code>`;
  const who = decideBy.approvers?.map(({ label }) => label).join('; ');
  const rule = who === undefined ? '' : ` ${visible(approval.onlyApprovers(who))}`;
  return `<p class="notice" role="status">${approval.linkCannotDecide}${rule} ${consoleLink}${approval.orWithKey(request)}</p>`;
}

/** @param isNamed whether the page shows the user by name elsewhere */
const technicalHtml = (
  { approval }: Texts,
  { tool, runId, userId, argsSha256 }: ApprovalView,
  isNamed: boolean,
): string =>
  `<details><summary>${approval.technical}</summary>\n${facts([
    [approval.tool, tool && `<code>${visible(tool)}</code>`],
    [approval.userId, isNamed ? `<code>${visible(userId)}</code>` : undefined],
    [approval.run, `<code>${escaped(runId)}</code>`],
    ['SHA-256', `<code>${escaped(argsSha256)}</code>`],
  ])}\n</details>`;

const callHtml = (texts: Texts, { args, inWords }: ApprovalView): string =>
  Array.isArray(args)
    ? callsHtml(texts, args as CallOfSeveral[], inWords)
    : argumentsHtml(texts, args as Json, inWords);

/** The name of the links, as events and the audit log have it. */
export const LINK_LABEL = 'a link';

/** The state of an approval, in a sentence. */
export function stateText({ approval }: Texts, { state, decidedBy }: ApprovalView): string {
  const by = decidedBy === LINK_LABEL ? approval.byLink : decidedBy;
  switch (state) {
    case 'approved':
    case 'denied':
      return approval[state](by);
    default:
      return approval[state];
  }
}

// After the decision the page describes the plan in words only: the JSON is for people who still have to decide.
function planHtml(texts: Texts, plan: Plan, words: PlanInWords | undefined, isOpen: boolean): string {
  const { approval } = texts;
  const planJson = !isOpen
    ? ''
    : `<details><summary>${approval.fullPlan}</summary>\n<pre><bdi>${visible(JSON.stringify(plan, null, 2))}</bdi></pre>\n</details>`;
  if (words === undefined) return `<h2>${approval.plan}</h2>\n<p>${visible(plan.goal)}</p>\n${planJson}`;
  const writes = words.steps.filter(({ effect }) => effect === 'write').length;
  const effectNote = writes === 0 ? approval.onlyReads : approval.writes(writes, words.steps.length);
  return `<h2>${isOpen ? approval.whatItDoes : approval.whatWasRequested}</h2>
<p class="muted">${effectNote}</p>
<ol class="steps">
${words.steps.map((step) => stepHtml(texts, step)).join('\n')}
</ol>
${words.result === undefined ? '' : `<p>${visible(approval.result(words.result))}</p>`}
${planJson}`;
}

function stepHtml({ approval }: Texts, { sentence, integration, effect, reason, notes, args }: StepInWords): string {
  const details = [integration, ...notes.map((note) => approval.note(note)), reason]
    .filter((text) => text !== undefined)
    .join(' · ');
  const origins = args.map(({ label, text, origin }): [string, string] => [
    label,
    `${visible(text)}<small>${visible(approval.origin(origin))}</small>`,
  ]);
  return `<li>${visible(sentence)}${effect === 'write' ? ` <span class="tag">${approval.changesSomething}</span>` : ''}
<br><small>${visible(details)}</small>
${origins.length === 0 ? '' : `<details><summary>${approval.origins}</summary>${facts(origins)}</details>`}</li>`;
}

const editsHtml = (texts: Texts, { fields, entered = new Map(), faults = [] }: ApprovalForm): string =>
  fields === undefined
    ? ''
    : `<details${faults.length > 0 ? ' open' : ''}><summary>${texts.approval.edit}</summary>
${fieldsHtml(texts, fields, entered, faults)}
</details>`;

function inForm(
  { approval }: Texts,
  view: ApprovalView,
  { csrf, approve, deny, reason = '' }: ApprovalForm,
  content: string,
): string {
  const reasonHtml = `<label for="reason">${approval.reason}</label>
<textarea id="reason" name="reason" rows="2" maxlength="2000">\n${escaped(reason)}</textarea>`;
  const buttons = `<button class="approve" name="token" value="${escaped(approve)}">${approval.approve}</button>
<button class="deny" name="token" value="${escaped(deny)}">${approval.deny}</button>`;
  return pageForm('approval', { csrf, argsSha256: view.argsSha256 }, `${content}\n${reasonHtml}`, buttons);
}

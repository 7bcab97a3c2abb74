import type { ApprovalView, Json, Plan, PlanInWords, StepInWords } from '@errand/contracts';
import type { FieldFault } from '../answer/edited-args.ts';
import type { Asker } from './asker.ts';
import { argumentsHtml } from './html/arguments-html.ts';
import { type CallOfSeveral, callsHtml } from './html/calls-html.ts';
import { fieldsHtml } from './html/field-html.ts';
import type { Field } from './html/fields.ts';
import { badge, facts, type IntegrationBadge, layout } from './html/layout.ts';
import { momentText } from './html/times.ts';
import { escaped, visible } from './html/visible.ts';

/** Who asks, and what the call would go to. */
export type About = Asker & { integration?: IntegrationBadge };

/** What the form sends: the CSRF token, the tokens of the two decisions, and the fields that can be changed. */
export type FormFields = {
  csrf: string;
  approve: string;
  deny: string;
  fields?: readonly Field[];
  entered?: ReadonlyMap<string, string>;
  faults?: readonly FieldFault[];
  /** The reason that was entered before. */
  reason?: string;
};

/**
 * The page of an approval.
 * @param form absent when nothing can be decided
 * @param notice shown first
 */
export function approvalPage(view: ApprovalView, about: About, form: FormFields | undefined, notice?: string): string {
  const what = view.plan === undefined ? 'call' : 'plan';
  const asks = view.inWords ? `${view.inWords.sentence}?` : `Approve this ${what}?`;
  const title = view.state === 'pending' ? asks : `This ${what} ${outcome[view.state]}`;
  const isOpen = view.state === 'pending';
  const why = view.reason === undefined ? '' : ` Reason: ${view.reason}`;
  const goal = view.planInWords?.goal ?? (view.plan as Plan | undefined)?.goal;
  const asked = view.inWords && `${view.inWords.sentence}.`;
  const body = [
    view.state === 'pending'
      ? `<p class="kicker">${what === 'plan' ? 'A plan' : 'A step'} of an errand needs your approval.</p>`
      : '',
    `<h1>${visible(title)}</h1>`,
    notice === undefined
      ? ''
      : `<p class="notice" role="${form?.faults?.length ? 'alert' : 'status'}">${visible(notice)}</p>`,
    isOpen || notice !== undefined ? '' : `<p>${visible(stateText(view) + why)}</p>`,
    goal === undefined ? '' : `<p>${visible(goal)}</p>`,
    isOpen || asked === undefined ? '' : `<p>${visible(asked)}</p>`,
    about.integration ? badge(about.integration) : '',
    view.plan === undefined
      ? `<h2>${isOpen ? 'What would be sent' : 'What was asked'}</h2>\n${callHtml(view)}`
      : planHtml(view.plan as Plan, view.planInWords, isOpen),
    form === undefined ? '' : editsHtml(form),
    facts([
      ['Errand', visible(view.intent)],
      ['Why', view.inWords?.reason && visible(view.inWords.reason)],
      ['For', visible(view.userId)],
      ['Asked by', about.requester && visible(about.requester)],
      [
        'Expires',
        view.state === 'pending' && view.expiresAt
          ? visible(momentText(view.expiresAt, Date.now(), about.timeZone))
          : undefined,
      ],
    ]),
    `<details><summary>Technical details</summary>\n${facts([
      ['Tool', view.tool && `<code>${visible(view.tool)}</code>`],
      ['Run', `<code>${escaped(view.runId)}</code>`],
      ['SHA-256', `<code>${escaped(view.argsSha256)}</code>`],
    ])}\n</details>`,
  ];
  const content = body.filter((part) => part !== '').join('\n');
  return layout(title, form === undefined ? content : inForm(view, form, content), about.workspace);
}

const callHtml = ({ args, inWords }: ApprovalView): string =>
  Array.isArray(args) ? callsHtml(args as CallOfSeveral[], inWords) : argumentsHtml(args as Json, inWords);

const outcome = { approved: 'is approved', denied: 'is denied', gone: 'is not asked about any more' } as const;

/** The state of an approval, in a sentence. */
export function stateText({ state, decidedBy }: ApprovalView): string {
  const by = decidedBy === undefined ? '' : ` by ${decidedBy}`;
  switch (state) {
    case 'pending':
      return 'Waits for a decision.';
    case 'approved':
      return `Approved${by}.`;
    case 'denied':
      return `Denied${by}.`;
    case 'gone':
      return 'Nothing is left to decide: the request has expired, or its run has ended.';
  }
}

// Once it is decided, the plan is told in words alone: its program is for those who decide whether it is carried out.
function planHtml(plan: Plan, words: PlanInWords | undefined, isOpen: boolean): string {
  const whole = !isOpen
    ? ''
    : `<details><summary>The plan as it would be carried out</summary>\n<pre><bdi>${visible(JSON.stringify(plan, null, 2))}</bdi></pre>\n</details>`;
  if (words === undefined) return `<h2>Plan</h2>\n<p>${visible(plan.goal)}</p>\n${whole}`;
  const writes = words.steps.filter(({ effect }) => effect === 'write').length;
  const note =
    writes === 0
      ? 'It only reads.'
      : `${writes} of its ${words.steps.length} steps change${writes === 1 ? 's' : ''} something.`;
  return `<h2>${isOpen ? 'What it does' : 'What was asked'}</h2>
<p class="muted">${note}</p>
<ol class="steps">
${words.steps.map(stepHtml).join('\n')}
</ol>
${words.result === undefined ? '' : `<p>Result: ${visible(words.result)}.</p>`}
${whole}`;
}

function stepHtml({ sentence, integration, effect, reason, notes, args }: StepInWords): string {
  const also = [integration, ...notes, reason].filter((text) => text !== undefined).join(' · ');
  const origins = args.map(({ label, text, origin }): [string, string] => [
    label,
    `${visible(text)}<small>${visible(origin)}</small>`,
  ]);
  return `<li>${visible(sentence)}${effect === 'write' ? ' <span class="tag">changes something</span>' : ''}
<br><small>${visible(also)}</small>
${origins.length === 0 ? '' : `<details><summary>Where its values come from</summary>${facts(origins)}</details>`}</li>`;
}

const editsHtml = ({ fields, entered = new Map(), faults = [] }: FormFields): string =>
  fields === undefined
    ? ''
    : `<details${faults.length > 0 ? ' open' : ''}><summary>Change it before you approve</summary>
${fieldsHtml(fields, entered, faults)}
</details>`;

// The form holds the whole page, so that its buttons can stay in view. The first button answers Enter in a field and does nothing: nobody
// approves by accident.
const inForm = (view: ApprovalView, { csrf, approve, deny, reason = '' }: FormFields, content: string): string =>
  `<form method="post" action="approval">
<button disabled hidden></button>
<input type="hidden" name="csrf" value="${escaped(csrf)}">
<input type="hidden" name="argsSha256" value="${escaped(view.argsSha256)}">
${content}
<label for="reason">Reason (optional)</label>
<textarea id="reason" name="reason" rows="2" maxlength="2000">\n${escaped(reason)}</textarea>
<div class="act">
<button class="approve" name="token" value="${escaped(approve)}">Approve</button>
<button class="deny" name="token" value="${escaped(deny)}">Deny</button>
</div>
</form>`;

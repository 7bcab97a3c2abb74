import type { ApprovalView, Json, Plan } from '@errand/contracts';
import { layout } from './layout.ts';
import { rowsOf } from './rows.ts';
import { escaped, visible } from './visible.ts';

/** What the form sends: the CSRF token and the tokens of the two decisions. */
export type FormFields = { csrf: string; approve: string; deny: string };

type RenderedApproval = ApprovalView & {
  /** Name of the integration, for people. */
  integrationName?: string;
};

/**
 * The page of an approval.
 * @param form absent when nothing can be decided
 * @param notice shown first
 */
export function approvalPage(view: RenderedApproval, form: FormFields | undefined, notice?: string): string {
  const what = view.plan === undefined ? 'call' : 'plan';
  const title = view.state === 'pending' ? `Approve this ${what}?` : `This ${what} ${outcome[view.state]}`;
  return layout(
    title,
    `<h1>${title}</h1>
${notice === undefined ? '' : `<p class="notice" role="status">${visible(notice)}</p>`}
${facts([
  ['Tool', view.tool],
  ['Integration', view.integrationName],
  ['Asked', view.text],
  ['For the errand', view.intent],
  ['On behalf of', view.userId],
  ['State', stateText(view)],
  ['Reason given', view.reason],
  ['Expires', view.state === 'pending' ? view.expiresAt : undefined],
])}
${view.plan === undefined ? `<h2>Arguments</h2>\n${table(view.args as Json)}` : planText(view.plan as Plan)}
${facts([
  ['SHA-256', view.argsSha256],
  ['Run', view.runId],
])}
${form === undefined ? '' : buttons(view, form)}`,
  );
}

export const refusalPage = (title: string, detail: string): string =>
  layout(title, `<h1>${escaped(title)}</h1>\n<p class="notice" role="alert">${visible(detail)}</p>`);

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

const facts = (pairs: readonly (readonly [string, string | undefined])[]): string =>
  `<dl>\n${pairs
    .flatMap(([name, value]) => (value ? [`<dt>${name}</dt><dd><bdi>${visible(value)}</bdi></dd>`] : []))
    .join('\n')}\n</dl>`;

function table(value: Json): string {
  const rows = rowsOf(value ?? {}).filter(({ path }) => path !== '');
  if (rows.length === 0) return '<p>None.</p>';
  return `<table>\n${rows
    .map((row) => `<tr><th scope="row">${visible(row.path)}</th><td><bdi>${visible(row.value)}</bdi></td></tr>`)
    .join('\n')}\n</table>`;
}

const planText = ({ goal, steps, result, ...rest }: Plan): string =>
  [
    `<h2>Plan</h2>\n<p>${visible(goal)}</p>`,
    ...steps.map(({ id, tool, ...step }, i) => {
      const heading = `${i + 1}. ${id}${tool === undefined ? '' : `: ${tool}`}`;
      return `<h2>${visible(heading)}</h2>\n${table(step as unknown as Json)}`;
    }),
    `<h2>Result</h2>\n${table({ result: (result ?? null) as Json, ...(rest as Record<string, Json>) })}`,
  ].join('\n');

const buttons = (
  view: ApprovalView,
  { csrf, approve, deny }: FormFields,
): string => `<form method="post" action="approval">
<input type="hidden" name="csrf" value="${escaped(csrf)}">
<input type="hidden" name="argsSha256" value="${escaped(view.argsSha256)}">
<label for="reason">Reason (optional)</label>
<textarea id="reason" name="reason" rows="2" maxlength="2000"></textarea>
<div class="buttons">
<button class="approve" name="token" value="${escaped(approve)}">Approve</button>
<button class="deny" name="token" value="${escaped(deny)}">Deny</button>
</div>
</form>`;

import { layout } from './html/layout.ts';
import { escaped, visible } from './html/visible.ts';

/** A next step for the reader: a sentence, or a link to a page. */
export type NextStep = string | { href: string; text: string };

const REFERENCE: NextStep = { href: '/docs', text: 'API reference' };

/** The page of an error, with next steps. */
export const refusalPage = (title: string, detail: string, nextSteps: readonly NextStep[] = [REFERENCE]): string =>
  layout(
    title,
    `<h1>${escaped(title)}</h1>
${detail === '' ? '' : `<p class="notice" role="alert">${visible(detail)}</p>`}
${nextSteps.map((way) => `<p>${typeof way === 'string' ? visible(way) : `<a href="${escaped(way.href)}">${visible(way.text)}</a>`}</p>`).join('\n')}`,
  );

/** Next steps for a person whose link does not work. @param code of the problem */
export function linkNextSteps(code: string): NextStep[] {
  switch (code) {
    case 'csrf_failed':
      return ['Open the link that you were sent again, in this browser, and answer there.'];
    case 'approval_gone':
    case 'consent_gone':
    case 'question_gone':
    case 'question_already_answered':
    case 'input_gone':
    case 'input_already_answered':
    case 'approval_already_decided':
      return ['You can close this page.'];
    case 'approval_args_changed':
      return ['Open the link that you were sent again: it shows the current request.'];
    case 'rate_limited':
    case 'unavailable':
      return ['Wait a moment, then open the link again.'];
    default:
      return ['Go back to the message or the app that sent you here, and ask for a new link.'];
  }
}

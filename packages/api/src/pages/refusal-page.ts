import { layout, type PageFrame } from './html/layout.ts';
import { escaped, visible } from './html/visible.ts';
import type { ProblemText, Texts } from './texts/en.ts';

/** A next step for the reader: a sentence, or a link to a page. */
export type NextStep = string | { href: string; text: string };

/** The page of an error, with next steps. */
export const refusalPage = (
  frame: PageFrame,
  { title, detail, original }: ProblemText,
  nextSteps: readonly NextStep[] = [{ href: '/docs', text: frame.texts.next.reference }],
): string =>
  layout(
    frame,
    title,
    `<h1>${escaped(title)}</h1>
${detail === '' ? '' : `<p class="notice" role="alert">${visible(detail)}</p>`}
${original === undefined ? '' : `<details><summary>${frame.texts.originalDetail}</summary>\n<p lang="en">${visible(original)}</p>\n</details>`}
${nextSteps.map((way) => `<p>${typeof way === 'string' ? visible(way) : `<a href="${escaped(way.href)}">${visible(way.text)}</a>`}</p>`).join('\n')}`,
  );

/** Next steps for a person whose link does not work. @param code of the problem */
export function linkNextSteps({ next }: Texts, code: string): NextStep[] {
  switch (code) {
    case 'csrf_failed':
      return [next.openAgain];
    case 'approval_gone':
    case 'consent_gone':
    case 'question_gone':
    case 'question_already_answered':
    case 'input_gone':
    case 'input_already_answered':
    case 'approval_already_decided':
      return [next.close];
    case 'approval_args_changed':
      return [next.openCurrent];
    case 'not_an_approver':
      return [next.approverDecides];
    case 'rate_limited':
    case 'unavailable':
      return [next.wait];
    default:
      return [next.requestLink];
  }
}

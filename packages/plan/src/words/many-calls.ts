import type { ToolSpec } from '@errand/contracts';
import { integrationLabel } from '../execute/label.ts';
import { capital, counted } from './text.ts';
import { titleOf, titleText } from './title.ts';

/** Several calls of a tool in one sentence without its end: "Send 40 messages at Mail". */
export function manyCallsWords(tool: ToolSpec, count: number): string {
  const title = titleOf(tool);
  const { verb, noun, plural } = title;
  const where = integrationLabel(tool);
  return verb === undefined || noun === '' || plural
    ? `${titleText(title)} at ${where}, ${count} times`
    : `${capital(verb)} ${counted(count, noun)} at ${where}`;
}

import type { Finding } from '@errand/server/finding';
import type { View } from '../terminal/view.ts';
import { oneLine } from '../terminal/visible.ts';
import { indented, wrap } from '../terminal/width.ts';

const CHECK_COLUMNS = 12;
const INDENT = ' '.repeat(CHECK_COLUMNS + 3);

/** One line for each finding, wrapped only by a terminal that is narrower. Skipped checks are in the summary. */
export const linesOf = (findings: readonly Finding[], { width, colors }: View): string[] =>
  findings
    .filter(({ status }) => status !== 'skipped')
    .flatMap(({ check, status, text, remedy }) => {
      const sentences = oneLine([text, remedy].filter(Boolean).join(' '));
      const [first = '', ...others] = indented(sentences, width, INDENT);
      return [`${markOf(status, colors)} ${check.padEnd(CHECK_COLUMNS)} ${first.trimStart()}`, ...others];
    });

function markOf(status: Finding['status'], colors: View['colors']): string {
  if (status === 'failed') return colors.red('✗');
  return status === 'warning' ? colors.yellow('!') : colors.green('✓');
}

/** What was not checked and why, and the number of faults. */
export function summaryOf(findings: readonly Finding[], { width }: View): string[] {
  const checksByReason = new Map<string, string[]>();
  for (const { check, status, text } of findings)
    if (status === 'skipped') checksByReason.set(text, [...(checksByReason.get(text) ?? []), check]);
  const count = (wanted: Finding['status']) => findings.filter(({ status }) => status === wanted).length;
  const [broken, warnings] = [count('failed'), count('warning')];
  const total = `${broken} broken, ${warnings === 1 ? '1 warning' : `${warnings} warnings`}.`;
  const lines = [
    ...[...checksByReason].map(([reason, checks]) => `Not checked: ${checks.join(', ')}. ${reason}.`),
    broken + warnings === 0 ? 'Nothing is broken.' : total,
  ];
  return lines.flatMap((line) => wrap(line, width));
}

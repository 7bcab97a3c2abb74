import type { PendingEntry } from '@errand/contracts';
import { mayNotLabels, requestKindLabels } from '@errand/contracts/labels';
import { fields } from '../terminal/fields.ts';
import { ago } from '../terminal/times.ts';
import { valueLines } from '../terminal/value.ts';
import type { View } from '../terminal/view.ts';
import { oneLine } from '../terminal/visible.ts';
import { indented, wrap } from '../terminal/width.ts';
import { idOfEntry } from './entry.ts';

/** A request with everything that a person needs to decide it. */
export function entryLines(entry: PendingEntry, view: View): string[] {
  return [
    ...wrap(view.colors.bold(sentenceOf(entry)), view.width),
    ...subjectLines(entry, view).map((line) => `  ${line}`),
    ...fields(
      [
        ['  for', `${entry.userId} · ${oneLine(entry.intent)}`],
        ['  request', requestLine(entry)],
        ['  expires', entry.expiresAt && ago(entry.expiresAt, view.now)],
        ['  note', entry.mayDecide ? undefined : entry.mayNotBecause && mayNotLabels[entry.mayNotBecause]],
        ['  id', `${requestKindLabels[entry.kind]} ${idOfEntry(entry)}`],
      ],
      view,
    ),
  ];
}

/** The subject of a request in a sentence. */
export const sentenceOf = (entry: PendingEntry): string =>
  oneLine(entry.inWords?.sentence ?? (entry.kind === 'call' || entry.kind === 'plan' ? entry.title : entry.text));

function subjectLines(entry: PendingEntry, view: View): string[] {
  const inner = { ...view, width: view.width - 2 };
  if (entry.planInWords) return planLines(entry.planInWords, inner);
  if (entry.inWords && entry.inWords.args.length > 0) {
    return fields(
      entry.inWords.args.map(({ label, text, name, origin }) => [
        label,
        `${name ? `${name} (${text})` : text}${origin ? view.colors.dim(`  ${origin}`) : ''}`,
      ]),
      inner,
    );
  }
  if (entry.inWords?.calls) return entry.inWords.calls.flatMap(({ sentence }) => wrap(`· ${sentence}`, inner.width));
  if (entry.choices) return entry.choices.map(({ label }, i) => `${i + 1}  ${oneLine(label)}`);
  if (entry.openUrl) return [`Open ${entry.openUrl}`];
  return entry.args === undefined ? [] : valueLines(entry.args, inner);
}

function planLines({ steps, result }: NonNullable<PendingEntry['planInWords']>, view: View): string[] {
  return [
    ...steps.flatMap(({ sentence, effect, notes }, i) =>
      indented(
        `${i + 1}. ${sentence}${effect === 'write' ? view.colors.yellow(' (writes)') : ''}${notes.length > 0 ? view.colors.dim(`, ${notes.join(', ')}`) : ''}`,
        view.width,
        '',
      ),
    ),
    ...(result ? wrap(view.colors.dim(`Result: ${result}`), view.width) : []),
  ];
}

const requestLine = ({ request, calls }: PendingEntry): string | undefined =>
  request && `${request.method} ${request.path}${calls ? `, ${calls} calls` : ''}`;

import type { Clause } from '../intent/intent.ts';
import type { Draft, Scope } from '../match/draft.ts';
import { isTemporal } from '../match/render.ts';
import type { Field } from '../tools/outputs.ts';

/** A draft whose rows are those that are meant, or why it cannot tell them. */
export function latestOf(draft: Draft, scope: Scope): { draft: Draft; clause: Clause } | { refused: string } {
  const { clause } = scope;
  const { top } = clause.picking;
  if (top === undefined || (top.many !== Number.POSITIVE_INFINITY && top.time)) return { draft, clause };
  if (top.recent !== true || top.many !== Number.POSITIVE_INFINITY) return unplaced([top.said]);
  const rest = { ...clause, picking: { ...clause.picking, top: undefined } };
  // "The latest sales of Q4 2023" are those of Q4 2023.
  if ([...draft.used].some(({ kind }) => kind === 'period' || kind === 'moment')) return { draft, clause: rest };
  const fields = draft.goal.operation.outline.rows!.fields;
  const date = dateOf(fields);
  if (date === undefined) return unplaced(['latest']);
  return { draft: { ...draft, newest: { date: date.path, period: periodOf(fields) } }, clause: rest };
}

export const unplaced = (words: readonly string[]) => ({
  refused: `these words could not be placed: ${words.map((word) => `"${word}"`).join(', ')}. Say it in other words`,
});

/** The day that a row is about: of itself, else of its making, else the only one that there is. */
function dateOf(fields: readonly Field[]): Field | undefined {
  const dates = fields.filter(({ shape, names }) => shape.type === 'string' && isTemporal(shape, names));
  return (
    dates.find(({ name }) =>
      /^(?:date|day|time|timestamp)$|placed|sold|order|invoice|issue|book|occur|post|paid/i.test(name),
    ) ??
    dates.find(({ name }) => /creat/i.test(name)) ??
    (dates.length === 1 ? dates[0] : undefined)
  );
}

/** Fields that say which period a row is of: year and quarter, or year and month. */
function periodOf(fields: readonly Field[]): readonly (readonly string[])[] {
  const at = (name: RegExp) => fields.find((field) => field.path.length === 1 && name.test(field.name))?.path;
  const [year, part] = [at(/^year$/i), at(/^quarter$/i) ?? at(/^month$/i)];
  return year === undefined || part === undefined ? [] : [part, year];
}

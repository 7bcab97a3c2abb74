// The rows of a draft's goal as JSONata: every page, sifted by the conditions that the service could not check.
import type { Draft } from '../match/draft.ts';
import { join, output, path } from './jsonata.ts';
import { isPaged, withPages } from './pages.ts';

type Newest = NonNullable<Draft['newest']>;

/** Rows of the goal; its output when it lists nothing. */
export function rowsOf({ goal, conditions, newest }: Pick<Draft, 'goal' | 'conditions' | 'newest'>): string {
  const { rows } = goal.operation.outline;
  if (rows === undefined) return output(goal.id);
  const all = goal.all ?? join(output(goal.id), rows.path);
  const kept = sifted(all, conditions);
  return newest === undefined ? kept : newestOf(kept, newest);
}

/** Rows under conditions: predicates, and functions of all rows behind `~>`. */
export const sifted = (rows: string, conditions: readonly string[]): string =>
  conditions.reduce((list, one) => (one.startsWith('~>') ? `([${list}] ${one})` : `${list}[${one}]`), rows);

/** The period of a row as people write it. */
const periodOf = ({ date, period }: Newest, row: string) =>
  period.length > 0
    ? period.map((part) => `$string(${row}${path(part)})`).join(' & " " & ')
    : `$substring($string(${row}${path(date)}), 0, 7)`;

/** Rows of the period that the newest of them is of. */
function newestOf(rows: string, newest: Newest): string {
  const latest = `$max($v.${path(newest.date)}[$type($) = "string"].$toMillis($))`;
  const groups = `$g := $l{${periodOf(newest, '')}: [$]}; $m := $each($g, function($v, $k) {{"key": $k, "newest": ${latest}}})`;
  return `($l := [${rows}]; $count($l) = 0 ? [] : (${groups}; $t := $max($m.newest); $lookup($g, $m[newest = $t][0].key)))`;
}

/** The period of the newest rows. */
export const newestPeriod = (newest: Newest, rows: string) => periodOf(newest, `${rows}[0].`);

/** Whether a draft has all rows before it: they come on one page, or every page is read. */
export const seesAll = ({ goal }: Draft): boolean => goal.all !== undefined || !isPaged(goal);

/** Reads the pages after the first, too, where there is a way to them. */
export function addPages(draft: Draft): Draft {
  const goal = withPages(draft.goal) ?? draft.goal;
  return { ...draft, goal, steps: draft.steps.map((step) => (step === draft.goal ? goal : step)) };
}
